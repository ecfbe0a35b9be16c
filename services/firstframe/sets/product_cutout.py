"""A cut-out on a set."""

from __future__ import annotations

from dataclasses import dataclass, field

import cv2
import numpy as np

from firstframe.core.media import Finding, LayerRole, Severity
from firstframe.sets import cards
from firstframe.sets.cards import Card
from firstframe.sets.cutouts import Cutout
from firstframe.sets.design import Item
from firstframe.sets.products import Fit, Room, Standing, View, fitted
from firstframe.sets.shapes import Floats

_TEXELS = 2.0
"""Texels of the card for each pixel of the frame."""
_MOST_TEXELS = 4.0
"""Texels for each pixel of the cut-out a side: more would show nothing new."""
_ENLARGED = 1.25
"""Pixels of the hero for one of the cut-out's, from which it is seen."""


@dataclass(frozen=True, slots=True, eq=False)
class CutoutProduct:
    """A cut-out that can be put on a stand."""

    picture: Cutout
    height_m: float = 0.0
    """0 for one that fits."""

    def put(self, room: Room) -> Standing:
        """See `Product.put`."""
        rows, columns = self.picture.alpha.shape
        foot = cards.foot_of(self.picture.alpha) * columns
        fit = fitted(room, height=rows, foot=foot, reach=columns / 2, wanted_m=self.height_m)
        return _Standing(self.picture, room, fit)


@dataclass(frozen=True, slots=True, eq=False)
class _Standing:
    picture: Cutout
    room: Room
    fit: Fit
    width: float = field(init=False)
    height: float = field(init=False)

    def __post_init__(self) -> None:
        rows, columns = self.picture.alpha.shape
        object.__setattr__(self, "height", rows * self.fit.scale)
        object.__setattr__(self, "width", columns * self.fit.scale)

    @property
    def front(self) -> float:
        return self.width * cards.depth_of(self.picture.alpha)

    @property
    def points(self) -> Floats:
        left, foot = -self.width / 2, self.room.foot
        corners = [(x, y, self.front) for x in (left, -left) for y in (foot, foot + self.height)]
        return np.array(corners)

    @property
    def findings(self) -> tuple[Finding, ...]:
        return (*self.fit.findings, *self.picture.findings)

    def items(self, view: View) -> list[Item]:
        card = self.card(view)
        return [Item(cards.NAME, LayerRole.SUBJECT, card.mesh(), card.material(), True)]

    def card(self, view: View) -> Card:
        left, foot = -self.width / 2, self.room.foot
        colour, alpha = self.picture.colour, self.picture.alpha
        shown = view.px_per_m(self.front) * self.height
        share = min(_TEXELS * shown / alpha.shape[0], _MOST_TEXELS)
        size = max(round(alpha.shape[1] * share), 2), max(round(alpha.shape[0] * share), 2)
        # Enlarged by the renderer, between neighbours alone, an outline has a bead for each of its own pixels.
        way = cv2.INTER_AREA if share < 1 else cv2.INTER_CUBIC
        colour = np.asarray(cv2.resize(colour, size, interpolation=way), np.uint8)
        alpha = np.asarray(cv2.resize(alpha, size, interpolation=way).clip(0, 1), np.float32)
        return Card(
            left,
            foot,
            -left,
            foot + self.height,
            self.front,
            colour,
            alpha,
            cards.body(self.picture.alpha, left, foot, self.width, self.height),
            shown / self.picture.alpha.shape[0],
        )


def enlarged(card: Card) -> tuple[Finding, ...]:
    """What is to be told of a card that has fewer pixels than the hero shows of it."""
    if card.enlarged < _ENLARGED:
        return ()
    message = (
        f"The cut-out is shown {card.enlarged:.1f} times as large as it is, and is soft beside the set; "
        "use a larger picture of the product."
    )
    return (Finding(Severity.WARNING, "CUTOUT_ENLARGED", message),)
