"""From a step of the plan to a request of the contract."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from firstframe.api.animation.v1 import animation_pb2
from firstframe.api.imagegen.v1 import imagegen_pb2
from firstframe.api.media.v1 import artifact_pb2, clip_pb2, picture_pb2
from firstframe.api.stitching.v1 import stitching_pb2
from firstframe.api.upscaling.v1 import upscaling_pb2
from firstframe.core.formats import Quality
from firstframe.core.media import PixelSize
from firstframe.core.motion import Window
from firstframe.orchestrator.plan import (
    ArtifactSource,
    BrandSource,
    ClipSpec,
    CutoutPolicy,
    CutoutSource,
    Ending,
    Gate,
    LanePlan,
    ModelSource,
    PhotoSource,
    PromptSource,
    ReframePolicy,
    SetSource,
    StillSpec,
    StitchSpec,
    UpscaleSpec,
)
from firstframe.runtime.motion_messages import motion_message

_QUALITY = {
    Quality.DRAFT: imagegen_pb2.QUALITY_DRAFT,
    Quality.STANDARD: imagegen_pb2.QUALITY_STANDARD,
    Quality.FINE: imagegen_pb2.QUALITY_FINE,
}
_REFRAME = {
    ReframePolicy.CROP: imagegen_pb2.REFRAME_CROP,
    ReframePolicy.EXTEND: imagegen_pb2.REFRAME_EXTEND,
}
_CUTOUT = {
    CutoutPolicy.AUTO: imagegen_pb2.CUTOUT_MATTE_AUTO,
    CutoutPolicy.ALPHA: imagegen_pb2.CUTOUT_MATTE_ALPHA,
    CutoutPolicy.LEARNED: imagegen_pb2.CUTOUT_MATTE_LEARNED,
}


def hero_request(spec: StillSpec) -> imagegen_pb2.GenerateHeroRequest:
    """Request for a still."""
    request = imagegen_pb2.GenerateHeroRequest(size=_size(spec.size), seed=spec.seed, quality=_QUALITY[spec.quality])
    match spec.source:
        case SetSource():
            request.set.CopyFrom(_set(spec.source))
        case PhotoSource():
            request.photograph.CopyFrom(_photograph(spec.source))
        case PromptSource():
            request.prompt.CopyFrom(_prompt(spec.source))
    return request


def check_request(
    lane: LanePlan, still: StillSpec, clips: Sequence[ClipSpec], hero: picture_pb2.Hero
) -> imagegen_pb2.CheckHeroRequest:
    """Request for the checks of `hero`: against the size that the still was planned at, which a draft's delivery outgrows."""
    clip = _whole(clips)
    plan = imagegen_pb2.ShotPlan(
        format=lane.format,
        platforms=[item.platform for item in lane.deliverables],
        recipe=clip.recipe,
        motion=motion_message(clip.motion),
        frame_count=clip.frame_count,
        frame_rate=_rate(clip),
        delivery_size=_size(still.size),
    )
    return imagegen_pb2.CheckHeroRequest(hero=hero, plan=plan)


def clip_request(spec: ClipSpec, hero: picture_pb2.Hero) -> animation_pb2.AnimateClipRequest:
    """Request for a clip of `hero`."""
    motion = motion_message(spec.motion)
    motion.prompt, motion.negative_prompt = spec.prompt, spec.negative
    return animation_pb2.AnimateClipRequest(
        engine=spec.engine,
        pack=spec.pack,
        hero=hero,
        motion=motion,
        frame_count=spec.frame_count,
        frame_rate=_rate(spec),
        seed=spec.seed,
        steps=spec.steps,
        last_frame=None if spec.ending is Ending.OPEN else hero.image,
        leave_out_last=spec.ending is Ending.BEFORE_HERO,
        unmeasured=spec.gate is Gate.NONE,
    )


def seam_request(
    spec: ClipSpec, before: animation_pb2.AnimateClipResult, after: animation_pb2.AnimateClipResult
) -> animation_pb2.MeasureSeamRequest:
    """Request for the measures of the seam between two clips of one piece."""
    motion = motion_message(replace(spec.motion, window=Window(), effect=None))
    return animation_pb2.MeasureSeamRequest(
        end=before.end, begin=after.begin, frame_rate=_rate(spec), motion=motion, engine=spec.engine
    )


def upscale_request(spec: UpscaleSpec, clip: clip_pb2.Clip) -> upscaling_pb2.UpscaleClipRequest:
    """Request for `clip` at another size."""
    return upscaling_pb2.UpscaleClipRequest(clip=clip, size=_size(spec.size))


def stitch_request(spec: StitchSpec, clips: Sequence[clip_pb2.Clip]) -> stitching_pb2.StitchDeliverableRequest:
    """Request for a deliverable of `clips`."""
    return stitching_pb2.StitchDeliverableRequest(clips=clips, platform=spec.platform)


def _whole(clips: Sequence[ClipSpec]) -> ClipSpec:
    """The piece that clips join to."""
    motion = replace(clips[0].motion, window=Window())
    return replace(clips[0], motion=motion, frame_count=sum(clip.frame_count for clip in clips))


def _rate(spec: ClipSpec) -> clip_pb2.FrameRate:
    return clip_pb2.FrameRate(numerator=spec.frame_rate.numerator, denominator=spec.frame_rate.denominator)


def _size(size: PixelSize) -> picture_pb2.PixelSize:
    return picture_pb2.PixelSize(width_px=size.width, height_px=size.height)


def _set(source: SetSource) -> imagegen_pb2.ProductSet:
    return imagegen_pb2.ProductSet(
        scene=source.scene,
        palette=source.palette,
        copy=source.copy,
        tagline=source.tagline,
        brand=_brand(source.brand) if source.brand else None,
        model=_model(source.product) if isinstance(source.product, ModelSource) else None,
        cutout=_cutout(source.product) if isinstance(source.product, CutoutSource) else None,
        staging=source.staging,
    )


def _model(source: ModelSource) -> imagegen_pb2.Model:
    return imagegen_pb2.Model(
        mesh=_artifact(source.mesh),
        up=imagegen_pb2.UP_AXIS_Z if source.z_up else imagegen_pb2.UP_AXIS_Y,
        turn_deg=source.turn_deg,
        height_m=source.height_m,
        material=source.material,
        colour=source.colour,
    )


def _cutout(source: CutoutSource) -> imagegen_pb2.Cutout:
    image = _artifact(source.image)
    return imagegen_pb2.Cutout(image=image, matte=_CUTOUT[source.matte], height_m=source.height_m)


def _brand(source: BrandSource) -> imagegen_pb2.Brand:
    return imagegen_pb2.Brand(
        ground=source.ground,
        product=source.product,
        accent=source.accent,
        paper=source.paper,
        ink=source.ink,
        font=source.font,
        logo=_artifact(source.logo) if source.logo else None,
        clear_space=source.clear_space,
    )


def _photograph(source: PhotoSource) -> imagegen_pb2.Photograph:
    focus = imagegen_pb2.FocusPoint(x=source.focus[0], y=source.focus[1]) if source.focus else None
    return imagegen_pb2.Photograph(
        image=_artifact(source),
        reframe=_REFRAME[source.reframe],
        focus=focus,
        matte=_artifact(source.matte) if source.matte else None,
        inverse_depth=_artifact(source.inverse_depth) if source.inverse_depth else None,
        partner=_artifact(source.partner) if source.partner else None,
        regions=[picture_pb2.Region(name=name, mask=_artifact(mask)) for name, mask in source.regions],
    )


def _prompt(source: PromptSource) -> imagegen_pb2.Prompt:
    return imagegen_pb2.Prompt(
        text=source.text,
        negative_text=source.negative,
        pack=source.pack,
        steps=source.steps,
        guidance=source.guidance,
        reference=_artifact(source.reference) if source.reference else None,
        strength=source.strength,
    )


def _artifact(source: ArtifactSource | PhotoSource) -> artifact_pb2.ArtifactRef:
    return artifact_pb2.ArtifactRef(digest=source.digest, media_type=source.media_type, size_bytes=source.size_bytes)
