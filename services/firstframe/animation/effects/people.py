"""Who is in a hero: asks the models of the packs that are mounted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from firstframe.core.errors import InvalidInput, PreconditionFailed
from firstframe.core.media import PixelRect, Rgb8
from firstframe.core.models import weights_version
from firstframe.imaging.face_mesh import FaceMesh, answered, look_at_faces
from firstframe.ports.inference import BlockingInference

FACES = "face-landmarks"
POSE = "pose"
PACKS = (FACES, POSE)
"""Packs that effects ask about heroes."""
FRONTAL_DEG = 32.0
"""Turn of a face up to which both of its eyes are drawn."""
_RIVAL = 0.55
"""Size of a second face, in that of the largest, from which nobody can tell which one is meant."""
_LEAST_PX = 40.0
"""Width of a face that has enough pixels to be moved."""
_FIELD = {"field": "hero"}


class People:
    """Finds people in heroes; for work in threads.

    Args:
        models: Runs the models; None where a server has none.
        digests: Digest of the weights by pack, of the packs that `models` has.
    """

    def __init__(self, models: BlockingInference | None = None, digests: Mapping[str, str] | None = None) -> None:
        known = digests if models is not None and digests else {}
        self._models = models
        self._digests = {name: known[name] for name in PACKS if name in known}

    @property
    def version(self) -> str:
        """What is asked, for the content key: `pack@digest` of each."""
        return weights_version(self._digests)

    def faces(self, picture: Rgb8) -> tuple[FaceMesh, ...]:
        """Faces and their meshes, the largest first.

        Raises:
            PreconditionFailed: `EFFECT_MODELS_MISSING`.
            FirstframeError: See `firstframe.ports.inference.Inference`.
        """
        models = self.models(FACES)
        return answered(look_at_faces(picture), models.infer)

    def models(self, pack: str) -> BlockingInference:
        """Who runs the models of a pack.

        Raises:
            PreconditionFailed: `EFFECT_MODELS_MISSING`.
        """
        if self._models is None or pack not in self._digests:
            text = (
                f"effects on people need the pack {pack}; install it and name it in FIRSTFRAME_ANIMATION_MODELS__PACKS"
            )
            raise PreconditionFailed(text, reason="EFFECT_MODELS_MISSING", metadata={"pack": pack})
        return self._models


def one_face(faces: Sequence[FaceMesh], subject: PixelRect | None) -> FaceMesh:
    """The face that is meant: the largest, unless another one rivals it and the hero's subject does not tell them apart.

    Raises:
        InvalidInput: `EFFECT_NO_FACE`, `EFFECT_FACES` or `EFFECT_PROFILE`.
    """
    if not faces:
        text = "no face is found in the hero; use a photograph whose face is seen from the front, or crop it closer"
        raise InvalidInput(text, reason="EFFECT_NO_FACE", metadata=_FIELD)
    rivals = [face for face in faces if face.width >= _RIVAL * faces[0].width]
    meant = [face for face in rivals if subject is not None and _within(face, subject)]
    if len(rivals) > 1 and len(meant) != 1:
        text = f"{len(rivals)} faces of like size are in the hero, and heritage moves one"
        fix = "crop the photograph to one of them, or point at one with `focus`"
        raise InvalidInput(f"{text}; {fix}", reason="EFFECT_FACES", metadata=_FIELD)
    return checked(meant[0] if len(rivals) > 1 else faces[0])


def checked(face: FaceMesh) -> FaceMesh:
    """The face, if it can be moved.

    Raises:
        InvalidInput: `EFFECT_PROFILE` or `EFFECT_FACE_SMALL`.
    """
    if abs(face.yaw_deg) > FRONTAL_DEG:
        text = f"the face is turned by {abs(face.yaw_deg):.0f}°, so that one side of it is hidden"
        fix = f"use a face that is turned by at most {FRONTAL_DEG:.0f}°"
        raise InvalidInput(f"{text}; {fix}", reason="EFFECT_PROFILE", metadata=_FIELD)
    if face.width < _LEAST_PX:
        text = f"the face is {face.width:.0f} pixels wide; crop closer, or use a larger scan: {_LEAST_PX:.0f} pixels at least"
        raise InvalidInput(text, reason="EFFECT_FACE_SMALL", metadata=_FIELD)
    return face


def _within(face: FaceMesh, subject: PixelRect) -> bool:
    x, y = face.points[:, :2].mean(axis=0)
    return bool(subject.x <= x < subject.right and subject.y <= y < subject.bottom)
