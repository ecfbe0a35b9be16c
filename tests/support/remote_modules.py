"""Modules of tiny pipelines that run elsewhere: nowhere, but what they ask is remembered."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import transformers
from numpy.typing import NDArray

from firstframe.core.models import Batching, Runtime, ServedModel, TensorSpec
from firstframe.learned.families import forms_of
from firstframe.learned.graphs import RemoteGraph
from firstframe.learned.proxy import RemoteModule, skeleton_of
from firstframe.packs.export_plan import PipelineSource, wrapped
from firstframe.ports.inference import Tensors
from support.tiny_pipelines import TINY


class Noted:
    """Answers zeros of the graph's output shapes, and remembers what it was asked."""

    def __init__(self, outputs: dict[str, tuple[int, ...]]) -> None:
        self._outputs = outputs
        self.asked: list[Tensors] = []

    def infer(self, model: str, inputs: Tensors, *, check: Callable[[], None] | None = None) -> dict[str, NDArray[Any]]:
        self.asked.append(inputs)
        return {name: np.zeros(shape, np.float32) for name, shape in self._outputs.items()}


def remote(name: str, place: str, outputs: dict[str, tuple[int, ...]]) -> tuple[RemoteModule, Noted]:
    """A module of a tiny pipeline, its graph specified as the exporter would."""
    pipeline = TINY[name].made()
    source = PipelineSource(type(pipeline).__name__, lambda part: getattr(pipeline, part), dict(pipeline.config))
    exportable = wrapped(source, place, source.shot(32, 32, TINY[name].frames[0]))
    specs = [
        tuple(TensorSpec(one.name, one.dtype, one.shape) for one in side)
        for side in (exportable.inputs, exportable.outputs)
    ]
    model = ServedModel("m", Path("m.onnx"), "0" * 64, Runtime.ONNX, specs[0], specs[1], Batching(max_size=8))
    module, _, method = place.partition(".")
    original = getattr(pipeline, module)
    noted = Noted(outputs)
    config = original.config if isinstance(original, transformers.PreTrainedModel) else dict(original.config)
    way = method or ("forward" if "forward" in forms_of(type(original).__name__) else "decode")
    return RemoteModule(skeleton_of(type(original), config), {way: RemoteGraph(model, noted)}), noted
