"""Wires the image stage and serves it."""

from __future__ import annotations

import asyncio
from functools import partial
from typing import TYPE_CHECKING

import grpc

from firstframe.adapters.meshes import decode_mesh
from firstframe.adapters.picture_levels import decode_levels
from firstframe.adapters.pictures import decode, decode_cut_out, decode_mark
from firstframe.adapters.stores import open_store
from firstframe.api.imagegen.v1 import imagegen_pb2, imagegen_pb2_grpc
from firstframe.imagegen.engines.previz import PrevizEngine
from firstframe.imagegen.making import Decoders
from firstframe.imagegen.mattes import Mattes
from firstframe.imagegen.servicer import ImageGenServicer
from firstframe.imagegen.settings import ImageGenSettings
from firstframe.mounting.opening import mounted
from firstframe.render.variant import choose
from firstframe.runtime.server import serve
from firstframe.runtime.settings import load
from firstframe.runtime.slots import Slots
from firstframe.runtime.stage import StageRunner

if TYPE_CHECKING:
    from firstframe.imagegen.engines.diffusers import DiffusersEngine
    from firstframe.mounting.mount import Mount

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
    mount = mounted(settings.models, workers=settings.slots)
    mattes = _mattes(mount)
    prompts = _prompt_engines(mount, mattes) if mount else {}

    def register(server: grpc.aio.Server) -> None:
        servicer = ImageGenServicer(
            runner=runner,
            store=store,
            engine=engine,
            decoders=Decoders(decode, decode_mark, decode_levels, decode_cut_out, decode_mesh),
            mattes=mattes,
            prompts=prompts,
            warm_models=mount.warm if mount else None,
        )
        imagegen_pb2_grpc.add_ImageGenServiceServicer_to_server(servicer, server)

    async def warm() -> None:
        await asyncio.to_thread(engine.warm)
        for prompt_engine in prompts.values():
            await asyncio.to_thread(prompt_engine.warm)
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


def _mattes(mount: Mount | None) -> Mattes:
    """What photographs are asked with: the packs that are mounted, or nothing."""
    if mount is None:
        return Mattes()
    return Mattes(mount.blocking, {name: pack.digest for name, pack in mount.packs.items()})


def _prompt_engines(mount: Mount, mattes: Mattes) -> dict[str, DiffusersEngine]:
    """The packs with a pipeline; their library is imported where there is one."""
    packs = mount.pipelines
    if not packs:
        return {}
    from firstframe.imagegen.engines.diffusers import DiffusersEngine
    from firstframe.learned.pipelines import InstalledPipeline
    from firstframe.learned.stills import StillMaker

    return {
        name: DiffusersEngine(StillMaker(InstalledPipeline(pack, mount.blocking)), mattes)
        for name, pack in packs.items()
    }
