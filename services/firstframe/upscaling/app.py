"""Wires the upscaling stage and serves it."""

from __future__ import annotations

import asyncio
import importlib

import grpc

from firstframe.adapters.stores import open_store
from firstframe.adapters.video import PyavVideo
from firstframe.api.upscaling.v1 import upscaling_pb2, upscaling_pb2_grpc
from firstframe.runtime.server import serve
from firstframe.runtime.settings import load
from firstframe.runtime.slots import Slots
from firstframe.runtime.stage import StageRunner
from firstframe.upscaling.engines.previz import PrevizUpscaler
from firstframe.upscaling.servicer import UpscalingServicer
from firstframe.upscaling.settings import UpscalingSettings

STAGE = "upscaling"
SERVICE = upscaling_pb2.DESCRIPTOR.services_by_name["UpscalingService"].full_name


async def main() -> None:
    """Serves until told to stop."""
    settings = load(UpscalingSettings)
    store = open_store(**settings.store.values())
    slots = Slots(STAGE, settings.slots)
    runner = StageRunner(stage=STAGE, store=store, slots=slots, scratch_dir=settings.scratch_dir)
    engine = PrevizUpscaler(PyavVideo())

    def register(server: grpc.aio.Server) -> None:
        servicer = UpscalingServicer(runner=runner, store=store, engine=engine)
        upscaling_pb2_grpc.add_UpscalingServiceServicer_to_server(servicer, server)

    await serve(
        settings,
        service=STAGE,
        register=register,
        service_names=[SERVICE],
        store=store,
        slots=slots,
        on_ready=_import_libraries,
    )


async def _import_libraries() -> None:
    """The first call need not wait for them."""
    for name in ("av", "cv2"):
        await asyncio.to_thread(importlib.import_module, name)
