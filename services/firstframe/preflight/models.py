"""What learned models tell of a picture: the subject's matte, faces. Optional; checks say when they were not asked."""

from __future__ import annotations

from firstframe.core.media import Rgb8
from firstframe.imaging.learned_matte import INPUT, MATTING, OUTPUT, Floats, matte_of, matting_input
from firstframe.imaging.preflight.faces import Face, search
from firstframe.ports.inference import Inference

FACES = "face-landmarks"
_DEADLINE_S = 120.0


async def find_matte(picture: Rgb8, inference: Inference) -> Floats:
    """The subject by `isnet-matting`, 0 to 1, shape (1024, 1024): the picture stretched to a square."""
    answer = await inference.infer(MATTING, {INPUT: matting_input(picture)}, deadline_s=_DEADLINE_S)
    return matte_of(answer[OUTPUT])


async def find_faces(picture: Rgb8, inference: Inference) -> tuple[Face, ...]:
    """Faces by the models of `face-landmarks`, the surest first."""
    asking = search(picture)
    question = next(asking)
    while True:
        model, inputs = question
        try:
            question = asking.send(await inference.infer(model, inputs, deadline_s=_DEADLINE_S))
        except StopIteration as ended:
            faces: tuple[Face, ...] = ended.value
            return faces
