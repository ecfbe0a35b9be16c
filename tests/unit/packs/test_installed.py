"""What is part of the content key of whatever is made with a pack."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from firstframe.packs.catalogue import CHECKOUT, read_catalogue
from firstframe.packs.installed import InstalledPack
from firstframe.packs.spec import Pack

LTX = next(pack for pack in read_catalogue(CHECKOUT) if pack.pack == "ltx-video")
assert LTX.pipeline is not None
WEIGHTS = {"transformer/weights.safetensors": "0" * 64}


def version(pack: Pack, files: dict[str, str]) -> str:
    return InstalledPack(pack, Path(), files).version


def said(**changes: Any) -> Pack:
    """The pack with another pipeline."""
    assert LTX.pipeline is not None
    return LTX.model_copy(update={"pipeline": LTX.pipeline.model_copy(update=changes)})


def test_a_version_names_pack_and_weights_and_is_the_same_again() -> None:
    found = version(LTX, WEIGHTS)
    assert found == version(LTX.model_copy(deep=True), dict(WEIGHTS))
    assert found.startswith("ltx-video-")
    assert found.endswith(InstalledPack(LTX, Path(), WEIGHTS).digest[:16])


@pytest.mark.parametrize(
    "changes", [{"guidance": 4.0}, {"steps": 9}, {"arguments": {"frame_rate": 24}}, {"last_frame": False}]
)
def test_what_a_site_says_otherwise_of_a_pipeline_is_another_version(changes: dict[str, Any]) -> None:
    assert version(said(**changes), WEIGHTS) != version(LTX, WEIGHTS)


def test_other_weights_are_another_version_and_other_notes_are_not() -> None:
    assert version(LTX, {"transformer/weights.safetensors": "1" * 64}) != version(LTX, WEIGHTS)
    assert version(LTX.model_copy(update={"purpose": "another sentence"}), WEIGHTS) == version(LTX, WEIGHTS)
