"""From a brief to a plan: a pure function without I/O. Same brief, same plan, byte for byte."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction

from firstframe.core.delivery import PLATFORMS, Platform
from firstframe.core.errors import InvalidInput
from firstframe.core.formats import FORMATS, Format
from firstframe.core.media import Finding, Severity
from firstframe.core.motion import EffectKind
from firstframe.core.seeds import MAX_SEED, variation_seed
from firstframe.core.sets import MAX_STAGING
from firstframe.core.still_packs import STILL_PACKS
from firstframe.orchestrator import learned_plan, prompt_findings
from firstframe.orchestrator.brief import Brief, HeroBrief, Learned, MotionBrief, PromptBrief
from firstframe.orchestrator.bursts import Burst, bursts_of, frame_count, frames_of
from firstframe.orchestrator.engines import engine_of
from firstframe.orchestrator.feasible import check_prompt, prompt_size, prompt_still
from firstframe.orchestrator.plan import (
    ClipSpec,
    CutoutSource,
    DeliverablePlan,
    Gate,
    LanePlan,
    ModelSource,
    PhotoSource,
    Plan,
    PlanStep,
    SetSource,
    Stage,
    StillSpec,
    StitchSpec,
    UpscaleSpec,
    step,
)


def plan(brief: Brief) -> Plan:
    """Solves what is feasible for every hero, variation, format and platform.

    Raises:
        InvalidInput: Something asked for cannot be made; the message says what would do.
    """
    _check_platforms(brief)
    _check_prompts(brief)
    builder = _Builder(brief)
    lanes = tuple(builder.lane(hero, number, name) for hero, number, name in _lanes(brief))
    return Plan(brief.campaign, tuple(builder.steps.values()), lanes, _findings(brief))


def _lanes(brief: Brief) -> list[tuple[HeroBrief, int, str]]:
    """Every hero × variation × format, in the order of the brief."""
    return [
        (hero, number, name)
        for hero in brief.heroes
        for number in range(1, hero.variations + 1)
        for name in brief.formats
    ]


def take_seed(seed: int, variation: int, take: int) -> int:
    """Seed of a take by words, 0 to 2³²−1: the variation's own for take 0, derived by SHA-256 for the others."""
    if take == 0:
        return variation_seed(seed, variation)
    return int.from_bytes(hashlib.sha256(f"{seed}/variation/{variation}/take/{take}".encode()).digest()[:4]) & MAX_SEED


def staged(source: SetSource, take: int) -> SetSource:
    """A set as a take of it is staged: other takes keep the seed, and with it the product, and stage it another way."""
    return replace(source, staging=(source.staging + take) % (MAX_STAGING + 1)) if take else source


def retake(brief: Brief, lane: LanePlan, take: int) -> tuple[LanePlan, tuple[PlanStep, ...]]:
    """A lane with another still of its hero, and its steps: those that follow from the still are others as well.

    Args:
        brief: The brief of the lane's plan.
        lane: The lane as it was planned.
        take: Number of the take; 0 is the plan's own.
    """
    builder = _Builder(brief)
    hero = next(item for item in brief.heroes if item.name == lane.hero)
    return builder.lane(hero, lane.variation, lane.format, take), tuple(builder.steps.values())


def _check_platforms(brief: Brief) -> None:
    for index, name in enumerate(brief.platforms):
        platform = PLATFORMS[name]
        _check_has_format(platform, brief, f"platforms[{index}]")
        _check_length(platform, brief.motion, f"platforms[{index}]")
    for index, format_name in enumerate(brief.formats):
        _check_has_platform(format_name, brief, f"formats[{index}]")


def _check_has_format(platform: Platform, brief: Brief, field: str) -> None:
    if not any(platform.takes(name) for name in brief.formats):
        fix = f"add one of {', '.join(platform.formats)} to the formats or drop the platform"
        raise InvalidInput.at(field, f"{platform.title} takes none of the formats {', '.join(brief.formats)}", fix)


def _check_length(platform: Platform, motion: MotionBrief, field: str) -> None:
    seconds = frames_of(motion) / motion.frame_rate
    if not platform.min_seconds <= seconds <= platform.max_seconds:
        limits = f"{platform.min_seconds:g} to {platform.max_seconds:g} s"
        raise InvalidInput.at(
            field, f"{platform.title} takes {limits}, the clip has {seconds:g} s", "change motion.seconds"
        )
    if not platform.min_fps <= motion.frame_rate <= platform.max_fps:
        limits = f"{float(platform.min_fps):g} to {float(platform.max_fps):g} frames per second"
        raise InvalidInput.at(
            field, f"{platform.title} takes {limits}, the motion has {motion.frame_rate}", "change motion.fps"
        )


def _check_has_platform(format_name: str, brief: Brief, field: str) -> None:
    if not any(PLATFORMS[name].takes(format_name) for name in brief.platforms):
        takers = ", ".join(name for name, platform in PLATFORMS.items() if platform.takes(format_name))
        raise InvalidInput.at(
            field, f"no platform of the brief takes {format_name}", f"deliver to one of {takers}, or drop it"
        )


def _check_prompts(brief: Brief) -> None:
    for index, hero in enumerate(brief.heroes):
        if isinstance(hero.source, PromptBrief):
            check_prompt(hero.source, brief.formats, f"heroes[{index}].prompt")


def _findings(brief: Brief) -> tuple[Finding, ...]:
    found = [_unknown_pack(name) for name in _unknown_packs(brief)]
    found += prompt_findings.findings_of(brief.motion)
    if length := learned_plan.length_found(brief.motion):
        found.append(length)
    bursts = bursts_of(brief.motion)
    if reasons := _split_reasons(brief.motion, bursts):
        found.append(Finding(Severity.INFO, "MADE_OF_CLIPS", "; ".join(reasons)))
    if (effect := brief.motion.motion.effect) and effect.kind.needs_consent:
        found.append(_consents_needed(brief, effect.kind))
    return tuple(found)


def _consents_needed(brief: Brief, effect: EffectKind) -> Finding:
    names = ", ".join(sorted({name for hero in brief.heroes for name in hero.people}))
    text = f"a {effect.value} is made with the consent of {names} alone: it is refused where one is not recorded (consent list)"
    return Finding(Severity.INFO, "CONSENT_NEEDED", text)


class _Builder:
    """Collects steps, each once."""

    def __init__(self, brief: Brief) -> None:
        self._brief = brief
        self.steps: dict[str, PlanStep] = {}

    def _add(self, item: PlanStep) -> str:
        return self.steps.setdefault(item.id, item).id

    def lane(self, hero: HeroBrief, variation: int, format_name: str, take: int = 0) -> LanePlan:
        """Plans one lane."""
        shape = FORMATS[format_name]
        still = self._add(self._still(hero, variation, shape, take))
        clips = tuple(self._add(item) for item in self._clips(hero, shape, still))
        upscales = self._upscales(hero, shape, clips)
        lane_id = f"{hero.name}.{variation}.{shape.slug}"
        deliverables = self._deliverables(hero, variation, shape, upscales or clips)
        return LanePlan(lane_id, hero.name, variation, format_name, still, clips, upscales, deliverables)

    def _still(self, hero: HeroBrief, variation: int, shape: Format, take: int) -> PlanStep:
        size = shape.native_size(self._brief.quality)
        if isinstance(hero.source, PhotoSource):
            spec = StillSpec(hero.source, size, 0, self._brief.quality)
            reason = f"{shape.name} around the subject, at most {size}; a photograph is never enlarged here"
            reasons = (reason, *_drawn(hero.source))
            return step(Stage.IMAGEGEN, spec, (), f"reframe the photograph to {shape.name}", reasons)
        seed = self._brief.seed if hero.seed is None else hero.seed
        if isinstance(hero.source, PromptBrief):
            return prompt_still(hero.source, shape, take_seed(seed, variation, take))
        source = staged(hero.source, take)
        spec = StillSpec(source, size, variation_seed(seed, variation), self._brief.quality)
        reason = f"{size} is the native {self._brief.quality.value} size of {shape.name}"
        return step(Stage.IMAGEGEN, spec, (), _set_words(source, spec), (reason,))

    def _clips(self, hero: HeroBrief, shape: Format, still: str) -> list[PlanStep]:
        motion = self._brief.motion
        bursts = bursts_of(motion)
        reasons = (*_length_reasons(motion), *_split_reasons(motion, bursts), *_gate_reasons(motion))
        if motion.learned is not None:
            return [self._learned(motion.learned, shape, still, bursts, number) for number in range(len(bursts))]
        engine, why = engine_of(motion, hero.source, shape.native_size(self._brief.quality), self._brief.quality)
        return [
            step(
                Stage.ANIMATION,
                replace(self._clip(burst), engine=engine),
                (still,),
                _clip_words(motion, bursts, number),
                (*(reasons if number == 0 else ("goes on where the clip before it ends",)), *why(burst.frame_count)),
            )
            for number, burst in enumerate(bursts)
        ]

    def _learned(self, learned: Learned, shape: Format, still: str, bursts: Sequence[Burst], number: int) -> PlanStep:
        motion, burst = self._brief.motion, bursts[number]
        spec = learned_plan.asked(self._clip(burst), motion, learned, burst, number)
        reasons = (
            *(
                (*_split_reasons(motion, bursts), *_gate_reasons(motion))
                if number == 0
                else ("begins where the clip before it would end",)
            ),
            *learned_plan.reasons(spec, motion, learned, shape),
        )
        return step(Stage.ANIMATION, spec, (still,), _clip_words(motion, bursts, number), reasons)

    def _clip(self, burst: Burst) -> ClipSpec:
        motion = self._brief.motion
        return ClipSpec(
            recipe=motion.recipe.name,
            recipe_version=motion.recipe.version,
            motion=replace(motion.motion, window=burst.window),
            prompt=motion.prompt,
            frame_count=burst.frame_count,
            frame_rate=Fraction(motion.frame_rate),
            seed=self._brief.seed if motion.recipe.seed is None else motion.recipe.seed,
            gate=motion.gate,
        )

    def _upscales(self, hero: HeroBrief, shape: Format, clips: tuple[str, ...]) -> tuple[str, ...]:
        native, learned = shape.native_size(self._brief.quality), self._brief.motion.learned
        if learned is None and native == shape.delivery_size and isinstance(hero.source, SetSource):
            return ()
        if learned is None:
            reason = _upscale_reason(hero, shape, native == shape.delivery_size)
        else:
            made = learned_plan.made_size(learned, shape)
            reason = f"{learned.pack.name} makes {made}, platforms take {shape.delivery_size}"
        spec = UpscaleSpec(shape.delivery_size)
        summary = f"to {shape.delivery_size}"
        return tuple(self._add(step(Stage.UPSCALING, spec, (clip,), summary, (reason,))) for clip in clips)

    def _deliverables(
        self, hero: HeroBrief, variation: int, shape: Format, sources: tuple[str, ...]
    ) -> tuple[DeliverablePlan, ...]:
        takers = [name for name in self._brief.platforms if PLATFORMS[name].takes(shape.name)]
        return tuple(self._deliverable(hero, variation, shape, sources, PLATFORMS[name]) for name in takers)

    def _deliverable(
        self, hero: HeroBrief, variation: int, shape: Format, sources: tuple[str, ...], platform: Platform
    ) -> DeliverablePlan:
        summary = f"{platform.title}: H.264 at {shape.delivery_size}, audio {platform.audio}"
        item = self._add(step(Stage.STITCHING, StitchSpec(platform.name), sources, summary, (platform.source,)))
        take = f"_v{variation}" if hero.variations > 1 else ""
        name = f"{self._brief.campaign}_{hero.name}{take}_{shape.slug}_{platform.name}.mp4"
        return DeliverablePlan(platform.name, item, name)


def _unknown_packs(brief: Brief) -> list[str]:
    named = {hero.source.pack for hero in brief.heroes if isinstance(hero.source, PromptBrief)}
    return sorted(named - {"", *STILL_PACKS})


def _unknown_pack(name: str) -> Finding:
    text = (
        f"{name} is none of the packs that firstframe brings along ({', '.join(STILL_PACKS)}): whether it makes these"
        " formats, its server tells"
    )
    return Finding(Severity.WARNING, "PACK_NOT_KNOWN", text)


def _set_words(source: SetSource, spec: StillSpec) -> str:
    goods = {ModelSource: " with the model", CutoutSource: " with the cut-out"}.get(type(source.product), "")
    way = f", staging {source.staging}" if source.staging else ""
    words = " and ".join(f"“{text}”" for text in (source.copy, source.tagline) if text)
    label = f" with {words}" if words else goods
    return f"render the set {source.scene} in {source.palette}{label} at {spec.size}, seed {spec.seed}{way}"


def _length_reasons(motion: MotionBrief) -> tuple[str, ...]:
    frames = frame_count(motion.seconds, motion.frame_rate)
    exact = motion.seconds * motion.frame_rate
    if abs(frames - exact) < 1e-6:
        return ()
    return (f"{motion.seconds:g} s are {exact:g} frames; rounded to {frames}, {frames / motion.frame_rate:.3f} s",)


def _split_reasons(motion: MotionBrief, bursts: Sequence[Burst]) -> tuple[str, ...]:
    if len(bursts) == 1:
        return ()
    made = f"{motion.seconds:g} s are made as {len(bursts)} clips of {_lengths(motion, bursts)}"
    why = f"{made}: longer takes drift away from the hero"
    if motion.learned is not None:
        return (
            why,
            "each clip goes out from the hero and comes back to it, so that place joins at the seams; how fast it comes back is"
            " the model's own, and speed may change there",
        )
    return (
        why,
        "each clip starts from the hero itself and shows its part of one motion, so that place and speed join at the seams",
    )


_GATE_REASONS = {
    Gate.REPORT: "a clip that drifts from the hero is delivered all the same, and told: the gate is report",
    Gate.NONE: "nobody measures whether the clip stays true to the hero: the gate is none",
}


def _gate_reasons(motion: MotionBrief) -> tuple[str, ...]:
    return (_GATE_REASONS[motion.gate],) if motion.gate in _GATE_REASONS else ()


def _lengths(motion: MotionBrief, bursts: Sequence[Burst]) -> str:
    """`4 s`, or `3.367 to 3.333 s`."""
    ends = sorted({burst.frame_count / motion.frame_rate for burst in bursts})
    return f"{' to '.join(f'{seconds:.4g}' for seconds in ends)} s"


def _clip_words(motion: MotionBrief, bursts: Sequence[Burst], number: int) -> str:
    burst, rate = bursts[number], f"at {motion.frame_rate} per second"
    if len(bursts) == 1:
        return f"{motion.recipe.name}, {burst.frame_count} frames {rate}"
    frames = f"frames {burst.first + 1} to {burst.first + burst.frame_count}"
    return f"{motion.recipe.name}, clip {number + 1} of {len(bursts)}: {frames} {rate}"


def _drawn(source: PhotoSource) -> tuple[str, ...]:
    """What is told of the parts that its owner has drawn."""
    return (f"drawn by hand: {', '.join(name for name, _ in source.regions)}",) if source.regions else ()


def _upscale_reason(hero: HeroBrief, shape: Format, full_size: bool) -> str:
    if isinstance(hero.source, PromptBrief):
        return f"the model makes {prompt_size(hero.source, shape)}, platforms take {shape.delivery_size}"
    if isinstance(hero.source, PhotoSource) and full_size:
        return f"only where the photograph has less than {shape.delivery_size}"
    return f"the still has {shape.draft_size}, platforms take {shape.delivery_size}"
