"""Two real portraits become one hero over the wire, with the real networks."""

from __future__ import annotations

import json
import os
from pathlib import Path

import cv2
import numpy as np
import pytest
from skimage import data

from firstframe.api.imagegen.v1 import imagegen_pb2, imagegen_pb2_grpc
from firstframe.api.media.v1 import artifact_pb2, picture_pb2
from firstframe.cli.models_origins import LiveOrigins
from firstframe.core.errors import Unavailable
from firstframe.imagegen.mattes import PACKS
from firstframe.packs.catalogue import CHECKOUT, read_catalogue
from firstframe.packs.installed import InstalledPack, ModelHome
from firstframe.packs.pull import Puller
from firstframe.runtime.client import connect
from support.pack_files import Notes
from support.stage_process import StageProcess

KEPT = CHECKOUT.parents[1] / "build" / "models"
SIDE = 320

pytestmark = pytest.mark.timeout(600)


def pulled(name: str) -> InstalledPack:
    home = ModelHome(Path(os.environ.get("FIRSTFRAME_MODELS") or KEPT).absolute())
    try:
        return Puller(home, LiveOrigins(), Notes()).pull(read_catalogue(CHECKOUT).get(name))
    except Unavailable as error:
        pytest.skip(error.message)


def stored(service: StageProcess, picture: np.ndarray) -> artifact_pb2.ArtifactRef:
    coded = cv2.imencode(".png", cv2.cvtColor(picture, cv2.COLOR_RGB2BGR))[1].tobytes()
    blob = service.store.put_bytes(coded, "image/png")
    return artifact_pb2.ArtifactRef(digest=blob.digest, media_type="image/png", size_bytes=blob.size_bytes)


def pixels(service: StageProcess, reference: artifact_pb2.ArtifactRef) -> np.ndarray:
    coded = np.frombuffer(service.store.get_bytes(reference.digest, max_bytes=1 << 26), np.uint8)
    return np.asarray(cv2.imdecode(coded, cv2.IMREAD_UNCHANGED))


async def test_two_portraits_become_a_hero_of_two_people(tmp_path: Path) -> None:
    homes = {pulled(name).folder.parents[1] for name in PACKS}
    settings = {"MODELS__PACKS": json.dumps(PACKS), "MODELS__HOME": str(homes.pop()), "MODELS__PRELOAD": "false"}
    astronaut = np.ascontiguousarray(data.astronaut())
    with StageProcess("imagegen", tmp_path, **settings) as service:
        photograph = imagegen_pb2.Photograph(
            image=stored(service, astronaut), partner=stored(service, np.ascontiguousarray(astronaut[:, ::-1]))
        )
        size = picture_pb2.PixelSize(width_px=SIDE, height_px=SIDE)
        request = imagegen_pb2.GenerateHeroRequest(size=size, seed=4, photograph=photograph)
        async with connect(service.address) as channel:
            stub = imagegen_pb2_grpc.ImageGenServiceStub(channel)
            result = [event async for event in stub.GenerateHero(request, timeout=300)][-1].result
        hero = result.hero
        covers = [pixels(service, layer.image)[..., 3] for layer in hero.layers.layers]
        assert pixels(service, hero.image).shape == (SIDE, SIDE, 3)
    roles = [layer.role for layer in hero.layers.layers]
    assert roles == [
        picture_pb2.LAYER_ROLE_BACKGROUND,
        picture_pb2.LAYER_ROLE_SUBJECT,
        picture_pb2.LAYER_ROLE_SUBJECT,
    ]
    row = hero.layers.bleed_px + SIDE // 2 - 20
    left, right = (np.flatnonzero(cover[row] > 127).mean() for cover in covers[1:])
    assert left < right
    assert result.provenance.details["people"] == "2"
