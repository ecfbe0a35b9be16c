"""What models tell of a picture, through the same seam as in a service."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator

import numpy as np
import pytest

from firstframe.adapters.blocking import LoopInference
from firstframe.adapters.embedded import EmbeddedInference
from firstframe.core.errors import Cancelled
from firstframe.core.media import Rgb8
from firstframe.imagegen.mattes import CUT, FACES, MATTING, Mattes
from support.picture_packs import install_faces, install_matting

DIGESTS = {MATTING: "a" * 64, FACES: "sha256:" + "b" * 64, "sdxl": "c" * 64}


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LoopInference]:
    folder = tmp_path_factory.mktemp("packs")
    served = [model for pack in (install_matting(folder), install_faces(folder)) for model in pack.served()]
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    inference = EmbeddedInference(served, threads=1)
    yield LoopInference(inference, loop, 30)
    asyncio.run_coroutine_threadsafe(inference.close(), loop).result(20)
    loop.call_soon_threadsafe(loop.stop)
    thread.join()
    loop.close()


def red_on_blue(width: int = 400, height: int = 200) -> Rgb8:
    picture = np.full((height, width, 3), (20, 30, 200), np.uint8)
    picture[height // 4 : height // 2, width // 2 : width * 3 // 4] = (210, 40, 30)
    return picture


def test_the_matte_is_over_the_whole_picture_stretched(models: LoopInference) -> None:
    matte = Mattes(models, DIGESTS).matte(red_on_blue())
    assert matte is not None
    assert matte.shape == (1024, 1024)
    assert matte[260:508, 516:764].min() > 0.99
    outside = matte.copy()
    outside[250:518, 506:774] = 0
    assert outside.max() < 0.01


def test_a_face_comes_in_pixels_of_the_picture(models: LoopInference) -> None:
    found = Mattes(models, DIGESTS).faces(red_on_blue(300, 300))
    assert found is not None
    (face,) = found
    assert (face.left + face.right) / 2 == pytest.approx(300 * 8.5 / 16, abs=1)
    assert face.right - face.left == pytest.approx(300 * 32 / 128, abs=0.5)
    assert Mattes(models, DIGESTS).faces(np.zeros((300, 300, 3), np.uint8)) == ()
    blue = np.full((300, 300, 3), (20, 30, 200), np.uint8)
    assert Mattes(models, DIGESTS).faces(blue) == (), "the mesh does not confirm it"


def test_without_packs_nothing_is_told(models: LoopInference) -> None:
    for nobody in (Mattes(), Mattes(models), Mattes(models, {"sdxl": "c" * 64}), Mattes(None, DIGESTS)):
        assert nobody.version == ""
        assert nobody.models == frozenset()
        assert nobody.matte(red_on_blue()) is None
        assert nobody.faces(red_on_blue()) is None


def test_each_pack_stands_for_itself(models: LoopInference) -> None:
    cutter, looker = (Mattes(models, {name: DIGESTS[name]}) for name in (MATTING, FACES))
    assert cutter.faces(red_on_blue()) is None
    assert looker.matte(red_on_blue()) is None
    assert (
        cutter.models | looker.models
        == Mattes(models, DIGESTS).models
        == {"isnet-matting", "face-landmarks-detector", "face-landmarks-mesh"}
    )


def test_the_version_changes_with_the_weights() -> None:
    models = object()
    version = Mattes(models, DIGESTS).version  # type: ignore[arg-type] - never asked
    assert version == f"isnet-matting@{'a' * 12}+face-landmarks@{'b' * 12}+cut-{CUT}"
    other = Mattes(models, DIGESTS | {MATTING: "d" * 64}).version  # type: ignore[arg-type]
    assert other != version


@pytest.mark.parametrize("ask", ["matte", "faces"])
def test_a_run_ends_when_nobody_waits(models: LoopInference, ask: str) -> None:
    def check() -> None:
        raise Cancelled("gone")

    slow = Mattes(_Slow(models), DIGESTS)  # type: ignore[arg-type]
    with pytest.raises(Cancelled, match="gone"):
        getattr(slow, ask)(red_on_blue(), check=check)


class _Slow:
    """The models, asked whether anybody waits before they run: a tiny graph is done before the first poll."""

    def __init__(self, models: LoopInference) -> None:
        self._models = models

    def infer(self, model: str, inputs: object, *, check: object = None) -> object:
        assert callable(check)
        check()
        return self._models.infer(model, inputs)  # type: ignore[arg-type]
