from __future__ import annotations

import pytest

from firstframe.core.motion import Air, Atmosphere, CameraMove, single
from firstframe.direction.compiler import compile_prompt
from firstframe.direction.keep_out import ALWAYS, keep_out


@pytest.mark.parametrize(
    ("prompt", "move", "first"),
    [
        ("push in, no zoom out, without snow", CameraMove.PUSH, ["pull back", "snow", "shaky camera"]),
        ("locked, no camera shake", CameraMove.LOCKED, ["camera movement", "zoom", "shaky camera"]),
        ("handheld", CameraMove.HANDHELD, []),
        ("", CameraMove.PAN_LEFT, ["shaky camera"]),
    ],
)
def test_what_is_forbidden_comes_first_then_what_the_camera_does_not_do(
    prompt: str, move: CameraMove, first: list[str]
) -> None:
    words = keep_out(compile_prompt(prompt), single(move, 0.5)).split(", ")
    assert [word for word in words if word not in ALWAYS and word != "handheld camera"] == first
    assert words[-len(ALWAYS) :] == list(ALWAYS)


def test_what_the_motion_does_is_not_kept_out_whatever_its_prompt_says() -> None:
    motion = single(CameraMove.PUSH, 0.5, Air(Atmosphere.SNOW))
    words = keep_out(compile_prompt("no push in, no snow, no rain"), motion)
    assert "push in" not in words
    assert "snow" not in words
    assert "rain" in words
