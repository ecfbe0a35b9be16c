"""A stage service with nothing behind it: for tests of the bootstrap. Run as a module, settings from FIRSTFRAME_TOY_…

`request.clip.video.media_type` says what to do: `fail`, `fail-at-length`, `crash`, `slow` (until cancelled or 60 s),
`short` (half a second), `stubborn` (60 s without ever looking whether anybody waits), `flood` (megabytes of progress
until cancelled), `time-out` (fails with a TimeoutError of its own), `infer` (asks the model `adder`, where packs are
mounted), else succeed.
"""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import AsyncIterator
from typing import Any

import grpc
import numpy as np
from pydantic import Field
from pydantic_settings import SettingsConfigDict

from firstframe.adapters.stores import open_store
from firstframe.api.upscaling.v1 import upscaling_pb2, upscaling_pb2_grpc
from firstframe.core.errors import InvalidInput, PreconditionFailed
from firstframe.mounting.mount import Mount
from firstframe.mounting.settings import ModelSettings
from firstframe.ports.inference import BlockingInference
from firstframe.runtime.keys import EngineIdentity
from firstframe.runtime.server import serve
from firstframe.runtime.settings import StageSettings, load
from firstframe.runtime.slots import Slots
from firstframe.runtime.stage import StageRunner, WorkContext


class ToySettings(StageSettings):
    model_config = SettingsConfigDict(env_prefix="FIRSTFRAME_TOY_", env_nested_delimiter="__")

    warm_up_s: float = Field(default=0, description="Time that the warm-up takes, in seconds.")
    models: ModelSettings = Field(default_factory=ModelSettings, description="Learned models.")


LONG_TEXT = "ä" * 20_000


def infer(models: BlockingInference | None) -> None:
    if models is None:
        raise PreconditionFailed("no pack is mounted")
    row = np.ones((1, 3), np.float32)
    models.infer("adder", {"a": row, "b": row})


def work(what: str, context: WorkContext, models: BlockingInference | None) -> upscaling_pb2.UpscaleClipResult:
    if what == "fail":
        raise PreconditionFailed("the toy is broken", reason="TOY_BROKEN", metadata={"part": "wheel"})
    if what == "fail-at-length":
        raise InvalidInput.at("clip", LONG_TEXT)
    if what == "crash":
        raise RuntimeError("secret detail")
    if what == "time-out":
        raise TimeoutError("secret detail")
    if what.startswith("infer"):
        infer(models)
    if what == "stubborn":
        context.progress("deaf", 0.5)
        time.sleep(60)
    seconds = {"slow": 60.0, "flood": 60.0, "short": 0.5}.get(what, 0.0)
    phase = "playing" * (200_000 if what == "flood" else 1)
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        context.progress(phase, 0.5)
        context.check()
        time.sleep(0.02)
    return upscaling_pb2.UpscaleClipResult()


class Toy(upscaling_pb2_grpc.UpscalingServiceServicer):
    def __init__(self, runner: StageRunner, mount: Mount | None) -> None:
        self.runner = runner
        self.models = mount.blocking if mount else None

    async def UpscaleClip(
        self, request: upscaling_pb2.UpscaleClipRequest, context: Any
    ) -> AsyncIterator[upscaling_pb2.UpscaleClipResponse]:
        events = self.runner.run(
            request,
            engine=EngineIdentity("toy", "1"),
            seed=0,
            work=lambda ctx: work(request.clip.video.media_type, ctx, self.models),
            result_type=upscaling_pb2.UpscaleClipResult,
        )
        async for event in events:
            if isinstance(event, upscaling_pb2.UpscaleClipResult):
                yield upscaling_pb2.UpscaleClipResponse(result=event)
            else:
                yield upscaling_pb2.UpscaleClipResponse(progress=event)

    async def GetCapabilities(
        self, request: upscaling_pb2.GetCapabilitiesRequest, context: Any
    ) -> upscaling_pb2.GetCapabilitiesResponse:
        return upscaling_pb2.GetCapabilitiesResponse(slots=self.runner.slots.total, free_slots=self.runner.slots.free)


async def main() -> None:
    settings = load(ToySettings)
    slots = Slots("toy", settings.slots)
    store = open_store(**settings.store.values())
    runner = StageRunner(stage="toy", store=store, slots=slots, scratch_dir=settings.scratch_dir)

    mount = Mount(settings.models) if settings.models.packs else None

    def register(server: grpc.aio.Server) -> None:
        upscaling_pb2_grpc.add_UpscalingServiceServicer_to_server(Toy(runner, mount), server)

    async def warm_up() -> None:
        sys.stdout.write("warming up\n")
        sys.stdout.flush()
        await asyncio.sleep(settings.warm_up_s)
        if mount:
            await mount.open()

    name = upscaling_pb2.DESCRIPTOR.services_by_name["UpscalingService"].full_name
    await serve(
        settings,
        service="toy",
        register=register,
        service_names=[name],
        store=store,
        slots=slots,
        on_ready=warm_up,
        fitness=mount.health() if mount else None,
    )


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
