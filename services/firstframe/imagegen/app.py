"""Wires the image stage and serves it."""

from __future__ import annotations

import asyncio
from functools import partial

import grpc

from firstframe.adapters.pictures import decode
from firstframe.adapters.stores import open_store
from firstframe.api.imagegen.v1 import imagegen_pb2, imagegen_pb2_grpc
from firstframe.imagegen.engines.previz import PrevizEngine
from firstframe.imagegen.render.variant import choose
from firstframe.imagegen.servicer import ImageGenServicer
from firstframe.imagegen.settings import ImageGenSettings
from firstframe.runtime.server import serve
from firstframe.runtime.settings import load
from firstframe.runtime.slots import Slots
from firstframe.runtime.stage import StageRunner

STAGE = "imagegen"
SERVICE = imagegen_pb2.DESCRIPTOR.services_by_name["ImageGenService"].full_name


async def main() -> None:
    """Serves until told to stop."""
    settings = load(ImageGenSettings)
    store = open_store(**settings.store.values())
    engine = PrevizEngine(
        partial(choose, settings.variant, threads=settings.render_threads, target=settings.llvm_target)
    )
    slots = Slots(STAGE, settings.slots)
    runner = StageRunner(stage=STAGE, store=store, slots=slots, scratch_dir=settings.scratch_dir)

    def register(server: grpc.aio.Server) -> None:
        servicer = ImageGenServicer(runner=runner, store=store, engine=engine, decode_picture=decode)
        imagegen_pb2_grpc.add_ImageGenServiceServicer_to_server(servicer, server)

    async def warm() -> None:
        await asyncio.to_thread(engine.warm)

    await serve(
        settings,
        service=STAGE,
        register=register,
        service_names=[SERVICE],
        store=store,
        slots=slots,
        on_ready=warm,
    )
