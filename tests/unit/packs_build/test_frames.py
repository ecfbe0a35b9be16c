from __future__ import annotations

import pytest
from pydantic import ValidationError

from firstframe.packs.frames import parse_frame_rule
from firstframe.packs.spec import Native


@pytest.mark.parametrize(
    ("rule", "allowed", "refused"),
    [("4k+1", (1, 5, 81, 121), (0, 4, 80, -3)), ("16k+1", (49, 81, 161), (50, 82)), ("14,25", (14, 25), (1, 15, 24))],
)
def test_rules_allow(rule: str, allowed: tuple[int, ...], refused: tuple[int, ...]) -> None:
    found = parse_frame_rule(rule)
    assert all(map(found.allows, allowed))
    assert not any(map(found.allows, refused))


@pytest.mark.parametrize("rule", ["", "4k", "k+1", "4k-1", "0k+1", "14,", "14, 25", "0"])
def test_anything_else_is_refused(rule: str) -> None:
    with pytest.raises(ValueError, match="write 4k\\+1"):
        parse_frame_rule(rule)


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"sizes": {"16:9": (1280, 720)}, "multiple_of": 32}, "16:9: 1280x720 is no multiple of 32"),
        ({"draft_sizes": {"1:1": (0, 64)}}, "1:1: 0x64"),
        ({"frames": "4k+1", "default_frames": 80, "max_frames": 81, "fps": 16}, "default_frames: 80 frames are not 4k"),
        ({"frames": "4k+1", "default_frames": 81, "max_frames": 82, "fps": 16}, "max_frames: 82"),
        ({"frames": "4k+1", "default_frames": 85, "max_frames": 81, "fps": 16}, "up to max_frames"),
        ({"frames": "4k+1", "default_frames": 81, "max_frames": 81}, "needs fps"),
        ({"frames": "every second"}, "no frame rule"),
    ],
)
def test_packs_that_break_their_own_rules_are_refused(wrong: dict[str, object], message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        Native.model_validate(wrong)
