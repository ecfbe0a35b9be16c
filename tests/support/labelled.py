"""Stills with labels: for each check, stills that ought to pass it and stills that ought not.

A label follows from how a still was made, never from what a check says of it: a margin in pixels, a deviation of noise, a
contrast of inks by WCAG, a product put under an interface. Stills that are spoilt in one way keep the good labels of what that
leaves alone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

import cv2
import numpy as np

from firstframe.core.media import PixelRect, PixelSize, Rgb8
from firstframe.core.motion import CameraMove, single
from firstframe.imaging.preflight.room import flat_hero
from firstframe.preflight.plan import ShotPlan
from firstframe.preflight.still import Faces, Still, still_of_hero
from support import labelled_sources as made
from support.labelled_sources import SCENES, TALL, WIDE

PUSH, LOCKED, PAN, PULL = CameraMove.PUSH, CameraMove.LOCKED, CameraMove.PAN_LEFT, CameraMove.PULL
NOBODY = Faces(())
FRAMED = ("edge-room", "camera-move", "resolution")
PIXELS = ("noise", "banding", "sharpness")
LOOKS = ("contrast", "light", "depth")


@dataclass(frozen=True, slots=True, eq=False)
class Labelled:
    """One still with its plan and what is known of it."""

    name: str
    family: str
    """How it was made."""
    still: Still
    plan: ShotPlan
    good: tuple[str, ...]
    """Checks that ought to pass."""
    bad: tuple[str, ...] = ()
    """Checks that ought to warn or fail."""
    faces_wanted: bool = False
    """Whether faces have to be looked for by the models."""


def plan_for(size: PixelSize, move: CameraMove = PUSH, strength: float = 0.5) -> ShotPlan:
    """A plan for delivery at the still's own size."""
    name = "16:9" if size.width > size.height else "1:1" if size.width == size.height else "9:16"
    platforms = {"16:9": ("youtube",), "1:1": ("instagram-feed",), "9:16": ("tiktok", "instagram-reels")}[name]
    return ShotPlan(name, size, platforms, single(move, strength), "slow-push")


def whole_set(source: made.Source = made.SCORED) -> list[Labelled]:
    """Every still; the generated sets are rendered on the way."""
    with made.made_of(source):
        return [
            item
            for family in (
                sets,
                edges,
                zones,
                contrasts,
                lights,
                depths,
                softnesses,
                noises,
                bands,
                words,
                labels,
                faces,
                sizes,
                moves,
            )
            for item in family()
        ]


def sample() -> Iterator[Labelled]:
    """A part that needs no renderer and no model."""
    for family in (words, drawn_zones, sizes_of_photographs, noises_of_photographs, softnesses_of_photographs):
        yield from family()


def sets() -> Iterator[Labelled]:
    """Generated sets as they are: composed, lit and rendered for this."""
    for scene in SCENES:
        for size in (WIDE, TALL):
            still = still_of_hero(made.rendered(scene, size), faces=NOBODY)
            good = (*FRAMED, *LOOKS, *PIXELS)
            yield Labelled(f"{scene} {size}", "set as rendered", still, plan_for(size), good)


def edges() -> Iterator[Labelled]:
    """A set framed anew, so that the product stands near the left edge."""
    others = (*LOOKS, *PIXELS)
    for scene in SCENES:
        hero = made.rendered(scene, WIDE)
        for margin in (-0.12, -0.04, 0.005, 0.02, 0.09):
            part = made.framed(hero, margin)
            box, still = part.subject, still_of_hero(part, faces=NOBODY)
            assert box is not None
            above = min(box.y, part.size.height - box.bottom) / part.size.height
            name, plan = f"{scene} margin {margin:+.3f}", plan_for(part.size)
            if margin < 0.05:
                yield Labelled(name, "framed too close", still, plan, PIXELS, ("edge-room",))
            elif above >= 0.07:
                yield Labelled(name, "framed with room", still, plan, ("edge-room", *others))
            if margin == 0.02 and above >= 0.03:
                locked = plan_for(part.size, LOCKED, 0)
                yield Labelled(
                    f"{name}, locked", "too close for a push, not for a locked camera", still, locked, ("edge-room",)
                )


def zones() -> Iterator[Labelled]:
    """A product on a plain ground in 9:16, in the area that every platform leaves free, and under their interfaces."""
    for scene in SCENES:
        yield from _placed(f"{scene} product", made.cut_out(scene))


def drawn_zones() -> Iterator[Labelled]:
    """The same with a drawn box for a product."""
    box = np.full((200, 120, 3), (150, 60, 40), np.uint8)
    yield from _placed("drawn box", (box, np.ones((200, 120), np.float32)))


_ZONES = {
    "free area": (PixelRect(330, 400, 400, 760), True),
    "free area, small": (PixelRect(420, 600, 240, 480), True),
    "free area, high": (PixelRect(330, 310, 400, 560), True),
    "under the caption": (PixelRect(300, 1250, 420, 620), False),
    "half under the caption": (PixelRect(330, 950, 400, 600), False),
    "under the buttons": (PixelRect(760, 800, 310, 700), False),
    "under the title": (PixelRect(330, 10, 400, 380), False),
}
"""Places in 1080×1920, where the published zones leave x 120 to 888, y 288 to 1248 free; products keep their shape in them."""


def _placed(name: str, product: tuple[Rgb8, made.Floats]) -> Iterator[Labelled]:
    for place, (box, clear) in _ZONES.items():
        scaled = PixelRect(*(round(value / 3) for value in (box.x, box.y, box.width, box.height)))
        picture, matte = made.placed(product, made.plain(TALL, (196, 184, 168)), scaled)
        label = ("safe-zones",)
        yield Labelled(
            f"{name} in {place}",
            "put in the free area" if clear else "put under an interface",
            _still(picture, matte),
            plan_for(TALL),
            label if clear else (),
            () if clear else label,
        )


def _still(picture: Rgb8, matte: made.Floats | None, **known: Any) -> Still:
    """A still of which nothing is known but its pixels and where its subject is."""
    box = None if matte is None else PixelRect(*cv2.boundingRect((matte > 0.5).astype(np.uint8)))
    hero = flat_hero(picture, box)
    return replace(Still(hero, hero.size, matte, "layers" if box else "", faces=NOBODY), **known)


MIDDLE = PixelRect(240, 40, 160, 270)


def contrasts() -> Iterator[Labelled]:
    """A product on a ground of its own colours, on one that is half its own, and on a contrary one."""
    for scene in SCENES:
        product = made.cut_out(scene)
        picture, matte = made.melted(product, WIDE, MIDDLE)
        yield Labelled(
            f"{scene} melted",
            "ground of the product's colours",
            _still(picture, matte),
            plan_for(WIDE),
            (),
            ("contrast",),
        )
        tall = made.cut_out(scene, TALL)
        picture, matte = made.melted(tall, TALL, PixelRect(110, 150, 150, 330))
        name = f"{scene} melted, upright"
        yield Labelled(
            name, "ground of the product's colours", _still(picture, matte), plan_for(TALL), (), ("contrast",)
        )
        for colour in ((235, 232, 226), (18, 60, 92)):
            picture, matte = made.placed(product, made.plain(WIDE, colour), MIDDLE)
            away = abs(float(np.mean(product[0][product[1] > 0.9])) - float(np.mean(colour)))
            if away > 40:
                name = f"{scene} on {colour}"
                yield Labelled(name, "ground of other lightness", _still(picture, matte), plan_for(WIDE), ("contrast",))


def lights() -> Iterator[Labelled]:
    """A product whose materials have one colour each, on a plain ground without a shadow; drawn ones of flat colour."""
    for scene in SCENES:
        picture, matte = made.placed(made.unlit(made.cut_out(scene)), made.plain(WIDE, (205, 203, 199)), MIDDLE)
        yield Labelled(
            f"{scene} unlit", "every material in one colour", _still(picture, matte), plan_for(WIDE), (), ("light",)
        )
    for name, colours in _ICONS.items():
        picture, matte = made.placed(_icon(*colours), made.plain(WIDE, (226, 222, 214)), MIDDLE)
        yield Labelled(name, "drawn in flat colours", _still(picture, matte), plan_for(WIDE), (), ("light",))


_ICONS = {
    "green icon": ((40, 120, 90), (240, 238, 230)),
    "red icon": ((170, 50, 40), (250, 220, 180)),
    "blue icon": ((50, 70, 150), (220, 230, 240)),
}


def _icon(body: tuple[int, int, int], label: tuple[int, int, int]) -> tuple[Rgb8, made.Floats]:
    cover = np.zeros((270, 160), np.float32)
    cv2.rectangle(cover, (15, 70), (145, 265), 1.0, -1)
    cv2.rectangle(cover, (55, 5), (105, 70), 1.0, -1)
    picture = np.full((270, 160, 3), body, np.uint8)
    cv2.rectangle(picture, (35, 130), (125, 220), label, -1)
    return picture, cv2.GaussianBlur(cover, (0, 0), 0.7)


def depths() -> Iterator[Labelled]:
    """A cut-out that floats on one colour, whose picture has two planes at most; sets as pictures without their layers."""
    for scene in SCENES:
        picture, matte = made.placed(made.cut_out(scene), made.plain(WIDE, (190, 196, 188)), MIDDLE)
        yield Labelled(
            f"{scene} floating", "cut-out on one colour", _still(picture, matte), plan_for(WIDE), (), ("depth",)
        )
    for scene in SCENES:
        hero = made.rendered(scene, WIDE)
        assert hero.matte is not None
        still = _still(hero.image, hero.matte.astype(np.float32) / np.float32(255))
        yield Labelled(f"{scene} as a picture", "set without its layers", still, plan_for(WIDE), ("depth",))


def softnesses() -> Iterator[Labelled]:
    """Sets and photographs out of focus, shaken, and as they are."""
    for at, scene in enumerate(SCENES):
        spoilt = {f"defocus {sigma}": made.blurred(sigma) for sigma in ((1.8, 3.0) if at % 2 else (2.4, 4.5))} | {
            f"shaken {length} px": made.shaken(length, 25 * at) for length in (9 + 2 * at,)
        }
        for name, spoil in spoilt.items():
            yield _spoilt(scene, name, spoil, "sharpness", ("edge-room", "contrast", "light", "depth", "noise"))
    yield from softnesses_of_photographs()


def softnesses_of_photographs() -> Iterator[Labelled]:
    """Photographs at half their size, which makes them sharp; and out of focus."""
    for name in made.source().photographs:
        small = made.shrunk(made.photograph(name), 0.5)
        yield _photograph(f"{name} at half size", "photograph, shrunk", small, good=("sharpness",))
        soft = made.blurred(3)(small)
        yield _photograph(f"{name} defocus 3", "out of focus", soft, bad=("sharpness",))


def noises() -> Iterator[Labelled]:
    """Sets and photographs with a sensor's noise."""
    for at, scene in enumerate(SCENES):
        kinds = (
            {"noise 9": made.noisy(9), "dim 14": made.dim(14)}
            if at % 2
            else {"noise 16": made.noisy(16), "dim 10": made.dim(10)}
        )
        for name, spoil in kinds.items():
            yield _spoilt(scene, name, spoil, "noise", ("edge-room", "contrast", "light", "depth", "banding"))
        yield _spoilt(scene, "grain 1.5", made.noisy(1.5), "", ("noise", "banding", *LOOKS))
    yield from noises_of_photographs()


def noises_of_photographs() -> Iterator[Labelled]:
    """Photographs at half their size, which takes their noise away; and with a sensor's."""
    for name in made.source().photographs:
        small = made.shrunk(made.photograph(name), 0.5)
        yield _photograph(f"{name} clean", "photograph, shrunk", small, good=("noise",))
        yield _photograph(f"{name} noise 12", "noise of a sensor", made.noisy(12)(small), bad=("noise",))


def bands() -> Iterator[Labelled]:
    """Sets with too few levels; ramps with and without."""
    for scene in SCENES:
        for levels in (10, 16):
            yield _spoilt(scene, f"steps of {levels}", made.stepped(levels), "banding", ("edge-room",))
    ramp = np.linspace(50, 170, WIDE.width) + np.linspace(0, 20, WIDE.height)[:, None]
    grey = np.repeat(ramp[..., None], 3, 2)
    dithered = grey + np.random.default_rng(3).normal(0, 0.8, grey.shape)
    for name, picture, is_good in (
        ("ramp of 8 bits with grain", dithered, True),
        ("ramp of 8 bits", grey, True),
        ("ramp of 6 bits", np.round(grey / 4) * 4, False),
        ("ramp of 5 bits", np.round(grey / 8) * 8, False),
        ("ramp of 4 bits", np.round(grey / 16) * 16, False),
    ):
        still = _still(np.rint(np.clip(picture, 0, 255)).astype(np.uint8), None)
        label = ("banding",)
        yield Labelled(name, "ramp", still, plan_for(WIDE), label if is_good else (), () if is_good else label)


def words() -> Iterator[Labelled]:
    """Words whose contrast is known by their inks, in two sizes, dark and bright."""
    for size_px in (26, 52):
        for dark in (True, False):
            for ratio in (1.4, 2.0, 2.8, 3.6, 6.0, 9.0):
                ink, ground = made.luminance_pair(ratio, dark_ink=dark)
                picture, rect = made.worded(made.plain(WIDE, ground), ink, size_px)
                kind = "dark" if dark else "bright"
                name = f"{kind} words of {size_px} px at {ratio} : 1"
                good, bad = (("text",), ()) if ratio > 4.5 else ((), ("text",))
                yield Labelled(
                    name, "words of a known contrast", _still(picture, None, copy=(rect,)), plan_for(WIDE), good, bad
                )
    yield from _words_on_photographs()


def _words_on_photographs() -> Iterator[Labelled]:
    """White words on the bright part of a photograph, and on it darkened by a scrim."""
    for name in made.source().photographs[:2]:
        bright = np.clip(made.photograph(name)[:225, :400].astype(np.float32) * 0.35 + 150, 0, 255).astype(np.uint8)
        dark = (made.photograph(name)[:225, :400] * np.float32(0.22)).astype(np.uint8)
        for what, ground, label in (("bright", bright, False), ("darkened", dark, True)):
            picture, rect = made.worded(cv2.resize(ground, (640, 360)), (255, 255, 255), 44)
            good, bad = (("text",), ()) if label else ((), ("text",))
            yield Labelled(
                f"white words on {what} {name}",
                "words on a photograph",
                _still(picture, None, copy=(rect,)),
                plan_for(WIDE),
                good,
                bad,
            )


def labels() -> Iterator[Labelled]:
    """Labels of sets as they are printed, and with so much of their ink that a person can hardly read them."""
    for scene in SCENES:
        for size in (WIDE, TALL):
            for share in (1.0, 0.3, 0.15):
                hero, place = made.faded(made.rendered(scene, size), share)
                still = still_of_hero(hero, printed=(place,), faces=NOBODY)
                good, bad = (("text", "safe-zones"), ()) if share == 1 else ((), ("text",))
                name = f"{scene} {size}, {100 * share:.0f} % of the ink"
                yield Labelled(name, "label of a set", still, plan_for(size), good, bad)


def faces() -> Iterator[Labelled]:
    """A portrait with its face whole, and cut by the frame; pictures without a face."""
    source = made.source()
    portrait = made.photograph(source.portrait)
    for crops, label in ((source.whole, True), (source.cut, False)):
        for name, (top, bottom, left, right) in crops.items():
            for mirrored in (False, True):
                part = np.ascontiguousarray(portrait[top:bottom, left:right][:, :: -1 if mirrored else 1])
                yield replace(
                    _photograph(
                        f"{source.portrait} {name}{' mirrored' if mirrored else ''}",
                        "face whole" if label else "face cut by the frame",
                        part,
                        good=("faces",) if label else (),
                        bad=() if label else ("faces",),
                    ),
                    faces_wanted=True,
                )
    for name in made.source().photographs:
        yield replace(_photograph(name, "no face", made.photograph(name), good=("faces",)), faces_wanted=True)
    for scene in SCENES:
        for size in (WIDE, TALL):
            still = still_of_hero(made.rendered(scene, size))
            yield Labelled(
                f"{scene} {size} without a face", "no face", still, plan_for(size), ("faces",), faces_wanted=True
            )


def sizes() -> Iterator[Labelled]:
    """Sets and photographs with too few pixels for their delivery."""
    for scene in SCENES:
        hero = made.rendered(scene, WIDE)
        for scale, label in ((0.3, False), (0.6, False), (1.0, True)):
            delivery = PixelSize(round(WIDE.width / scale), round(WIDE.height / scale))
            plan = replace(plan_for(WIDE), delivery=delivery)
            good, bad = (("resolution",), ()) if label else ((), ("resolution",))
            yield Labelled(
                f"{scene} at {scale:.0%}", "pixels for its delivery", still_of_hero(hero, faces=NOBODY), plan, good, bad
            )
    yield from sizes_of_photographs()


def sizes_of_photographs() -> Iterator[Labelled]:
    """Photographs for deliveries that they have, and have not, the pixels for."""
    for name in made.source().photographs:
        picture = made.photograph(name)
        whole = PixelSize(picture.shape[1], picture.shape[0])
        for scale, label in ((0.45, False), (0.7, False), (1.0, True), (1.6, True)):
            delivery = PixelSize(round(whole.width / scale), round(whole.height / scale))
            item = _photograph(f"{name} at {scale:.0%}", "pixels for its delivery", picture)
            label_of = ("resolution",)
            yield replace(
                item,
                plan=replace(item.plan, delivery=delivery),
                good=label_of if label else (),
                bad=() if label else label_of,
            )


def moves() -> Iterator[Labelled]:
    """Sets, which are rendered with room for every move; their bare pictures, which end where the frame does."""
    for scene in SCENES:
        hero = made.rendered(scene, WIDE)
        for move in (PAN, PULL, PUSH):
            still = still_of_hero(hero, faces=NOBODY)
            yield Labelled(f"{scene} {move.value}", "layers with bleed", still, plan_for(WIDE, move), ("camera-move",))
        assert hero.matte is not None
        bare = _still(hero.image, hero.matte.astype(np.float32) / np.float32(255))
        yield Labelled(
            f"{scene} bare pull", "picture without more around it", bare, plan_for(WIDE, PULL, 1), (), ("camera-move",)
        )
        yield Labelled(f"{scene} bare locked", "picture that stays", bare, plan_for(WIDE, LOCKED, 0), ("camera-move",))


def _spoilt(scene: str, name: str, spoil: Callable[[Rgb8], Rgb8], check: str, others: tuple[str, ...]) -> Labelled:
    hero = made.rendered(scene, WIDE)
    still = still_of_hero(replace(hero, image=spoil(hero.image)), faces=NOBODY)
    return Labelled(f"{scene} {name}", name.split(" ", 1)[0], still, plan_for(WIDE), others, (check,) if check else ())


def _photograph(
    name: str, family: str, picture: Rgb8, *, good: tuple[str, ...] = (), bad: tuple[str, ...] = ()
) -> Labelled:
    """A photograph of which nothing is known, delivered as it is."""
    size = PixelSize(picture.shape[1], picture.shape[0])
    ratio = min(
        ("16:9", "9:16", "1:1"), key=lambda one: abs({"16:9": 16 / 9, "9:16": 9 / 16, "1:1": 1.0}[one] / size.ratio - 1)
    )
    plan = ShotPlan(ratio, size, (), single(PUSH, 0.5), "slow-push")
    return Labelled(name, family, _still(picture, None), plan, good, bad)
