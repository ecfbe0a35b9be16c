"""What learned models tell of a picture: the subject's matte, faces. Optional; checks say when they were not asked."""

from __future__ import annotations

import cv2
import numpy as np

from firstframe.core.media import Rgb8
from firstframe.imaging.preflight.faces import Face, detector_input, distinct, faces_of, looks
from firstframe.ports.inference import Inference
from firstframe.preflight.still import Floats

MATTING = "isnet-matting"
FACES = "face-landmarks"
DETECTOR = "face-landmarks-detector"
_SIDE = 1024
_DEADLINE_S = 120.0


async def find_matte(picture: Rgb8, inference: Inference) -> Floats:
    """The subject by `isnet-matting`, 0 to 1, shape (1024, 1024): the picture stretched to a square."""
    way = cv2.INTER_AREA if max(picture.shape[:2]) > _SIDE else cv2.INTER_LINEAR
    square = np.asarray(cv2.resize(picture, (_SIDE, _SIDE), interpolation=way), np.float32)
    planes = np.ascontiguousarray(((square - 128) / 256).transpose(2, 0, 1)[None])
    answer = await inference.infer(MATTING, {"input": planes}, deadline_s=_DEADLINE_S)
    return np.asarray(np.clip(answer["output"][0, 0], 0, 1), np.float32)


async def find_faces(picture: Rgb8, inference: Inference) -> tuple[Face, ...]:
    """Faces by the detector of `face-landmarks`, the surest first."""
    found: list[Face] = []
    for look in looks(picture.shape[1], picture.shape[0]):
        answer = await inference.infer(DETECTOR, {"input": detector_input(picture, look)}, deadline_s=_DEADLINE_S)
        found += faces_of(answer["regressors"][0], answer["classificators"][0], look)
    return distinct(found)
