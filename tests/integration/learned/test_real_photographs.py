"""Real photographs through the real network: framed, cut out, taken apart, and put together again.

Packs are kept where `tests/integration/packs` keeps them.
"""

from __future__ import annotations

import asyncio
import functools
import os
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from skimage import data
from skimage.metrics import structural_similarity

from firstframe.adapters.blocking import LoopInference
from firstframe.adapters.embedded import EmbeddedInference
from firstframe.cli.models_origins import LiveOrigins
from firstframe.core.errors import Unavailable
from firstframe.core.media import HeroPicture, LayerRole, PixelRect, PixelSize, Rgb8
from firstframe.imagegen.mattes import FACES, MATTING, Mattes
from firstframe.imagegen.photo_subject import Found, find
from firstframe.imagegen.photograph import Known, hero_of
from firstframe.imagegen.reframe import Reframe
from firstframe.imaging.resample import shrunk
from firstframe.packs.catalogue import CHECKOUT, read_catalogue
from firstframe.packs.installed import InstalledPack, ModelHome
from firstframe.packs.pull import Puller
from firstframe.render.layers import composite
from firstframe.sets.cutouts import of_matte
from support.pack_files import Notes

KEPT = CHECKOUT.parents[1] / "build" / "models"
SIZES = {"16:9": PixelSize(640, 360), "9:16": PixelSize(360, 640), "1:1": PixelSize(480, 480)}

pytestmark = pytest.mark.timeout(600)


def pulled(name: str) -> InstalledPack:
    home = ModelHome(Path(os.environ.get("FIRSTFRAME_MODELS") or KEPT).absolute())
    try:
        return Puller(home, LiveOrigins(), Notes()).pull(read_catalogue(CHECKOUT).get(name))
    except Unavailable as error:
        pytest.skip(error.message)


@pytest.fixture(scope="module")
def mattes() -> Iterator[Mattes]:
    packs = [pulled(name) for name in (MATTING, FACES)]
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    inference = EmbeddedInference([model for pack in packs for model in pack.served()])
    yield Mattes(LoopInference(inference, loop, 300), {pack.pack.pack: pack.digest for pack in packs})
    asyncio.run_coroutine_threadsafe(inference.close(), loop).result(60)
    loop.call_soon_threadsafe(loop.stop)
    thread.join()
    loop.close()


PHOTOGRAPHS = {"portrait": data.astronaut, "food": data.coffee}


@pytest.fixture(scope="module")
def found(mattes: Mattes) -> Callable[[str], tuple[Rgb8, Known, Found]]:
    """A photograph and its subject; the network is asked once for each."""

    @functools.cache
    def look(name: str) -> tuple[Rgb8, Known, Found]:
        photo, known = np.asarray(PHOTOGRAPHS[name]()), Known(mattes=mattes)
        return photo, known, find(photo, known)

    return look


@pytest.fixture(scope="module")
def hero(found: Callable[[str], tuple[Rgb8, Known, Found]]) -> Callable[[str, str], HeroPicture]:
    """The hero of a photograph for a format."""

    @functools.cache
    def make(name: str, format_name: str) -> HeroPicture:
        photo, known, subject = found(name)
        return hero_of(photo, subject, size=SIZES[format_name], reframe=Reframe.CROP, known=known)

    return make


def original(photo: Rgb8, hero: HeroPicture) -> np.ndarray:
    """The photograph's own pixels in the place of the hero."""
    x, y, width, height = (int(number) for number in hero.details["crop"].split(","))
    whole = shrunk(photo, (x, y, x + width, y + height), hero.size)
    return np.rint(np.clip(whole, 0, 1) * 255).astype(np.uint8)


CASES = [("portrait", "9:16"), ("portrait", "16:9"), ("food", "16:9")]


@pytest.mark.parametrize(("name", "format_name"), CASES)
def test_the_subject_over_its_own_plate_is_the_photograph(
    name: str, format_name: str, found: Callable[..., Any], hero: Callable[..., HeroPicture]
) -> None:
    made = hero(name, format_name)
    layers = [layer.rgba for layer in made.layers.layers]
    assert [layer.role for layer in made.layers.layers] == [LayerRole.BACKGROUND, LayerRole.SUBJECT]
    again = composite(layers, made.layers.bleed_px)
    wanted = original(found(name)[0], made)
    _, likeness = structural_similarity(again, wanted, channel_axis=2, full=True)
    assert made.matte is not None
    edge = cv2.dilate(((made.matte > 5) & (made.matte < 250)).astype(np.uint8), np.ones((9, 9), np.uint8)) > 0
    assert likeness.mean(axis=2)[~edge].mean() >= 0.99
    assert likeness.mean() >= 0.98


@pytest.mark.parametrize(("name", "format_name"), CASES)
def test_plates_have_nothing_of_the_subject_and_no_seam(
    name: str, format_name: str, hero: Callable[..., HeroPicture]
) -> None:
    made = hero(name, format_name)
    assert float(made.details["plate_seam"]) < 1.5
    assert 0.2 < float(made.details["plate_texture"]) < 1.5
    bleed = made.layers.bleed_px
    plate = made.layers.layers[0].rgba[bleed : bleed + made.size.height, bleed : bleed + made.size.width, :3]
    assert made.matte is not None
    inside = cv2.erode((made.matte > 250).astype(np.uint8), np.ones((9, 9), np.uint8)) > 0
    off = np.abs(plate.astype(float) - made.image)[inside].mean()
    assert off > 25


def test_faces_stay_whole_in_every_format(found: Callable[..., Any], hero: Callable[..., HeroPicture]) -> None:
    (head,) = found("portrait")[2].faces
    for format_name in SIZES:
        x, y, width, height = (int(number) for number in hero("portrait", format_name).details["crop"].split(","))
        assert PixelRect(x, y, width, height).contains(head)
        reasons = {finding.reason for finding in hero("portrait", format_name).findings}
        assert "FACE_CUT" not in reasons
        assert "MATTE_GUESSED" not in reasons
        assert format_name == "1:1" or "REFRAMED" in reasons


def test_the_cup_is_found_and_the_table_is_not(hero: Callable[..., HeroPicture]) -> None:
    made = hero("food", "16:9")
    assert made.details["subject_by"] == "isnet-matting"
    assert made.layers.confidence > 0.7
    assert made.matte is not None
    middle = made.matte[made.size.height // 2, made.size.width // 2]
    assert middle > 250
    assert made.matte[:20, :20].max() < 5


@pytest.mark.models
def test_a_cup_is_cut_out_of_its_table(mattes: Mattes) -> None:
    """In one piece, with its saucer and spoon, and with a narrow edge; measured once and looked at."""
    photo = np.asarray(data.coffee())
    matte = mattes.matte(photo)
    assert matte is not None
    cut = of_matte(photo, matte, field="set.cutout.image")
    assert cut.findings == ()
    solid = (cut.alpha > 0.5).astype(np.uint8)
    assert cv2.connectedComponents(solid)[0] == 2
    assert solid.sum() / photo[..., 0].size == pytest.approx(0.474, abs=0.02)
    outline = max(cv2.findContours(solid, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)[0], key=len)
    soft = int(((cut.alpha > 0.05) & (cut.alpha < 0.95)).sum())
    assert soft / cv2.arcLength(outline, closed=True) < 3.5
