"""What the installed packs tell the preflight: subjects and faces of real photographs, whole and cut."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from skimage import data

from firstframe.adapters.embedded import EmbeddedInference
from firstframe.cli.check_models import CheckModels
from firstframe.cli.models_origins import LiveOrigins
from firstframe.core.errors import Unavailable
from firstframe.core.media import PixelSize, Rgb8
from firstframe.core.motion import CameraMove, single
from firstframe.imaging.preflight.faces import Face
from firstframe.packs.catalogue import CHECKOUT, read_catalogue
from firstframe.packs.installed import InstalledPack, ModelHome
from firstframe.packs.pull import Puller
from firstframe.preflight.models import FACES, MATTING, find_faces, find_matte
from firstframe.preflight.plan import ShotPlan
from firstframe.preflight.run import examine
from firstframe.preflight.still import Faces, still_of_picture
from firstframe.preflight.verdict import Verdict
from support.pack_files import Notes

KEPT = CHECKOUT.parents[1] / "build" / "models"

pytestmark = pytest.mark.timeout(600)


@pytest.fixture(scope="module")
def pulled() -> Callable[[str], InstalledPack]:
    """Installs a pack, or says why not."""
    home = ModelHome(Path(os.environ.get("FIRSTFRAME_MODELS") or KEPT).absolute())

    def pull(name: str) -> InstalledPack:
        try:
            return Puller(home, LiveOrigins(), Notes()).pull(read_catalogue(CHECKOUT).get(name))
        except Unavailable as error:
            pytest.skip(error.message)

    return pull


def faces_in(picture: Rgb8, installed: InstalledPack) -> tuple[Face, ...]:
    async def run() -> tuple[Face, ...]:
        inference = EmbeddedInference(installed.served())
        try:
            return await find_faces(picture, inference)
        finally:
            await inference.close()

    return asyncio.run(run())


def verdict(picture: Rgb8, found: tuple[Face, ...]) -> Verdict:
    size = PixelSize(picture.shape[1], picture.shape[0])
    still = still_of_picture(picture, size, matte=np.ones((8, 8), np.float32))
    plan = ShotPlan("1:1", size, (), single(CameraMove.PUSH, 0.5))
    report = examine(replace(still, faces=Faces(found)), plan)
    return next(check.verdict for check in report.checks if check.name == "faces")


@pytest.mark.parametrize("pad", [0, 300])
def test_a_face_is_found_where_it_is_at_any_ratio(pad: int, pulled: Callable[[str], InstalledPack]) -> None:
    wide = np.pad(data.astronaut(), ((0, 0), (pad, 0), (0, 0)), mode="edge")
    (face,) = faces_in(wide, pulled(FACES))
    assert (face.left + face.right) / 2 == pytest.approx(pad + 222, abs=25)
    assert (face.top + face.bottom) / 2 == pytest.approx(120, abs=30)
    assert 60 < face.right - face.left < 150


def test_a_whole_face_passes_and_a_cut_one_does_not(pulled: Callable[[str], InstalledPack]) -> None:
    installed = pulled(FACES)
    whole = data.astronaut()[:420, 20:440]
    cut = np.ascontiguousarray(data.astronaut()[100:400, 70:370])
    assert verdict(whole, faces_in(whole, installed)) is Verdict.PASS
    assert verdict(cut, faces_in(cut, installed)) in (Verdict.FAIL, Verdict.WARN)


CUTS = {"top": (121, 512, 0, 512), "left": (0, 512, 215, 512), "right": (0, 512, 0, 233), "bottom": (0, 140, 0, 512)}


@pytest.mark.parametrize("side", CUTS)
def test_a_face_that_the_frame_cuts_by_two_fifths_is_found_there(
    side: str, pulled: Callable[[str], InstalledPack]
) -> None:
    top, bottom, left, right = CUTS[side]
    cut = np.ascontiguousarray(data.astronaut()[top:bottom, left:right])
    assert verdict(cut, faces_in(cut, pulled(FACES))) is Verdict.FAIL


def test_a_cup_has_no_face(pulled: Callable[[str], InstalledPack]) -> None:
    assert faces_in(data.coffee(), pulled(FACES)) == ()


def test_a_portrait_is_cut_out(pulled: Callable[[str], InstalledPack]) -> None:
    installed = pulled(MATTING)

    async def run() -> np.ndarray:
        inference = EmbeddedInference(installed.served())
        try:
            return await find_matte(data.astronaut(), inference)
        finally:
            await inference.close()

    matte = asyncio.run(run())
    assert matte[300, 450] > 0.95
    assert matte[:100, :300].max() < 0.05


def test_the_command_asks_what_is_installed(
    pulled: Callable[[str], InstalledPack], monkeypatch: pytest.MonkeyPatch
) -> None:
    home = pulled(FACES).folder.parents[1]
    pulled(MATTING)
    monkeypatch.setenv("FIRSTFRAME_MODELS", str(home))
    models = CheckModels(wanted=True)
    found, matte = models.faces(data.astronaut()), models.matte(data.astronaut())
    assert found.found is not None
    assert len(found.found) == 1
    assert matte is not None
    assert matte[300, 450] > 0.95
    assert CheckModels(wanted=False).matte(data.astronaut()) is None
    assert CheckModels(wanted=False).faces(data.astronaut()).found is None
