"""Open Image Denoise over arrays."""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import NDArray

from firstframe.core.errors import Internal
from firstframe.render.kinds import Plugin

Floats = NDArray[np.float32]


def denoise(colour: Floats, albedo: Floats, normal: Floats, *, blurred: bool) -> Floats:
    """Linear light without its noise, guided by albedo and normals; all of shape (h, w, 3).

    Args:
        colour: Linear light.
        albedo: Share of light that the surface scatters, 0 to 1.
        normal: Unit length, or less where surfaces meet.
        blurred: Whether it is out of focus: then the guides are noisy too, and lose their noise first.

    Raises:
        Internal: The library reported a fault.
    """
    if not blurred:
        return _run("color", {"color": colour, "albedo": np.clip(albedo, 0, 1), "normal": normal}, hdr=True)
    clean = {"albedo": denoise_albedo(albedo), "normal": _run("normal", {"normal": normal})}
    return _run("color", {"color": colour, **clean}, hdr=True, cleanAux=True)


def denoise_albedo(albedo: Floats) -> Floats:
    """Albedo without its noise, shape (h, w, 3): of few samples its edges are ragged where they are out of focus."""
    return _run("albedo", {"albedo": np.clip(albedo, 0, 1)})


def denoise_masks(masks: Floats) -> Floats:
    """Up to three masks of 0 to 1 without their noise, shape (h, w, 3)."""
    return np.clip(_run("color", {"color": np.clip(masks, 0, 1)}, hdr=False), 0, 1)


@cache
def _device() -> Plugin:
    import pyoidn

    device = pyoidn.Device()
    device.commit()
    return device


def _run(like: str, images: dict[str, Floats], **flags: bool) -> Floats:
    import pyoidn

    held = {name: np.ascontiguousarray(image, np.float32) for name, image in images.items()}
    output = np.empty_like(held[like])
    with pyoidn.Filter(_device()) as network:
        for name, image in {**held, "output": output}.items():
            network.set_image(name, image, pyoidn.OIDN_FORMAT_FLOAT3)
        for name, flag in flags.items():
            network.set_bool(name, flag)
        network.commit()
        network.execute()
    if fault := _device().get_error():
        raise Internal(f"the denoiser failed: {fault}")
    return output
