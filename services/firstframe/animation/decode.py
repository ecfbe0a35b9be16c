"""Requests decoded and checked, before anything is read or a slot is taken."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from firstframe.animation.engines import LEARNED, NAME
from firstframe.animation.motion import Atmosphere, CameraMove, Motion
from firstframe.api.animation.v1 import animation_pb2
from firstframe.api.media.v1 import artifact_pb2, picture_pb2
from firstframe.core.canonical import ARTIFACT_DIGEST
from firstframe.core.errors import InvalidInput
from firstframe.core.media import MAX_SIDE_PX, LayerRole, PixelRect, PixelSize
from firstframe.core.seeds import MAX_SEED
from firstframe.runtime.clip_messages import frame_rate_of, size_of

FRAME_COUNTS = (2, 600)
MAX_PROMPT_CHARS = 500
MAX_STEPS = 200
MAX_LAYERS = 16
MAX_LAYER_PIXELS = 256 * 1024 * 1024
"""Over all layers of a hero; four bytes each."""
MAX_FPS = 240

CAMERA_MOVES = {
    animation_pb2.CAMERA_MOVE_LOCKED: CameraMove.LOCKED,
    animation_pb2.CAMERA_MOVE_PUSH: CameraMove.PUSH,
    animation_pb2.CAMERA_MOVE_PULL: CameraMove.PULL,
    animation_pb2.CAMERA_MOVE_PAN_LEFT: CameraMove.PAN_LEFT,
    animation_pb2.CAMERA_MOVE_PAN_RIGHT: CameraMove.PAN_RIGHT,
    animation_pb2.CAMERA_MOVE_TILT_UP: CameraMove.TILT_UP,
    animation_pb2.CAMERA_MOVE_TILT_DOWN: CameraMove.TILT_DOWN,
    animation_pb2.CAMERA_MOVE_ORBIT: CameraMove.ORBIT,
}
_ATMOSPHERES = {
    animation_pb2.ATMOSPHERE_UNSPECIFIED: Atmosphere.NONE,
    animation_pb2.ATMOSPHERE_DUST: Atmosphere.DUST,
}
_ROLES = {
    picture_pb2.LAYER_ROLE_BACKGROUND: LayerRole.BACKGROUND,
    picture_pb2.LAYER_ROLE_MIDGROUND: LayerRole.MIDGROUND,
    picture_pb2.LAYER_ROLE_SUBJECT: LayerRole.SUBJECT,
    picture_pb2.LAYER_ROLE_FOREGROUND: LayerRole.FOREGROUND,
}


@dataclass(frozen=True, slots=True)
class PictureReference:
    """A PNG in the store, and where in the request it is named."""

    field: str
    digest: str
    size_bytes: int


@dataclass(frozen=True, slots=True)
class LayerReference:
    """A layer whose picture is in the store."""

    role: LayerRole
    picture: PictureReference
    depth_m: float


@dataclass(frozen=True, slots=True)
class HeroReference:
    """A hero whose pictures are in the store."""

    image: PictureReference
    size: PixelSize
    layers: tuple[LayerReference, ...]
    bleed_px: int
    horizontal_fov_deg: float
    confidence: float
    subject: PixelRect | None

    @property
    def layer_size(self) -> PixelSize:
        """Size of every layer."""
        return PixelSize(self.size.width + 2 * self.bleed_px, self.size.height + 2 * self.bleed_px)


@dataclass(frozen=True, slots=True)
class ClipPlan:
    """A request, decoded."""

    pack: str
    """Model pack that makes the clip; empty for the engine `previz`."""
    hero: HeroReference
    motion: Motion
    prompt: str
    negative_prompt: str
    steps: int
    frame_count: int
    frame_rate: Fraction
    seed: int


def decode(request: animation_pb2.AnimateClipRequest, packs: Sequence[str] = ()) -> ClipPlan:
    """Decodes a request.

    Args:
        request: The request.
        packs: Model packs of this server, the default first.

    Raises:
        InvalidInput: A field is missing or out of range, or names what this server does not have.
    """
    rate = frame_rate_of(request.frame_rate, "frame_rate")
    _within("frame_rate", float(rate), 1, MAX_FPS)
    return ClipPlan(
        pack=_pack(request, packs),
        hero=_hero(request.hero),
        motion=_motion(request.motion),
        prompt=_words(request.motion.prompt, "motion.prompt"),
        negative_prompt=_words(request.motion.negative_prompt, "motion.negative_prompt"),
        steps=int(_within("steps", request.steps, 0, MAX_STEPS)),
        frame_count=int(_within("frame_count", request.frame_count, *FRAME_COUNTS)),
        frame_rate=rate,
        seed=int(_within("seed", request.seed, 0, MAX_SEED)),
    )


def _pack(request: animation_pb2.AnimateClipRequest, packs: Sequence[str]) -> str:
    engines = (NAME, LEARNED) if packs else (NAME,)
    engine = request.engine or NAME
    if engine not in engines:
        raise InvalidInput.at("engine", f"{engine!r} is not an engine of this server", f"use {' or '.join(engines)}")
    if engine == LEARNED:
        return _known_pack(request.pack or packs[0], packs)
    for name, value in (("pack", request.pack), ("steps", request.steps)):
        if value:
            raise InvalidInput.at(name, f"is {value!r}, which {engine} has no use of", f"set engine to {LEARNED}")
    return ""


def _known_pack(pack: str, packs: Sequence[str]) -> str:
    if pack not in packs:
        raise InvalidInput.at("pack", f"{pack!r} is not a pack of this server", f"use one of {', '.join(packs)}")
    return pack


def _words(text: str, field: str) -> str:
    if len(text) > MAX_PROMPT_CHARS:
        raise InvalidInput.at(field, f"has {len(text)} characters", f"use at most {MAX_PROMPT_CHARS}")
    return text.strip()


def _motion(message: animation_pb2.Motion) -> Motion:
    if message.camera not in CAMERA_MOVES:
        known = ", ".join(animation_pb2.CameraMove.Name(move) for move in CAMERA_MOVES)
        raise InvalidInput.at("motion.camera", f"{message.camera} is not a camera move", f"use one of {known}")
    if message.atmosphere not in _ATMOSPHERES:
        raise InvalidInput.at("motion.atmosphere", f"{message.atmosphere} is not known", "use ATMOSPHERE_DUST or none")
    strength = _within("motion.strength", message.strength, 0, 1)
    return Motion(CAMERA_MOVES[message.camera], strength, _ATMOSPHERES[message.atmosphere])


def _hero(message: picture_pb2.Hero) -> HeroReference:
    size, stack = size_of(message.size, "hero.size"), message.layers
    hero = HeroReference(
        image=_picture(message.image, "hero.image"),
        size=size,
        layers=tuple(_layer(layer, f"hero.layers.layers[{index}]") for index, layer in enumerate(stack.layers)),
        bleed_px=int(_within("hero.layers.bleed_px", stack.bleed_px, 0, MAX_SIDE_PX)),
        horizontal_fov_deg=_within("hero.layers.horizontal_fov_deg", stack.horizontal_fov_deg, 1, 170),
        confidence=_within("hero.layers.confidence", stack.confidence, 0, 1),
        subject=_subject(message.subject, size) if message.HasField("subject") else None,
    )
    _check_stack(hero)
    return hero


def _check_stack(hero: HeroReference) -> None:
    field = "hero.layers.layers"
    if not 1 <= len(hero.layers) <= MAX_LAYERS:
        raise InvalidInput.at(field, f"there are {len(hero.layers)}", f"give 1 to {MAX_LAYERS}")
    pixels = len(hero.layers) * hero.layer_size.pixels
    if pixels > MAX_LAYER_PIXELS:
        raise InvalidInput.at(field, f"hold {pixels} pixels", f"give at most {MAX_LAYER_PIXELS}")
    for index, (far, near) in enumerate(zip(hero.layers, hero.layers[1:], strict=False), start=1):
        if near.depth_m > far.depth_m:
            problem = f"is {near.depth_m:g}, farther than the layer before it ({far.depth_m:g})"
            raise InvalidInput.at(f"{field}[{index}].depth_m", problem, "order layers from far to near")


def _layer(message: picture_pb2.Layer, field: str) -> LayerReference:
    if message.role not in _ROLES:
        raise InvalidInput.at(f"{field}.role", f"{message.role} is not a role", "send the layer as imagegen gave it")
    depth = _within(f"{field}.depth_m", message.depth_m, 1e-3, 1e6)
    return LayerReference(_ROLES[message.role], _picture(message.image, f"{field}.image"), depth)


def _picture(message: artifact_pb2.ArtifactRef, field: str) -> PictureReference:
    if not ARTIFACT_DIGEST.fullmatch(message.digest):
        problem = f"is {message.digest!r}"
        raise InvalidInput.at(f"{field}.digest", problem, "give sha256: and 64 lower-case hexadecimal digits")
    if message.size_bytes <= 0:
        raise InvalidInput.at(f"{field}.size_bytes", f"is {message.size_bytes}", "give the file's length")
    return PictureReference(field, message.digest, message.size_bytes)


def _subject(message: picture_pb2.PixelRect, size: PixelSize) -> PixelRect:
    rect = PixelRect(message.x_px, message.y_px, message.width_px, message.height_px)
    frame = PixelRect(0, 0, size.width, size.height)
    if rect.width <= 0 or rect.height <= 0 or not frame.contains(rect):
        raise InvalidInput.at(
            "hero.subject", f"is not a rectangle inside of {size}", "send the hero as imagegen gave it"
        )
    return rect


def _within(field: str, value: float, least: float, most: float) -> float:
    if not (math.isfinite(value) and least <= value <= most):
        raise InvalidInput.at(field, f"is {value:g}", f"give {least:g} to {most:g}")
    return value
