"""Holds a new brief against what the image stage takes and what comes along: the impossible is refused, and nothing spent.

Briefs that are stored are not asked again: a campaign stays readable when a name that it uses is gone.
"""

from __future__ import annotations

from firstframe.core.clip_packs import CLIP_PACKS
from firstframe.core.errors import InvalidInput
from firstframe.core.motion import Effect
from firstframe.core.sets import (
    MAX_MARK_BYTES,
    check_copy,
    check_font,
    check_length,
    check_material,
    check_palette,
    check_scene,
)
from firstframe.orchestrator.brief import Brief, HeroBrief, MotionBrief, PromptBrief
from firstframe.orchestrator.plan import ArtifactSource, CutoutSource, ModelSource, PhotoSource, SetSource
from firstframe.orchestrator.recipes import taken


def admitted(brief: Brief) -> Brief:
    """The brief, when the image stage will take each of its heroes.

    Raises:
        InvalidInput: It will not; `metadata["field"]` has the path, for example `heroes[3].set.scene`.
    """
    _check_own(brief.motion)
    for index, hero in enumerate(brief.heroes):
        field = f"heroes[{index}]"
        _check_people(hero, brief.motion.motion.effect, f"{field}.people")
        match hero.source:
            case SetSource() as made:
                _check_set(made, f"{field}.set")
            case PhotoSource() as photograph:
                _check_photograph(photograph, f"{field}.photograph")
            case PromptBrief() as prompt:
                _check_artifact(prompt.reference, f"{field}.prompt.reference")
    return brief


def _check_own(motion: MotionBrief) -> None:
    """What a brief brings along itself is not called as something else that comes with firstframe."""
    if problem := taken(motion.recipe):
        raise InvalidInput(f"motion.own.name: {problem}", metadata={"field": "motion.own.name"})
    pack = motion.learned.pack if motion.learned else None
    if pack is not None and CLIP_PACKS.get(pack.name, pack) != pack:
        problem = f"{pack.name} comes along, and is known"
        raise InvalidInput.at("motion.own_pack.name", problem, "leave own_pack out, or take another name")


def _check_people(hero: HeroBrief, effect: Effect | None, field: str) -> None:
    """Who is shown is named, one by one, where the effect needs their consent."""
    if effect is None or not effect.kind.needs_consent or len(hero.people) == effect.kind.people:
        return
    problem = f"names {len(hero.people)} of {effect.kind.people} people, whose consent a {effect.kind.value} needs"
    raise InvalidInput.at(field, problem, "name the consent of each person shown, from left to right")


def _check_set(made: SetSource, field: str) -> None:
    check_scene(made.scene, field=f"{field}.scene")
    check_palette(made.palette, branded=made.brand is not None, field=f"{field}.palette")
    if made.brand is not None:
        check_font(made.brand.font, field=f"{field}.brand.font")
    match made.product:
        case ModelSource() as model:
            check_length(model.mesh.size_bytes, field=f"{field}.model.mesh")
            check_material(model.material, model.colour, field=f"{field}.model")
        case CutoutSource() as cutout:
            check_length(cutout.image.size_bytes, field=f"{field}.cutout.image")
        case None:
            _check_label(made, field)


def _check_label(made: SetSource, field: str) -> None:
    """What is printed on the scene's own bottle; a product of the caller's has no label, and its brand's mark is not read."""
    check_copy(made.copy, field=f"{field}.copy")
    if made.brand is not None and made.brand.logo is not None:
        check_length(made.brand.logo.size_bytes, field=f"{field}.brand.logo", most=MAX_MARK_BYTES)


def _check_photograph(photograph: PhotoSource, field: str) -> None:
    check_length(photograph.size_bytes, field=f"{field}.image")
    _check_artifact(photograph.matte, f"{field}.matte")
    _check_artifact(photograph.inverse_depth, f"{field}.inverse_depth")
    _check_artifact(photograph.partner, f"{field}.partner")
    for index, (_, mask) in enumerate(photograph.regions):
        _check_artifact(mask, f"{field}.regions[{index}].mask")


def _check_artifact(source: ArtifactSource | None, field: str) -> None:
    if source is not None:
        check_length(source.size_bytes, field=field)
