"""What a stage with models is told."""

from __future__ import annotations

import re
from pathlib import Path

from pydantic import BaseModel, Field, field_validator

from firstframe.packs import canary

_ADDRESS = re.compile(r"[^\s:/]+:\d{1,5}|\[[0-9a-fA-F:]+\]:\d{1,5}")


class ModelSettings(BaseModel):
    """Learned models of a stage; none unless packs are named."""

    packs: list[str] = Field(
        default_factory=list,
        description="Packs, as JSON. Requests may name those with a pipeline, the default first: the engine `diffusers` is"
        " there when any is. The image stage asks `isnet-matting` and `face-landmarks` about photographs, the animation stage"
        " `face-landmarks` and `pose` about people whom effects move.",
    )
    home: Path | None = Field(
        default=None,
        description="Folder of installed packs; else FIRSTFRAME_MODELS, else `~/.cache/firstframe/models`.",
    )
    catalogue: Path | None = Field(
        default=None, description="Folder of pack files; else PACKS_DIR, else the checkout's."
    )
    triton: str = Field(
        default="", description="`host:port` of the Triton server; empty runs the models in the service's own process."
    )
    memory_mb: int = Field(
        default=0,
        ge=0,
        description="Model memory in MiB. Models are loaded when they are asked for, and those used longest ago make room;"
        " 0 loads all of them at the start.",
    )
    preload: bool = Field(
        default=True,
        description="Whether models in the service's own process are loaded at its start; else at their first run.",
    )
    canary: str = Field(
        default=canary.NAME,
        min_length=1,
        description="Small model at the server whose runs tell whether it computes; every repository of ours has `canary`.",
    )
    canary_period_s: float = Field(default=10, gt=0, description="Pause between its runs, in seconds.")
    canary_failures: int = Field(default=3, ge=1, description="Failures in a row that take the service out.")
    step_timeout_s: float = Field(
        default=300, gt=0, description="Time that one run of a model may take, its queue and its loading included."
    )
    threads: int = Field(
        default=0, ge=0, le=256, description="Threads of one run in the service's own process; 0 for one per processor."
    )

    @field_validator("triton")
    @classmethod
    def _is_address(cls, value: str) -> str:
        if value and not _ADDRESS.fullmatch(value):
            raise ValueError("use host:port, or nothing")
        return value

    @field_validator("packs")
    @classmethod
    def _are_unique(cls, value: list[str]) -> list[str]:
        if twice := sorted({name for name in value if value.count(name) > 1}):
            raise ValueError(f"names {', '.join(twice)} twice")
        return value
