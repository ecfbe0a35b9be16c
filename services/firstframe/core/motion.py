"""Directed motion: camera moves in a chain, what is in the air, effects on people, and how they share a clip."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from firstframe.core.references import PictureReference

MAX_PHASES, MAX_AIRS, MAX_KEYS = 8, 4, 16
MAX_SPEED = 20.0
MAX_BLINKS = 3
MAX_HEAD_DEG = 45.0


class CameraMove(Enum):
    """What the camera does."""

    LOCKED = "locked"
    PUSH = "push"
    PULL = "pull"
    PAN_LEFT = "pan_left"
    PAN_RIGHT = "pan_right"
    TILT_UP = "tilt_up"
    TILT_DOWN = "tilt_down"
    ORBIT = "orbit"
    """Around the subject, to the right."""
    ORBIT_LEFT = "orbit_left"
    CRANE_UP = "crane_up"
    """Upwards, looking at the subject all the while."""
    CRANE_DOWN = "crane_down"
    DOLLY_ZOOM = "dolly_zoom"
    """Towards the subject while the lens widens: the subject keeps its size, the background recedes."""
    DOLLY_ZOOM_OUT = "dolly_zoom_out"
    HANDHELD = "handheld"
    """Held by a person who stands still."""


class Ease(Enum):
    """How the speed of a camera move changes over its share of the clip."""

    SMOOTH = "smooth"
    """From rest, steady, to rest."""
    LINEAR = "linear"
    IN = "in"
    """From rest to full speed."""
    OUT = "out"
    """From full speed to rest."""


class Repeat(Enum):
    """What happens after the last frame."""

    ONCE = "once"
    PING_PONG = "ping_pong"
    """The camera comes back the way it went, within the clip: the last frame joins the first."""
    LOOP = "loop"
    """The last frame joins the first, and the air goes on without a seam."""


class Atmosphere(Enum):
    """What is in the air, or moves by itself."""

    DUST = "dust"
    MIST = "mist"
    RAIN = "rain"
    SNOW = "snow"
    LIGHT_SWEEP = "light_sweep"
    CAUSTICS = "caustics"
    WATER = "water"
    FOLIAGE = "foliage"
    CLOTH = "cloth"
    FLICKER = "flicker"
    CLOUDS = "clouds"


class FlickerLight(Enum):
    """What flickers."""

    FLAME = "flame"
    NEON = "neon"
    """A sign or a tube: it hums, and now and then fails for some frames."""


FILMED_AIRS = frozenset(
    {
        Atmosphere.DUST,
        Atmosphere.MIST,
        Atmosphere.RAIN,
        Atmosphere.SNOW,
        Atmosphere.LIGHT_SWEEP,
        Atmosphere.CAUSTICS,
        Atmosphere.FLICKER,
    }
)
"""Those that can be put into frames which are rendered anew: the others move a layer's own picture."""


class EffectKind(Enum):
    """What a specialised module does to the people of a hero."""

    HERITAGE = "heritage"
    DANCE = "dance"
    KISS = "kiss"
    HUG = "hug"

    @property
    def needs_consent(self) -> bool:
        """Whether each person shown must have agreed to it."""
        return self is not EffectKind.HERITAGE

    @property
    def people(self) -> int:
        """How many people it shows."""
        return 2 if self in (EffectKind.KISS, EffectKind.HUG) else 1


@dataclass(frozen=True, slots=True)
class Keyframe:
    """How much of a move is done at a moment."""

    at: float
    """Share of the phase's time, 0 to 1."""
    way: float
    """Share of the phase's amount, -1 to 1."""


@dataclass(frozen=True, slots=True)
class CameraPhase:
    """One move of a chain."""

    move: CameraMove
    amount: float = 1.0
    """Share of the motion's strength, 0 to 1."""
    share: float = 1.0
    """Share of the clip's time, above 0 to 1; those of a chain come to 1."""
    ease: Ease = Ease.SMOOTH
    keys: tuple[Keyframe, ...] = ()
    """Instead of an ease: from a moment to the next along a smooth curve through all of them."""


@dataclass(frozen=True, slots=True)
class Air:
    """One atmosphere."""

    kind: Atmosphere
    amount: float = 0.5
    """0 to 1; 1 is the most that is in good taste."""
    direction_deg: float | None = None
    """Where it drifts or shines to in the frame: 0 to the right, 90 upwards. None for its own way."""
    region: str = ""
    """What it is bound to: a name of `Hero.regions` or of `Hero.object_names`, or `sky`, `subject`, `background`. Empty
    for the whole, or what suits it."""
    mask: PictureReference | None = None
    """What it is bound to, drawn by the owner: grey, of the hero's size. Instead of a region."""
    light: FlickerLight = FlickerLight.FLAME
    """What flickers, in `Atmosphere.FLICKER`."""


@dataclass(frozen=True, slots=True)
class Window:
    """Which part of a longer motion a clip shows; clips whose windows join have one speed at the seam."""

    begin: float = 0.0
    end: float = 1.0


@dataclass(frozen=True, slots=True)
class Heritage:
    """How an old portrait comes alive; every measure is bounded by the module's ceiling."""

    blinks: int = 1
    turn_deg: float = 0.0
    """Of the head, to the picture's right."""
    tilt_deg: float = 0.0
    """Of the head, towards the picture's right shoulder."""
    breath: float = 0.5
    """0 to 1."""
    restore: bool = False
    """Whether scratches and fading are mended before."""


@dataclass(frozen=True, slots=True)
class Effect:
    """What a specialised module does."""

    kind: EffectKind
    heritage: Heritage | None = None
    track: str = ""
    """Pose track of a dance; empty for the module's first."""


@dataclass(frozen=True, slots=True)
class Motion:
    """A directed motion."""

    phases: tuple[CameraPhase, ...]
    """At least one."""
    strength: float
    """0 to 1; 1 is the largest tasteful move on a hero whose layers are exact."""
    airs: tuple[Air, ...] = ()
    repeat: Repeat = Repeat.ONCE
    window: Window = Window()
    effect: Effect | None = None
    speed: float = 0.0
    """Per cent of the frame per second by which the subject moves or grows at full speed, instead of a strength; 0 for none."""

    @property
    def camera(self) -> CameraMove:
        """The first move, which stands for the whole where only one can be told."""
        return self.phases[0].move


def single(camera: CameraMove, strength: float, *airs: Air) -> Motion:
    """A motion of one move over the whole clip."""
    return Motion((CameraPhase(camera),), strength, airs)
