"""From plates to a hero: exposure, tone, dither, composite."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from firstframe.core.media import Finding, HeroPicture, LayerImage, LayerPictures, LayerRole, Rgba8
from firstframe.imagegen.engines.plates import Plate
from firstframe.render import layers
from firstframe.render.passes import Geometry
from firstframe.render.regions import mask_rect
from firstframe.sets.design import SetDesign
from firstframe.sets.framing import bleed_px
from firstframe.sets.requests import SetRequest

Floats = NDArray[np.float32]


def finish(
    request: SetRequest,
    design: SetDesign,
    plates: Sequence[Plate],
    seen: Geometry,
    *,
    confidence: float,
    details: dict[str, str],
    findings: tuple[Finding, ...] = (),
) -> HeroPicture:
    """Makes the hero of its plates; the picture is by definition the composite of the layers.

    Args:
        request: What was asked for.
        design: The set.
        plates: From far to near.
        seen: Depth and objects of the hero.
        confidence: How far the layers can be trusted, 0 to 1.
        details: How the renderer ran.
        findings: What is to be told about the hero.
    """
    bleed = bleed_px(request.size)
    exposure = exposure_of(plates[0].colour, design)
    rng = np.random.default_rng([request.seed, 2])
    images = tuple(
        LayerImage(plate.role, _quantised(plate, exposure, rng), design.depths[plate.role]) for plate in plates
    )
    frame = np.s_[bleed : bleed + request.size.height, bleed : bleed + request.size.width]
    matte = np.ascontiguousarray(_matte(plates)[frame])
    return HeroPicture(
        image=layers.composite([image.rgba for image in images], bleed),
        layers=LayerPictures(images, bleed, design.camera.horizontal_fov_deg, confidence),
        inverse_depth=np.rint(seen.inverse_depth / max(float(seen.inverse_depth.max()), 1e-9) * 65535).astype(
            np.uint16
        ),
        matte=matte,
        subject=mask_rect(matte),
        findings=(*design.findings, *findings),
        details=design.details | details,
        objects=seen.objects,
        object_names=tuple(item.name for item in design.items),
    )


def _matte(plates: Sequence[Plate]) -> NDArray[np.uint8]:
    at = next(index for index, plate in enumerate(plates) if plate.role is LayerRole.SUBJECT)
    seen = plates[at].product
    for nearer in plates[at + 1 :]:
        seen = seen * (1 - nearer.alpha)
    levels: NDArray[np.uint8] = np.rint(seen.clip(0, 1) * 255).astype(np.uint8)
    return levels


def exposure_of(background: Floats, design: SetDesign) -> Floats:
    """What linear light is multiplied with, so that the background's mean gets the brightness that the set wants.

    Returns:
        For red, green and blue, shape (3,).
    """
    balance = np.array(design.balance, np.float32)
    mean = float((background * balance @ layers.BT709).mean())
    return np.asarray(balance * layers.decode_value(design.key) / max(mean, 1e-6), np.float32)


def _grain(plate: Plate) -> Floats | float:
    """How much of the set's grain a plate gets: its product what it lacks, the rest of it all."""
    if plate.lacking >= 1:
        return 1.0
    product = np.clip(plate.product / np.maximum(plate.alpha, 1e-4), 0, 1)
    return np.asarray(1 - (1 - plate.lacking) * product, np.float32)


def _quantised(plate: Plate, exposure: Floats, rng: np.random.Generator) -> Rgba8:
    alpha = np.where(plate.alpha < 0.004, 0, np.where(plate.alpha > 0.996, 1, plate.alpha)).astype(np.float32)
    colour = layers.dithered(layers.grained(layers.tone(plate.colour * exposure), rng, _grain(plate)), rng)
    return np.concatenate([colour, layers.dithered(alpha[..., None], rng)], axis=-1)
