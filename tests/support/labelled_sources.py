"""What the labelled stills are made of: generated sets, photographs, cut-outs on plain grounds, and ways to spoil them."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from firstframe.core.formats import Quality
from firstframe.core.media import HeroPicture, LayerImage, LayerPictures, PixelRect, PixelSize, Rgb8
from firstframe.sets.requests import SetRequest

Floats = NDArray[np.float32]

Crop = tuple[int, int, int, int]
"""Rows and columns: first and one after the last of each."""


@dataclass(frozen=True, slots=True)
class Source:
    """What a labelled set is made of."""

    palettes: dict[str, str]
    """Scenes with a palette each."""
    seed: int
    words: tuple[str, str]
    """On the label."""
    photographs: tuple[str, str, str]
    """Without a face."""
    portrait: str
    whole: dict[str, Crop]
    """Parts of the portrait with all of its face, its hair or cap and its chin: those that are cut are a warning."""
    cut: dict[str, Crop]
    """Parts whose frame cuts the face, brow to chin."""


SCORED = Source(
    {
        "studio": "amber-dusk",
        "stone": "ink-night",
        "table": "blush-dawn",
        "water": "sage-noon",
        "dune": "amber-dusk",
        "interior": "blush-dawn",
    },
    1207,
    ("First Light", "morning serum"),
    ("coffee", "chelsea", "rocket"),
    "astronaut",
    {
        "as taken": (0, 512, 0, 512),
        "wide": (0, 288, 0, 512),
        "close": (0, 300, 70, 370),
        "high": (0, 480, 90, 360),
    },
    {
        "top by a third": (115, 512, 0, 512),
        "top by half": (131, 512, 60, 441),
        "left by a quarter": (0, 512, 200, 512),
        "left by half": (0, 400, 224, 512),
        "right by a third": (0, 512, 0, 240),
        "right by half": (20, 420, 0, 224),
        "bottom by a quarter": (0, 155, 80, 356),
        "bottom by half": (0, 131, 60, 293),
    },
)
"""On which the checks were made better: what they do here says little of other stills."""
HELD_OUT = Source(
    {
        "studio": "sage-noon",
        "stone": "blush-dawn",
        "table": "amber-dusk",
        "water": "ink-night",
        "dune": "blush-dawn",
        "interior": "sage-noon",
    },
    90210,
    ("Aurora No. 5", "for dry skin"),
    ("motorcycle", "dandelion", "gravel"),
    "hopper",
    {
        "as taken": (0, 600, 0, 512),
        "wide": (0, 400, 0, 512),
        "close": (10, 390, 70, 440),
        "high": (0, 480, 120, 410),
    },
    {
        "top by a third": (217, 600, 0, 512),
        "top by half": (245, 600, 100, 440),
        "left by a quarter": (0, 600, 215, 512),
        "left by half": (0, 480, 265, 512),
        "right by a third": (0, 600, 0, 298),
        "right by half": (40, 560, 0, 265),
        "bottom by a quarter": (0, 287, 0, 512),
        "bottom by half": (0, 245, 100, 440),
    },
)
"""Other seeds, palettes, words, photographs, another person: no threshold was chosen by these."""
SCENES = tuple(SCORED.palettes)
_source: ContextVar[Source] = ContextVar("source", default=SCORED)


@contextmanager
def made_of(source: Source) -> Iterator[None]:
    """What is made within the block is made of that."""
    token = _source.set(source)
    try:
        yield
    finally:
        _source.reset(token)


def source() -> Source:
    """What stills are made of now."""
    return _source.get()


WIDE, TALL = PixelSize(640, 360), PixelSize(360, 640)
FOLDER = Path(__file__).parents[2] / "examples" / "inputs"


class Unwatched:
    """Work that nobody waits for."""

    def __init__(self, scratch: Path) -> None:
        self.scratch = scratch

    def progress(self, phase: str, fraction: float) -> None:
        """Tells nobody."""

    def check(self) -> None:
        """Never stops."""


def rendered(scene: str, size: PixelSize) -> HeroPicture:
    """A generated set at draft quality, with its exact layers and matte."""
    now = source()
    return _rendered(scene, now.palettes[scene], now.words, size, now.seed)


@cache
def _rendered(scene: str, palette: str, words: tuple[str, str], size: PixelSize, seed: int) -> HeroPicture:
    return rendered_set(SetRequest(scene, palette, *words, size, seed, Quality.DRAFT))


def rendered_set(made: SetRequest) -> HeroPicture:
    """Any generated set, with its exact layers and matte."""
    with tempfile.TemporaryDirectory() as folder:
        return _engine().render(made, Unwatched(Path(folder)))


@cache
def _engine():  # type: ignore[no-untyped-def]  # noqa: ANN202  (the renderer is imported where it is wanted)
    from firstframe.imagegen.engines.previz import PrevizEngine
    from firstframe.render.variant import choose

    return PrevizEngine(lambda: choose("auto", threads=0, target="auto"))


@cache
def photograph(name: str) -> Rgb8:
    """A photograph of scikit-image or of the examples, at most 900 pixels a side, shape (h, w, 3)."""
    from skimage import data

    if name in _INPUTS:
        return _file(FOLDER / _INPUTS[name])
    if name == "motorcycle":
        return _file(Path(data.__file__).parent / "motorcycle_left.png")
    picture = np.asarray(getattr(data, name)())
    return np.ascontiguousarray(picture[..., :3] if picture.ndim == 3 else np.repeat(picture[..., None], 3, 2))


_INPUTS = {"dandelion": "dandelion.jpg", "hopper": "hopper.jpg", "collins": "collins.png"}


def _file(path: Path) -> Rgb8:
    found = cv2.imread(str(path))
    if found is None:
        raise FileNotFoundError(f"{path}: run `make inputs portraits`")
    picture = np.ascontiguousarray(found[..., ::-1])
    return shrunk(picture, min(1.0, 900 / max(picture.shape)))


# --- framing ---


def cropped(hero: HeroPicture, window: PixelRect) -> HeroPicture:
    """A part of a hero as a hero of its own; its layers keep their bleed."""
    bleed = hero.layers.bleed_px
    rows, columns = slice(window.y, window.bottom), slice(window.x, window.right)
    wide = np.s_[window.y : window.bottom + 2 * bleed, window.x : window.right + 2 * bleed]
    layers = tuple(
        LayerImage(layer.role, np.ascontiguousarray(layer.rgba[wide]), layer.depth_m) for layer in hero.layers.layers
    )
    fov = 2 * np.degrees(
        np.arctan(np.tan(np.radians(hero.layers.horizontal_fov_deg / 2)) * window.width / hero.size.width)
    )
    matte = None if hero.matte is None else np.ascontiguousarray(hero.matte[rows, columns])
    box = cv2.boundingRect((matte > 127).astype(np.uint8)) if matte is not None else None
    return replace(
        hero,
        image=np.ascontiguousarray(hero.image[rows, columns]),
        layers=LayerPictures(layers, bleed, float(fov), hero.layers.confidence),
        matte=matte,
        subject=PixelRect(*box) if box else None,
    )


def framed(hero: HeroPicture, margin: float) -> HeroPicture:
    """The largest part of a hero's ratio in which so much is left between the subject and the left edge.

    Args:
        hero: A hero with a subject.
        margin: Share of the part's shorter side; negative when the subject is cut.
    """
    box, size = hero.subject, hero.size
    assert box is not None
    # x + margin · height(x) = box.x, where the part reaches from x to the right edge and has the hero's ratio.
    slope = margin * size.height / size.width
    x = round((box.x - slope * size.width) / (1 - slope))
    width = size.width - x
    height = round(width * size.height / size.width)
    y = min(max(round(box.y + box.height / 2 - height / 2), 0), size.height - height)
    return cropped(hero, PixelRect(x, y, width, height))


# --- cut-outs ---


def cut_out(scene: str, size: PixelSize = WIDE) -> tuple[Rgb8, Floats]:
    """The product of a set, and its cover, cut to its box with some room."""
    hero = rendered(scene, size)
    box = hero.subject
    assert box is not None
    assert hero.matte is not None
    rows, columns = slice(max(box.y - 2, 0), box.bottom + 2), slice(max(box.x - 2, 0), box.right + 2)
    return hero.image[rows, columns], hero.matte[rows, columns].astype(np.float32) / np.float32(255)


def placed(product: tuple[Rgb8, Floats], ground: Rgb8, box: PixelRect) -> tuple[Rgb8, Floats]:
    """A product in a box of a ground (its shape kept, in the box's middle): the picture, and the product's cover."""
    picture, cover = product
    scale = min(box.width / picture.shape[1], box.height / picture.shape[0])
    size = max(round(picture.shape[1] * scale), 1), max(round(picture.shape[0] * scale), 1)
    way = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
    small, over = (cv2.resize(part, size, interpolation=way) for part in (picture, cover))
    left, top = box.x + (box.width - size[0]) // 2, box.y + (box.height - size[1]) // 2
    matte = np.zeros(ground.shape[:2], np.float32)
    whole = ground.astype(np.float32)
    y0, x0, y1, x1 = (
        max(top, 0),
        max(left, 0),
        min(top + size[1], ground.shape[0]),
        min(left + size[0], ground.shape[1]),
    )
    matte[y0:y1, x0:x1] = np.clip(over, 0, 1)[y0 - top : y1 - top, x0 - left : x1 - left]
    whole[y0:y1, x0:x1] += (small[y0 - top : y1 - top, x0 - left : x1 - left] - whole[y0:y1, x0:x1]) * matte[
        y0:y1, x0:x1, None
    ]
    return np.rint(np.clip(whole, 0, 255)).astype(np.uint8), matte


def plain(size: PixelSize, colour: tuple[int, int, int], *, grain: float = 0.8) -> Rgb8:
    """A ground of one colour with a trace of grain."""
    noise = np.random.default_rng(5).normal(0, grain, (size.height, size.width, 1))
    return np.rint(np.clip(np.array(colour) + noise, 0, 255)).astype(np.uint8)


def melted(product: tuple[Rgb8, Floats], size: PixelSize, box: PixelRect) -> tuple[Rgb8, Floats]:
    """A product on a ground that has its own colours: each place that of the nearest part of the product, softened."""
    picture, matte = placed(product, plain(size, (0, 0, 0)), box)
    known = (matte > 0.9).astype(np.uint8)
    _, nearest = cv2.distanceTransformWithLabels(1 - known, cv2.DIST_L2, 5, labelType=cv2.DIST_LABEL_PIXEL)
    colours = np.zeros((nearest.max() + 1, 3), np.float32)
    colours[nearest[known > 0]] = picture[known > 0]
    spread = cv2.GaussianBlur(colours[nearest], (0, 0), 6)
    ground = np.rint(np.clip(spread, 0, 255)).astype(np.uint8)
    return placed(product, ground, box)


def unlit(product: tuple[Rgb8, Floats], materials: int = 5) -> tuple[Rgb8, Floats]:
    """A product without light: every material in one colour, told apart by hue and saturation alone."""
    picture, cover = product
    smooth = cv2.medianBlur(picture, 5).astype(np.float32)
    share = smooth / (smooth.sum(axis=2, keepdims=True) + 8)
    cv2.setRNGSeed(2)
    stop = (cv2.TERM_CRITERIA_EPS + cv2.TERM_CRITERIA_MAX_ITER, 40, 1e-4)
    _, kind, _ = cv2.kmeans(share.reshape(-1, 3), materials, None, stop, 4, cv2.KMEANS_PP_CENTERS)
    kind = kind.reshape(cover.shape)
    flat = np.zeros_like(smooth)
    for one in range(materials):
        inside = (kind == one) & (cover > 0.9)
        flat[kind == one] = np.median(smooth[inside], axis=0) if inside.any() else 0
    return np.rint(flat).astype(np.uint8), cover


# --- pixels ---


def noisy(sigma: float) -> Callable[[Rgb8], Rgb8]:
    """Adds the noise of a sensor: normal, a deviation of so many levels, a third of it in colour."""

    def spoil(picture: Rgb8) -> Rgb8:
        rng = np.random.default_rng(11)
        grey = rng.normal(0, sigma, (*picture.shape[:2], 1))
        return _bytes(picture + grey + rng.normal(0, sigma / 3, picture.shape))

    return spoil


def dim(sigma: float) -> Callable[[Rgb8], Rgb8]:
    """Adds the noise of little light: larger in the shadows, and softened by a demosaic of one pixel."""

    def spoil(picture: Rgb8) -> Rgb8:
        rng = np.random.default_rng(12)
        noise = cv2.GaussianBlur(rng.normal(0, 1, picture.shape), (0, 0), 0.7)
        noise *= sigma / noise.std() * (1.4 - picture.mean(axis=2, keepdims=True) / 255)
        return _bytes(picture + noise)

    return spoil


def blurred(sigma: float) -> Callable[[Rgb8], Rgb8]:
    """Puts the lens out of focus by a Gaussian of so many pixels; the sensor's grain stays."""
    return lambda picture: noisy(0.8)(np.asarray(cv2.GaussianBlur(picture, (0, 0), sigma), np.uint8))


def shaken(length: int, degrees: float) -> Callable[[Rgb8], Rgb8]:
    """Moves the camera by so many pixels during the exposure."""

    def spoil(picture: Rgb8) -> Rgb8:
        kernel = np.zeros((length, length), np.float32)
        kernel[length // 2] = 1
        turn = cv2.getRotationMatrix2D(((length - 1) / 2, (length - 1) / 2), degrees, 1)
        kernel = cv2.warpAffine(kernel, turn, (length, length))
        return noisy(0.8)(np.asarray(cv2.filter2D(picture, -1, kernel / kernel.sum()), np.uint8))

    return spoil


def stepped(levels: int) -> Callable[[Rgb8], Rgb8]:
    """Leaves one of so many levels, as a picture with too few bits has; what dithered it is taken away first."""

    def spoil(picture: Rgb8) -> Rgb8:
        smooth = cv2.bilateralFilter(picture, 9, 12, 5)
        return _bytes(np.round(smooth / levels) * levels)

    return spoil


def shrunk(picture: Rgb8, scale: float) -> Rgb8:
    """A picture with fewer pixels."""
    size = round(picture.shape[1] * scale), round(picture.shape[0] * scale)
    return np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_AREA), np.uint8)


def _bytes(values: NDArray[np.generic]) -> Rgb8:
    return np.rint(np.clip(np.asarray(values, np.float32), 0, 255)).astype(np.uint8)


def worded(ground: Rgb8, ink: tuple[int, int, int], size_px: int) -> tuple[Rgb8, PixelRect]:
    """Two lines of words on a ground, and the rectangle around them."""
    from PIL import Image, ImageDraw

    from firstframe.preflight.drawing import font

    page = Image.fromarray(ground)
    pen = ImageDraw.Draw(page)
    face = font("SemiBold", size_px)
    at = (round(0.12 * ground.shape[1]), round(0.3 * ground.shape[0]))
    words = "First Light\nmorning serum"
    pen.multiline_text(at, words, font=face, fill=ink)
    left, top, right, bottom = (round(value) for value in pen.multiline_textbbox(at, words, font=face))
    pad = size_px // 4
    rect = PixelRect(left - pad, top - pad, right - left + 2 * pad, bottom - top + 2 * pad)
    return np.asarray(page, np.uint8), rect


def faded(hero: HeroPicture, share: float) -> tuple[HeroPicture, PixelRect]:
    """A set with so much of the ink on its label, 0 to 1, and where type stands on that."""
    from firstframe.imagegen.label_place import type_area

    assert hero.objects is not None
    label = hero.objects == hero.object_names.index("label") + 1
    place = type_area(label)
    assert place is not None
    plain = cv2.medianBlur(hero.image, 2 * (place.height // 6) + 1).astype(np.float32)
    pale = plain + np.float32(share) * (hero.image - plain)
    return replace(hero, image=np.where(label[..., None], np.rint(pale), hero.image).astype(np.uint8)), place


def luminance_pair(ratio: float, *, dark_ink: bool) -> tuple[tuple[int, int, int], tuple[int, int, int]]:
    """Greys of ink and ground whose contrast by WCAG is the ratio, to the nearest level."""
    from firstframe.imaging.preflight.colour import contrast_ratio, luminance

    greys = [float(luminance(np.full((1, 1, 3), level, np.uint8))[0, 0]) for level in range(256)]
    ground = 235 if dark_ink else 40
    reach = range(ground) if dark_ink else range(ground + 1, 256)
    ink = min(reach, key=lambda level: abs(contrast_ratio(greys[level], greys[ground]) - ratio))
    return (ink,) * 3, (ground,) * 3
