"""Wires the animation stage and serves it."""

from __future__ import annotations

import asyncio
from functools import partial
from importlib.util import find_spec
from typing import TYPE_CHECKING

import grpc

from firstframe.adapters.clock import SystemClock
from firstframe.adapters.stores import open_store
from firstframe.adapters.video import PyavVideo
from firstframe.animation.effects.people import People
from firstframe.animation.engines.previz import PrevizAnimator
from firstframe.animation.servicer import AnimationServicer
from firstframe.animation.settings import AnimationSettings
from firstframe.api.animation.v1 import animation_pb2, animation_pb2_grpc
from firstframe.core.solids import Solid
from firstframe.mounting.opening import mounted
from firstframe.runtime.grants import GrantGate, grant_seal
from firstframe.runtime.server import serve
from firstframe.runtime.settings import load
from firstframe.runtime.slots import Slots
from firstframe.runtime.stage import StageRunner

if TYPE_CHECKING:
    from firstframe.animation.engines.diffusers import DiffusersAnimator
    from firstframe.animation.engines.scene import SceneAnimator
    from firstframe.mounting.mount import Mount

STAGE = "animation"
SERVICE = animation_pb2.DESCRIPTOR.services_by_name["AnimationService"].full_name


async def main() -> None:
    """Serves until told to stop."""
    settings = load(AnimationSettings)
    store = open_store(**settings.store.values())
    slots = Slots(STAGE, settings.slots)
    runner = StageRunner(stage=STAGE, store=store, slots=slots, scratch_dir=settings.scratch_dir)
    filming = _scene_animator(settings)
    mount = mounted(settings.models, workers=settings.slots)
    animator = PrevizAnimator(_people(mount))
    learned = _learned_animators(mount) if mount else {}

    def register(server: grpc.aio.Server) -> None:
        servicer = AnimationServicer(
            runner=runner,
            store=store,
            video=PyavVideo(),
            animator=animator,
            decode_mesh=_decode_mesh,
            filming=filming,
            learned=learned,
            warm_models=mount.warm if mount else None,
            consents=GrantGate(grant_seal(settings.consent_key, settings.consent_key_file), SystemClock()),
        )
        animation_pb2_grpc.add_AnimationServiceServicer_to_server(servicer, server)

    async def warm() -> None:
        await asyncio.to_thread(animator.warm)
        for learned_animator in learned.values():
            await asyncio.to_thread(learned_animator.warm)
        if mount:
            await mount.open()

    await serve(
        settings,
        service=STAGE,
        register=register,
        service_names=[SERVICE],
        store=store,
        slots=slots,
        on_ready=warm,
        fitness=mount.health() if mount else None,
    )


def _scene_animator(settings: AnimationSettings) -> SceneAnimator | None:
    """The engine that films generated sets, where its renderer is installed."""
    if not settings.films or find_spec("mitsuba") is None:
        return None
    from firstframe.animation.engines.scene import SceneAnimator
    from firstframe.render.variant import choose

    return SceneAnimator(partial(choose, settings.variant, threads=settings.render_threads))


def _decode_mesh(data: bytes, *, field: str) -> Solid:
    """See `firstframe.adapters.meshes.decode_mesh`, whose libraries are there where sets are filmed."""
    from firstframe.adapters.meshes import decode_mesh

    return decode_mesh(data, field=field)


def _people(mount: Mount | None) -> People:
    """Who finds the people whom effects move: the packs that are mounted, or nothing."""
    if mount is None:
        return People()
    return People(mount.blocking, {name: pack.digest for name, pack in mount.packs.items()})


def _learned_animators(mount: Mount) -> dict[str, DiffusersAnimator]:
    """The packs with a pipeline; their library is imported where there is one."""
    packs = mount.pipelines
    if not packs:
        return {}
    from firstframe.animation.engines.diffusers import DiffusersAnimator
    from firstframe.learned.clips import ClipMaker
    from firstframe.learned.pipelines import InstalledPipeline

    return {name: DiffusersAnimator(ClipMaker(InstalledPipeline(pack, mount.blocking))) for name, pack in packs.items()}
