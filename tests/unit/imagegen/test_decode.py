from __future__ import annotations

import pytest

from firstframe.api.imagegen.v1 import imagegen_pb2
from firstframe.api.media.v1 import artifact_pb2, picture_pb2
from firstframe.core.errors import InvalidInput
from firstframe.core.formats import Quality
from firstframe.core.media import PixelSize
from firstframe.imagegen.decode import PhotographRequest, decode
from firstframe.imagegen.engines import SetRequest


def set_request(**changes: object) -> imagegen_pb2.GenerateHeroRequest:
    fields = {"scene": "studio", "palette": "amber-dusk", "copy": " AURORA ", "tagline": "serum"}
    outer = {key: value for key, value in changes.items() if key not in fields}
    fields |= {key: value for key, value in changes.items() if key in fields}
    size = picture_pb2.PixelSize(width_px=640, height_px=360)
    return imagegen_pb2.GenerateHeroRequest(**{"size": size, "seed": 7, **outer}, set=imagegen_pb2.ProductSet(**fields))


def photograph_request(**changes: object) -> imagegen_pb2.GenerateHeroRequest:
    image = artifact_pb2.ArtifactRef(digest="sha256:" + "0" * 64, media_type="image/jpeg", size_bytes=1000)
    return imagegen_pb2.GenerateHeroRequest(
        size=picture_pb2.PixelSize(width_px=640, height_px=360),
        photograph=imagegen_pb2.Photograph(**{"image": image, **changes}),
    )


def test_a_set_is_decoded() -> None:
    assert decode(set_request()) == SetRequest(
        "studio", "amber-dusk", "AURORA", "serum", PixelSize(640, 360), 7, Quality.STANDARD
    )
    assert decode(set_request(quality=imagegen_pb2.QUALITY_DRAFT)).quality is Quality.DRAFT


def test_a_photograph_is_decoded() -> None:
    plan = decode(photograph_request(focus=imagegen_pb2.FocusPoint(x=0.25, y=1.0)))
    assert isinstance(plan, PhotographRequest)
    assert plan.focus == (0.25, 1.0)
    assert plan.reframe.name == "CROP"
    assert decode(photograph_request()).focus is None
    assert decode(photograph_request(reframe=imagegen_pb2.REFRAME_EXTEND)).reframe.name == "EXTEND"


def size(width: int, height: int) -> picture_pb2.PixelSize:
    return picture_pb2.PixelSize(width_px=width, height_px=height)


@pytest.mark.parametrize(
    ("request_", "field", "hint"),
    [
        (set_request(engine="diffusers"), "engine", "use previz"),
        (set_request(size=size(641, 360)), "size.width_px", "even"),
        (set_request(size=size(640, 361)), "size.height_px", "even"),
        (set_request(size=size(8, 8)), "size.width_px", "16"),
        (set_request(size=size(1000, 400)), "size", "16:9"),
        (set_request(seed=2**32), "seed", "4294967295"),
        (set_request(quality=9), "quality", "QUALITY_DRAFT"),
        (set_request(scene="beach"), "set.scene", "studio"),
        (set_request(palette="mauve"), "set.palette", "amber-dusk"),
        (set_request(copy=""), "set.copy", "words"),
        (set_request(copy="x" * 25), "set.copy", "24"),
        (set_request(tagline="x" * 41), "set.tagline", "40"),
        (imagegen_pb2.GenerateHeroRequest(size=size(640, 360)), "source", "photograph"),
        (photograph_request(image=artifact_pb2.ArtifactRef(digest="x")), "photograph.image.digest", "sha256"),
        (
            photograph_request(image=artifact_pb2.ArtifactRef(digest="sha256:" + "0" * 64, size_bytes=1 << 40)),
            "photograph.image.size_bytes",
            "length",
        ),
        (photograph_request(focus=imagegen_pb2.FocusPoint(x=1.5, y=0)), "photograph.focus.x", "0 to 1"),
        (photograph_request(focus=imagegen_pb2.FocusPoint(x=0, y=float("nan"))), "photograph.focus.y", "0 to 1"),
        (photograph_request(reframe=7), "photograph.reframe", "REFRAME_CROP"),
    ],
)
def test_what_cannot_work_is_refused(request_: imagegen_pb2.GenerateHeroRequest, field: str, hint: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        decode(request_)
    assert caught.value.metadata["field"] == field
    assert hint in caught.value.message
