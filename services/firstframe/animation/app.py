"""Wires the animation stage and serves it."""

from __future__ import annotations

import asyncio

import grpc

from firstframe.adapters.stores import open_store
from firstframe.adapters.video import PyavVideo
from firstframe.animation.engines.previz import PrevizAnimator
from firstframe.animation.servicer import AnimationServicer
from firstframe.animation.settings import AnimationSettings
from firstframe.api.animation.v1 import animation_pb2, animation_pb2_grpc
from firstframe.runtime.server import serve
from firstframe.runtime.settings import load
from firstframe.runtime.slots import Slots
from firstframe.runtime.stage import StageRunner

STAGE = "animation"
SERVICE = animation_pb2.DESCRIPTOR.services_by_name["AnimationService"].full_name


async def main() -> None:
    """Serves until told to stop."""
    settings = load(AnimationSettings)
    store = open_store(**settings.store.values())
    slots = Slots(STAGE, settings.slots)
    runner = StageRunner(stage=STAGE, store=store, slots=slots, scratch_dir=settings.scratch_dir)
    animator = PrevizAnimator()

    def register(server: grpc.aio.Server) -> None:
        servicer = AnimationServicer(runner=runner, store=store, video=PyavVideo(), animator=animator)
        animation_pb2_grpc.add_AnimationServiceServicer_to_server(servicer, server)

    async def warm() -> None:
        await asyncio.to_thread(animator.warm)

    await serve(
        settings,
        service=STAGE,
        register=register,
        service_names=[SERVICE],
        store=store,
        slots=slots,
        on_ready=warm,
    )
