"""The ends of clips, and how well two of them join."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

import cv2
import numpy as np

from firstframe.core.media import PixelSize
from firstframe.core.motion import Air
from firstframe.core.references import PictureReference
from firstframe.core.verdict import Judged
from firstframe.heroes.reading import read_png
from firstframe.imaging import png
from firstframe.imaging.drift.ends import CORNERS, End
from firstframe.imaging.drift.seam import seam_measures
from firstframe.ports.blobstore import BlobStore, StoredArtifact

ENGINE = "drift"
"""Named as what measured."""


@dataclass(frozen=True, slots=True)
class EndPlan:
    """One end of a clip, as a request has it."""

    frame: PictureReference
    size: PixelSize
    speed: tuple[float, ...]
    """Of each point of the background to the right and downwards, per cent of the longer side per second."""


@dataclass(frozen=True, slots=True)
class SeamPlan:
    """A request, decoded."""

    end: EndPlan
    begin: EndPlan
    frame_rate: Fraction
    airs: tuple[Air, ...]
    exact: bool
    """Whether the engine holds its poses."""


@dataclass(frozen=True, slots=True)
class KeptEnd:
    """One end of a clip whose frame is in the store."""

    frame: StoredArtifact
    size: PixelSize
    speed: tuple[float, ...]


def measure_seam(plan: SeamPlan, store: BlobStore) -> tuple[Judged, ...]:
    """Measures how well two clips join.

    Raises:
        InvalidInput: A frame is not the PNG that the request says it is. Else raises as `BlobStore.get_bytes`.
    """
    end, begin = _read(plan.end, store), _read(plan.begin, store)
    return seam_measures(end, begin, float(plan.frame_rate), plan.airs, exact=plan.exact)


def _read(end: EndPlan, store: BlobStore) -> End:
    frame = read_png(store, end.frame, end.size, png.RGB).astype(np.float32)
    return End(frame, np.array(end.speed).reshape(CORNERS, 2))


def keep_end(end: End, store: BlobStore) -> KeptEnd:
    """Puts one end of a clip away for the seams to clips that it joins. Raises as `BlobStore.put_bytes`."""
    picture = cv2.cvtColor(np.rint(np.clip(end.frame, 0, 255)).astype(np.uint8), cv2.COLOR_RGB2BGR)
    height, width = picture.shape[:2]
    stored = store.put_bytes(cv2.imencode(".png", picture)[1].tobytes(), "image/png")
    return KeptEnd(stored, PixelSize(width, height), tuple(end.speed.ravel().tolist()))
