"""Wires the stitching stage and serves it."""

from __future__ import annotations

import asyncio
import importlib

import grpc

from firstframe.adapters.stores import open_store
from firstframe.adapters.video import PyavVideo
from firstframe.adapters.video_delivery import PyavDeliveryWriter
from firstframe.api.stitching.v1 import stitching_pb2, stitching_pb2_grpc
from firstframe.runtime.server import serve
from firstframe.runtime.settings import load
from firstframe.runtime.slots import Slots
from firstframe.runtime.stage import StageRunner
from firstframe.stitching.engines.previz import PrevizStitcher
from firstframe.stitching.servicer import StitchingServicer
from firstframe.stitching.settings import StitchingSettings

STAGE = "stitching"
SERVICE = stitching_pb2.DESCRIPTOR.services_by_name["StitchingService"].full_name


async def main() -> None:
    """Serves until told to stop."""
    settings = load(StitchingSettings)
    store = open_store(**settings.store.values())
    slots = Slots(STAGE, settings.slots)
    runner = StageRunner(stage=STAGE, store=store, slots=slots, scratch_dir=settings.scratch_dir)
    engine = PrevizStitcher(PyavVideo(), PyavDeliveryWriter())

    def register(server: grpc.aio.Server) -> None:
        servicer = StitchingServicer(runner=runner, store=store, engine=engine)
        stitching_pb2_grpc.add_StitchingServiceServicer_to_server(servicer, server)

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
    await asyncio.to_thread(importlib.import_module, "av")
