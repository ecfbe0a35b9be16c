"""Heroes in a store, and what a request says of them."""

from __future__ import annotations

import cv2
import numpy as np

from firstframe.adapters.memory import MemoryStore
from firstframe.core.media import LayerRole, PixelSize
from firstframe.core.references import HeroReference, LayerReference, PictureReference

SIZE, BLEED = PixelSize(24, 16), 2
RNG = np.random.default_rng(3)


class Shelf:
    """A store with the pictures of a hero."""

    def __init__(self) -> None:
        self.store = MemoryStore()

    def put(self, picture: np.ndarray, field: str = "hero.image") -> PictureReference:
        data = cv2.imencode(".png", picture)[1].tobytes()
        return PictureReference(field, self.store.put_bytes(data, "image/png").digest, len(data))

    def layer(self, role: LayerRole, alpha: int, depth_m: float) -> LayerReference:
        rgba = RNG.integers(0, 256, (SIZE.height + 2 * BLEED, SIZE.width + 2 * BLEED, 4), np.uint8)
        rgba[..., 3] = alpha
        return LayerReference(role, self.put(rgba, "hero.layers.layers[0].image"), depth_m)

    def hero(self) -> HeroReference:
        return HeroReference(
            image=self.put(RNG.integers(0, 256, (SIZE.height, SIZE.width, 3), np.uint8)),
            size=SIZE,
            layers=(self.layer(LayerRole.BACKGROUND, 255, 3.0), self.layer(LayerRole.SUBJECT, 90, 1.0)),
            bleed_px=BLEED,
            horizontal_fov_deg=40.0,
            confidence=0.9,
            subject=None,
            matte=self.put(np.full((SIZE.height, SIZE.width), 9, np.uint8), "hero.matte"),
            inverse_depth=self.put(np.full((SIZE.height, SIZE.width), 40000, np.uint16), "hero.inverse_depth"),
            objects=self.put(np.full((SIZE.height, SIZE.width), 2, np.uint8), "hero.object_ids"),
            object_names=("floor", "label"),
            regions=(("water", self.put(np.full((SIZE.height, SIZE.width), 70, np.uint8), "hero.regions[0].mask")),),
        )
