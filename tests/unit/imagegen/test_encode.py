from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from firstframe.adapters.local_folder import LocalFolderStore
from firstframe.api.media.v1 import artifact_pb2
from firstframe.core.errors import Cancelled
from firstframe.core.media import Finding, HeroPicture, LayerImage, LayerPictures, LayerRole, PixelRect, Severity
from firstframe.imagegen.encode import png, store_hero


def hero() -> HeroPicture:
    rng = np.random.default_rng(1)
    stack = tuple(
        LayerImage(role, rng.integers(0, 256, (20, 24, 4), np.uint8), depth)
        for role, depth in ((LayerRole.BACKGROUND, 2.5), (LayerRole.SUBJECT, 1.25))
    )
    return HeroPicture(
        image=rng.integers(0, 256, (16, 20, 3), np.uint8),
        layers=LayerPictures(stack, 2, 30.0, 0.75),
        inverse_depth=rng.integers(0, 65536, (16, 20), np.uint16),
        matte=rng.integers(0, 256, (16, 20), np.uint8),
        subject=PixelRect(3, 4, 5, 6),
        findings=(Finding(Severity.FAILURE, "SUBJECT_CUT", "cut"),),
        objects=rng.integers(0, 3, (16, 20), np.uint8),
        object_names=("floor", "body"),
        regions={"water": rng.integers(0, 256, (16, 20), np.uint8), "sky": rng.integers(0, 256, (16, 20), np.uint8)},
    )


@pytest.mark.parametrize(("channels", "kind"), [(None, np.uint8), (None, np.uint16), (3, np.uint8), (4, np.uint8)])
def test_png_keeps_every_value_and_says_nothing_else(channels: int | None, kind: type) -> None:
    shape = (9, 7) if channels is None else (9, 7, channels)
    picture = np.random.default_rng(1).integers(0, np.iinfo(kind).max, shape, kind)
    image = Image.open(io.BytesIO(png(picture)))
    assert np.array_equal(np.asarray(image), picture)
    assert image.info == {}


def test_a_hero_is_stored_whole(tmp_path: Path) -> None:
    store, picture = LocalFolderStore(tmp_path), hero()
    message = store_hero(picture, store, lambda: None)

    def read(reference: artifact_pb2.ArtifactRef) -> np.ndarray:
        assert reference.media_type == "image/png"
        data = store.get_bytes(reference.digest, max_bytes=1 << 20)
        assert len(data) == reference.size_bytes
        return np.asarray(Image.open(io.BytesIO(data)))

    assert np.array_equal(read(message.image), picture.image)
    assert np.array_equal(read(message.inverse_depth), picture.inverse_depth)
    assert np.array_equal(read(message.matte), picture.matte)
    assert np.array_equal(read(message.object_ids), picture.objects)
    assert list(message.object_names) == ["floor", "body"]
    assert [region.name for region in message.regions] == ["water", "sky"]
    for region, mine in zip(message.regions, picture.regions.values(), strict=True):
        assert np.array_equal(read(region.mask), mine)
    for layer, mine in zip(message.layers.layers, picture.layers.layers, strict=True):
        assert np.array_equal(read(layer.image), mine.rgba)
        assert layer.depth_m == mine.depth_m
    assert [layer.role for layer in message.layers.layers] == [1, 3]
    assert (message.layers.bleed_px, message.layers.horizontal_fov_deg, message.layers.confidence) == (2, 30.0, 0.75)
    assert (message.subject.x_px, message.subject.height_px) == (3, 6)
    assert (message.findings[0].severity, message.findings[0].reason) == (3, "SUBJECT_CUT")
    assert (message.size.width_px, message.size.height_px) == (20, 16)


def test_storing_stops_when_nobody_wants_it(tmp_path: Path) -> None:
    def stop() -> None:
        raise Cancelled("gone")

    with pytest.raises(Cancelled):
        store_hero(hero(), LocalFolderStore(tmp_path), stop)
