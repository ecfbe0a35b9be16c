"""What learned models tell of a picture: the subject's matte, faces. Optional; checks say when they were not asked."""

from __future__ import annotations

from firstframe.core.media import Rgb8
from firstframe.imaging.learned_matte import INPUT, MATTING, OUTPUT, Floats, matte_of, matting_input
from firstframe.imaging.preflight.faces import Face, detector_input, distinct, faces_of, looks
from firstframe.ports.inference import Inference

FACES = "face-landmarks"
DETECTOR = "face-landmarks-detector"
_DEADLINE_S = 120.0


async def find_matte(picture: Rgb8, inference: Inference) -> Floats:
    """The subject by `isnet-matting`, 0 to 1, shape (1024, 1024): the picture stretched to a square."""
    answer = await inference.infer(MATTING, {INPUT: matting_input(picture)}, deadline_s=_DEADLINE_S)
    return matte_of(answer[OUTPUT])


async def find_faces(picture: Rgb8, inference: Inference) -> tuple[Face, ...]:
    """Faces by the detector of `face-landmarks`, the surest first."""
    found: list[Face] = []
    for look in looks(picture.shape[1], picture.shape[0]):
        answer = await inference.infer(DETECTOR, {"input": detector_input(picture, look)}, deadline_s=_DEADLINE_S)
        found += faces_of(answer["regressors"][0], answer["classificators"][0], look)
    return distinct(found)
