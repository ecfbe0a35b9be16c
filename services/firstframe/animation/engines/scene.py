"""The engine `scene`: every frame of a generated set rendered anew, with the camera truly moving.

Reflections, refractions, shadows and what comes out from behind are right, which layers cannot give. The camera goes the way
that the engine `previz` would take, so that what was approved there is what is filmed here; it goes farther where `previz` is
held back because shadows would part from what casts them.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from numpy.typing import NDArray

from firstframe.animation.engines import ClipRequest, Work
from firstframe.animation.engines.filmed_air import FilmedAir
from firstframe.animation.engines.previz import PrevizTake
from firstframe.core.errors import InvalidInput, Unsupported
from firstframe.core.formats import Quality
from firstframe.core.media import HeroPicture, PixelRect
from firstframe.core.motion import FILMED_AIRS, Motion
from firstframe.imaging.camera import Pose
from firstframe.imaging.drift.asked import Asked
from firstframe.ports.video import Rgb16
from firstframe.render import denoise, layers
from firstframe.render.filming import posed
from firstframe.render.kinds import Renderer
from firstframe.render.passes import Pass
from firstframe.render.scene import load
from firstframe.render.steady import Steady
from firstframe.render.tracer import Tracer
from firstframe.render.variant import Variant
from firstframe.sets import scenes
from firstframe.sets.design import SetDesign
from firstframe.sets.requests import VERSION as SETS
from firstframe.sets.requests import SetRequest

VERSION = "4"
"""Raised whenever frames may change; the version of the sets is part of the engine's as well."""
SAMPLES = {Quality.DRAFT: 12, Quality.STANDARD: 24, Quality.FINE: 96}
MAX_DEPTH = {Quality.DRAFT: 5, Quality.STANDARD: 6, Quality.FINE: 8}
SETTLING_S = 0.4
"""Time in which the hero, whose layers are rendered one by one, gives way to frames that are rendered whole: the camera has
hardly begun to move."""
_FULL = 65535
_MATCHING = 8
"""Rounds in which the exposure of the first frame is brought to that of the hero."""

Floats = NDArray[np.float32]


class SceneAnimator:
    """The engine.

    Args:
        choose: Picks the variant of the renderer; called once, at the first clip.
    """

    def __init__(self, choose: Callable[[], Variant]) -> None:
        self._choose = choose
        self._lock = threading.Lock()

    @property
    def version(self) -> str:
        """`VERSION`, and that of the sets."""
        return f"{VERSION}-sets-{SETS}"

    def version_for(self, _motion: Motion) -> str:
        """See `Animator`."""
        return self.version

    @cached_property
    def _variant(self) -> Variant:
        return self._choose()

    def take(self, request: ClipRequest) -> SceneTake:
        """See `Animator`.

        Raises:
            InvalidInput: The hero is no generated set, or something else than the camera is to move.
            Unsupported: `NO_RENDERER`: the renderer runs without LLVM here.
        """
        if request.set is None:
            fix = "use the engine previz, which moves any hero"
            raise InvalidInput.at("hero.scene", "is absent: only a generated set with its own product is filmed", fix)
        check_possible(request.motion)
        return SceneTake(request, request.set, self)

    def open(self, design: SetDesign, folder: Path) -> tuple[Tracer, dict[str, str]]:
        """A set that is ready to be rendered, and how the renderer runs.

        Raises:
            Unsupported: `NO_RENDERER`.
        """
        mi = self.renderer()
        loaded = load(mi, design, folder, bodies=True)
        return Tracer(mi, loaded, design), self._variant.details

    def renderer(self) -> Renderer:
        """The renderer, active in this thread.

        Raises:
            Unsupported: `NO_RENDERER`.
        """
        with self._lock:
            if not self._variant.vectorised:
                text = (
                    "this server renders without LLVM, too slowly for films; install libLLVM 16 or later, or use previz"
                )
                raise Unsupported(text, reason="NO_RENDERER")
            return self._variant.activate()


class SceneTake(PrevizTake):
    """One clip, ready to be rendered.

    Args:
        request: What to animate and how.
        made: The hero's set.
        animator: Opens sets.
    """

    solid = True

    def __init__(self, request: ClipRequest, made: SetRequest, animator: SceneAnimator) -> None:
        super().__init__(request)
        if made.size != request.hero.size:
            problem = f"describes a set of {made.size}, the hero has {request.hero.size}"
            raise InvalidInput.at("hero.scene", problem, "send the hero as imagegen gave it")
        self._made = made
        self._animator = animator
        self._details: dict[str, str] = {}

    @property
    def details(self) -> dict[str, str]:
        """See `Take`: how the renderer ran."""
        return self._details

    @property
    def asked(self) -> Asked:
        """See `Take`: the poses themselves, of things that are not flat."""
        return replace(super().asked, solid=True)

    def frames(self, work: Work) -> Iterator[Rgb16]:
        """See `Take`. The first is the hero.

        The difference of the rendered one to it is faded out while the camera starts, and in again before a motion repeats.
        """
        design, count = scenes.build(self._made), self._request.frame_count
        with TemporaryDirectory(prefix="firstframe-scene-") as folder:
            tracer, facts = self._animator.open(design, Path(folder))
            self._details = {**facts, "samples": str(SAMPLES[self._made.quality])}
            film = _Film(tracer, design, self._made, self._hero, work, self._air())
            for index in range(count):
                work.check()
                moment = self._path.moment(index, count)
                settled = settling(moment * self._path.seconds, self._path.seconds if self._airs.repeats else None)
                yield film.frame(self._path.pose_at(moment), moment * self._path.seconds, settled, index)
                work.progress("filming", (index + 1) / count)

    def _air(self) -> FilmedAir | None:
        seconds = self._path.seconds
        media = self._airs.media(self._envelope, seconds)
        if not media:
            return None
        return FilmedAir(self._hero, self._envelope, media, duration_s=seconds, repeats=self._airs.repeats)


class _Film:
    """Frames of one set."""

    def __init__(
        self,
        tracer: Tracer,
        design: SetDesign,
        made: SetRequest,
        hero: HeroPicture,
        work: Work,
        air: FilmedAir | None = None,
    ) -> None:
        self._tracer, self._design, self._made, self._work, self._air = tracer, design, made, work, air
        self._steady = Steady()
        first, _ = self._light(Pose())
        wanted = np.asarray(hero.image / np.float32(255), np.float32)
        self._exposure = matched(first, wanted)
        self._rest = wanted - layers.tone(first * self._exposure)
        self._hero = hero.image

    def frame(self, pose: Pose, time_s: float, settled: float, index: int) -> Rgb16:
        """The frame that is seen from a pose; see `settling`."""
        if time_s == 0:
            return self._hero.astype(np.uint16) * np.uint16(_FULL // 255)
        light, nearer = self._light(pose)
        seen = layers.tone(light * self._exposure)
        grain = np.random.default_rng([self._made.seed, 3, index])
        values = layers.grained(seen, grain, settled) + self._rest * np.float32(1 - settled)
        levels: Rgb16 = np.rint(np.clip(values, 0, 1) * _FULL).astype(np.uint16)
        return levels if self._air is None else self._air.put_into(levels, pose, time_s, nearer)

    def _light(self, pose: Pose) -> tuple[Floats, Floats]:
        """Linear light without its noise, and what each layer hides."""
        made = self._made
        width, height = made.size.width, made.size.height
        whole = Pass(
            layer=0,
            region=PixelRect(0, 0, width, height),
            width=width,
            height=height,
            spp=SAMPLES[made.quality],
            max_depth=MAX_DEPTH[made.quality] + self._design.bounces,
            # The same for every frame: noise that stands still does not flicker.
            seed=made.seed & 0xFFFF,
        )
        camera = posed(self._design.camera, pose, width)
        samples, nearer = self._tracer.filmed(whole, camera, check=self._work.check)
        light = denoise.denoise(samples.colour, samples.albedo, samples.normal, blurred=True)
        depth = self._tracer.geometry(camera, width, height).inverse_depth
        return self._steady.next(light, camera, depth), nearer


def settling(time_s: float, again_s: float | None = None) -> float:
    """How far the rendered frames have taken over from the hero, 0 to 1, without a jerk.

    Args:
        time_s: Since the hero.
        again_s: When the hero comes again; None where it does not.
    """
    away = time_s if again_s is None else min(time_s, again_s - time_s)
    share = min(max(away / SETTLING_S, 0.0), 1.0)
    return share * share * (3 - 2 * share)


def matched(light: Floats, wanted: Floats) -> Floats:
    """What linear light is multiplied with so that its tones have the means of a picture.

    Args:
        light: Linear light, shape (h, w, 3).
        wanted: Code values, 0 to 1, of the same shape.

    Returns:
        For red, green and blue, shape (3,).
    """
    aim = wanted.mean(axis=(0, 1))
    small = light[::4, ::4]
    exposure = np.ones(3, np.float32)
    for _ in range(_MATCHING):
        got = layers.tone(small * exposure).mean(axis=(0, 1))
        # Code values go about as the square root of light.
        exposure *= np.clip((aim / np.maximum(got, 1e-3)) ** 2, 0.25, 4)
    return exposure


def check_possible(motion: Motion) -> None:
    """Refuses what this engine cannot do.

    Raises:
        InvalidInput: There are atmospheres that move a layer's own picture, or an effect.
    """
    unfilmed = [air.kind.value for air in motion.airs if air.kind not in FILMED_AIRS]
    if unfilmed:
        problem = f"{', '.join(unfilmed)}: moves a layer's picture, and the engine scene renders none"
        raise InvalidInput.at("motion.airs", problem, "use previz, or leave it out")
    if motion.effect is not None:
        raise InvalidInput.at("motion.effect", f"{motion.effect.kind.value} needs a photograph", "use previz")
