"""Heroes without LLVM: the scalar renderer cannot look behind things, so layers are inferred from one picture.

The picture is rendered whole, with the subject's layer known exactly (every sample tells which shape it hit) and the
background behind it filled in from around it. Two layers, of less confidence than rendered ones.
"""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from firstframe.core.media import Finding, HeroPicture, LayerRole, PixelSize, Severity
from firstframe.imagegen.engines import Work
from firstframe.imagegen.engines.finish import finish
from firstframe.imagegen.engines.plates import Plate
from firstframe.render import denoise, layers
from firstframe.render.kinds import Renderer
from firstframe.render.llvm import MIN_VERSION, VARIABLE, searched
from firstframe.render.passes import Geometry
from firstframe.render.scene import LAYER_ORDER, LoadedSet
from firstframe.render.seeds import stream_seed
from firstframe.sets.cards import NAME as CARD
from firstframe.sets.cards import projected
from firstframe.sets.design import SetDesign
from firstframe.sets.framing import Camera, bleed_px
from firstframe.sets.requests import SetRequest

CONFIDENCE = 0.4
_FINER = 3

Floats = NDArray[np.float32]


def render(
    mi: Renderer,
    loaded: LoadedSet,
    design: SetDesign,
    request: SetRequest,
    work: Work,
    samples: int,
    max_depth: int,
    details: dict[str, str],
) -> HeroPicture:
    """Renders one hero with two inferred layers.

    Args:
        mi: The renderer, scalar variant active.
        loaded: The scene.
        design: What it was made of.
        request: What was asked for.
        work: Told the progress; asked whether to go on after each sample of all pixels.
        samples: Samples per pixel.
        max_depth: Longest light path in surfaces.
        details: How the renderer runs.
    """
    bleed = bleed_px(request.size)
    full = PixelSize(request.size.width + 2 * bleed, request.size.height + 2 * bleed)
    camera = design.camera.widened(bleed / request.size.width, bleed / request.size.height)
    colour = _picture(mi, loaded, camera, full, request.seed, work, samples, max_depth)
    work.check()
    subject, product, seen = _masks(mi, loaded, camera, full, request.seed)
    if design.card is not None:
        cover = projected(design.card, design.card.alpha, camera, full.width, full.height, alone=True)
        subject, product = np.maximum(subject, cover), np.maximum(product, cover)
    plates = [
        Plate(LayerRole.BACKGROUND, _behind(colour, subject), np.ones_like(subject), np.zeros_like(subject)),
        Plate(LayerRole.SUBJECT, layers.straight(colour * subject[..., None], subject), subject, product),
    ]
    frame = np.s_[bleed : bleed + request.size.height, bleed : bleed + request.size.width]
    work.progress("finishing", 0.92)
    return finish(
        request,
        design,
        plates,
        Geometry(seen.inverse_depth[frame], seen.objects[frame]),
        confidence=CONFIDENCE,
        details={**details, "samples": str(samples), "layers": "inferred"},
        findings=(_finding(),),
    )


def _picture(
    mi: Renderer,
    loaded: LoadedSet,
    camera: Camera,
    size: PixelSize,
    seed: int,
    work: Work,
    samples: int,
    max_depth: int,
) -> Floats:
    """Everything in one picture, linear light, without noise, shape (h, w, 3)."""
    sensor = mi.load_dict(_sensor(mi, camera, size, lens=True))
    light = {"type": "path", "max_depth": max_depth, "rr_depth": 5}
    integrator = mi.load_dict({"type": "aov", "aovs": "albedo:albedo,normal:sh_normal", "light": light})
    total = np.zeros((size.height, size.width, 9), np.float32)
    for sample in range(samples):
        work.check()
        picture = mi.render(loaded.scene, sensor=sensor, integrator=integrator, spp=1, seed=stream_seed(seed, sample))
        total += np.nan_to_num(np.array(picture, np.float32)[..., [0, 1, 2, -6, -5, -4, -3, -2, -1]])
        work.progress("rendering", 0.02 + 0.8 * (sample + 1) / samples)
    total /= samples
    return denoise.denoise(*(np.ascontiguousarray(total[..., at : at + 3]) for at in (0, 3, 6)), blurred=True)


def _masks(
    mi: Renderer, loaded: LoadedSet, camera: Camera, size: PixelSize, seed: int
) -> tuple[Floats, Floats, Geometry]:
    """How much of each pixel is the subject's layer, how much is the product, and where things are."""
    finer = PixelSize(size.width * _FINER, size.height * _FINER)
    sensor = mi.load_dict(_sensor(mi, camera, finer, lens=False))
    integrator = mi.load_dict({"type": "aov", "aovs": "at:position,shape:shape_index"})
    found = np.array(mi.render(loaded.scene, sensor=sensor, integrator=integrator, spp=1, seed=seed), np.float32)
    number = np.rint(found[..., -1]).astype(np.int64) - 1  # the plugin counts from 1; 0 is nothing
    names = [shape.id() for shape in loaded.scene.shapes()]
    near = [at for at, name in enumerate(names) if loaded.shape_layers.get(name) == _subject_layer() and name != CARD]
    goods = [at for at, name in enumerate(names) if name in loaded.products and name != CARD]
    subject, product = (_shrunk(np.isin(number, wanted), size) for wanted in (near, goods))
    middle = np.s_[_FINER // 2 :: _FINER, _FINER // 2 :: _FINER]
    distance = camera.position[2] - found[middle][..., -2]
    solid = (distance > 0) & (number[middle] >= 0)
    inverse = np.where(solid, 1 / np.maximum(distance, 1e-3), 0).astype(np.float32)
    objects = np.array([0, *(loaded.objects.get(name, 0) for name in names)], np.uint8)[number[middle] + 1]
    return subject, product, Geometry(inverse, objects)


def _subject_layer() -> int:
    return LAYER_ORDER.index(LayerRole.SUBJECT)


def _shrunk(mask: NDArray[np.bool_], size: PixelSize) -> Floats:
    small = cv2.resize(mask.astype(np.float32), (size.width, size.height), interpolation=cv2.INTER_AREA)
    return np.asarray(small, np.float32)


def _behind(colour: Floats, subject: Floats) -> Floats:
    """The picture with the subject painted over by what is around it."""
    reach = max(colour.shape[1] // 160, 2)
    hole = cv2.dilate((subject > 0).astype(np.float32), np.ones((2 * reach + 1, 2 * reach + 1), np.uint8))
    return layers.filled(colour, np.asarray(hole, np.float32), feather_px=reach)


def _sensor(mi: Renderer, camera: Camera, size: PixelSize, *, lens: bool) -> dict[str, Any]:
    """The camera as a plugin: its shifted film is a window cut out of a larger, centred one."""
    scale = size.width / (camera.right - camera.left)
    half_x, half_y = (max(-low, high) for low, high in ((camera.left, camera.right), (camera.bottom, camera.top)))
    wide, tall = int(np.ceil(half_x * scale)), int(np.ceil(half_y * scale))
    transform = mi.ScalarTransform4f
    x, y, z = camera.position
    return {
        "type": "thinlens" if lens else "perspective",
        "fov": float(np.degrees(2 * np.arctan(wide / scale))),
        "fov_axis": "x",
        "near_clip": 0.01,
        "far_clip": 100.0,
        **({"aperture_radius": camera.aperture_m, "focus_distance": camera.focus_m} if lens else {}),
        "to_world": transform().look_at(origin=[x, y, z], target=[x, y, z - 1], up=[0, 1, 0]),
        "sampler": {"type": "independent"},
        "film": {
            "type": "hdrfilm",
            "width": 2 * wide,
            "height": 2 * tall,
            "crop_offset_x": round(wide + camera.left * scale),
            "crop_offset_y": round(tall - camera.top * scale),
            "crop_width": size.width,
            "crop_height": size.height,
            "pixel_format": "rgb",
            "component_format": "float32",
            "rfilter": {"type": "box"},
        },
    }


def _finding() -> Finding:
    return Finding(
        Severity.WARNING,
        "LAYERS_INFERRED",
        f"No libLLVM of version {MIN_VERSION} or later was found ({searched()}), so this hero has two inferred layers "
        f"of confidence {CONFIDENCE} instead of exact ones. Run `make llvm` or name the library in {VARIABLE}, "
        "then run the brief under another campaign name.",
    )
