"""Pipelines of installed packs, their heavy modules served elsewhere: one pipeline for each piece of work."""

from __future__ import annotations

import inspect
import threading
from collections.abc import Callable, Mapping
from functools import cached_property
from typing import Any

import torch

from firstframe.core.errors import InvalidInput, PreconditionFailed
from firstframe.core.models import ServedModel
from firstframe.learned.families import forms_of
from firstframe.learned.graphs import RemoteGraph
from firstframe.learned.proxy import RemoteModule, skeleton_of
from firstframe.packs.diffusers_folder import class_of, load_module, read_index
from firstframe.packs.export_record import read_record
from firstframe.packs.installed import InstalledPack
from firstframe.packs.spec import Pack, Pipeline
from firstframe.ports.inference import BlockingInference

Check = Callable[[], None]


class PipelineFactory:
    """Makes pipelines of one set of parts.

    What the parts keep between calls is kept apart: each pipeline has its own scheduler, whose state is the position in the
    denoising loop, and its own stand-ins, which carry the cancel of one piece of work.

    Args:
        class_name: Of diffusers.
        skeletons: Modules that are served elsewhere, by place.
        graphs: What is served, by place: `unet`, `vae` for the decoder of an autoencoder, `vae.encode` for its encoder, …
        parts: All other parts by name: scheduler, tokenizers, modules that run in this process, None where there is none.
        options: Of the pipeline itself.
        buffers: See `RemoteModule`, by place.
        inference: Where the graphs are served.
    """

    def __init__(
        self,
        class_name: str,
        *,
        skeletons: Mapping[str, torch.nn.Module],
        graphs: Mapping[str, ServedModel],
        parts: Mapping[str, Any],
        inference: BlockingInference,
        options: Mapping[str, Any] | None = None,
        buffers: Mapping[str, Mapping[str, torch.Tensor]] | None = None,
    ) -> None:
        self.class_name = class_name
        self._skeletons = skeletons
        self._graphs = graphs
        self._parts = {name: _shared(part) for name, part in parts.items()}
        self._inference = inference
        self._options = options or {}
        self._buffers = buffers or {}

    def make(self, check: Check | None = None, *, class_name: str = "") -> Any:  # noqa: ANN401
        """A pipeline for one piece of work.

        Args:
            check: Called while a server is awaited; what it raises ends the work.
            class_name: Another class that is made of the same parts, such as the one that starts from a picture.
        """
        import diffusers

        kind = getattr(diffusers, class_name or self.class_name)
        parts = (
            self._stand_ins(check) | {name: _fresh(part) for name, part in self._parts.items()} | dict(self._options)
        )
        taken = inspect.signature(kind.__init__).parameters
        pipeline = kind(**{name: part for name, part in parts.items() if name in taken})
        pipeline.set_progress_bar_config(disable=True)
        return pipeline

    def _stand_ins(self, check: Check | None) -> dict[str, Any]:
        return {
            name: RemoteModule(skeleton, self._graphs_of(name, check), self._buffers.get(name))
            for name, skeleton in self._skeletons.items()
        }

    def _graphs_of(self, name: str, check: Check | None) -> dict[str, RemoteGraph]:
        found = {}
        for place, model in self._graphs.items():
            module, _, method = place.partition(".")
            if module == name:
                found[method or self._main_method(name)] = RemoteGraph(model, self._inference, check)
        return found

    def _main_method(self, name: str) -> str:
        return "forward" if "forward" in forms_of(type(self._skeletons[name]).__name__) else "decode"


def _shared(part: Any) -> Any:  # noqa: ANN401
    import transformers

    return SharedTokenizer(part) if isinstance(part, transformers.PreTrainedTokenizerBase) else part


def _fresh(part: Any) -> Any:  # noqa: ANN401
    import diffusers

    kind: Any = type(part)
    return kind.from_config(part.config) if issubclass(kind, diffusers.SchedulerMixin) else part


class SharedTokenizer:
    """A tokenizer that several threads use: it keeps its padding in itself and fails when it is asked twice at a time.

    Args:
        tokenizer: Of transformers.
    """

    def __init__(self, tokenizer: Any) -> None:  # noqa: ANN401
        self._tokenizer = tokenizer
        self._lock = threading.Lock()

    def __call__(self, *args: Any, **kwargs: Any) -> Any:  # noqa: ANN401
        """Tokenizes."""
        with self._lock:
            return self._tokenizer(*args, **kwargs)

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401
        value = getattr(self._tokenizer, name)
        return self._locked(value) if callable(value) else value

    def _locked(self, method: Callable[..., Any]) -> Callable[..., Any]:
        def call(*args: Any, **kwargs: Any) -> Any:  # noqa: ANN401
            with self._lock:
                return method(*args, **kwargs)

        return call


class InstalledPipeline:
    """The pipeline of an installed pack whose graphs were exported.

    Args:
        installed: The pack, its exported graphs among its own.
        inference: Where they are served.

    Raises:
        PreconditionFailed: `MODEL_NOT_EXPORTED`, a graph that the pipeline needs was not exported.
    """

    def __init__(self, installed: InstalledPack, inference: BlockingInference) -> None:
        self.pack = installed.pack
        self.digest, self.version = installed.digest, installed.version
        self._folder = installed.folder
        self._inference = inference
        self._graphs = _graphs_of(installed)

    @property
    def pipeline(self) -> Pipeline:
        """What the pack says of its pipeline."""
        return pipeline_of(self.pack)

    @cached_property
    def factory(self) -> PipelineFactory:
        """Made once; reads configurations and tokenizers, and the weights of modules that are not served."""
        index = read_index(self._folder)
        remote = {place.partition(".")[0] for place in self.pipeline.modules}
        parts = [name for name, value in index.items() if isinstance(value, list)]
        return PipelineFactory(
            self.pipeline.class_name,
            skeletons={name: self._skeleton(index, name) for name in sorted(remote)},
            graphs=self._graphs,
            parts={name: load_module(self._folder, index, name) for name in parts if name not in remote},
            inference=self._inference,
            options={name: value for name, value in index.items() if not isinstance(value, list)},
            buffers=self._buffers(),
        )

    def _skeleton(self, index: Mapping[str, Any], name: str) -> torch.nn.Module:
        kind = class_of(index, name)
        if kind.__module__.startswith("diffusers"):
            return skeleton_of(kind, kind.load_config(self._folder / name, local_files_only=True))
        return skeleton_of(kind, kind.config_class.from_pretrained(self._folder / name, local_files_only=True))

    def _buffers(self) -> dict[str, dict[str, torch.Tensor]]:
        record = read_record(self._folder)
        found = record.buffers if record else {}
        return {
            module: {name: torch.tensor(value) for name, value in values.items()} for module, values in found.items()
        }


def pipeline_of(pack: Pack) -> Pipeline:
    """What a pack says of its pipeline.

    Raises:
        InvalidInput: The pack is not that of a pipeline.
    """
    if pack.pipeline is None:
        raise InvalidInput.at("pack", f"{pack.pack} has no pipeline", "name a pack of the learned tier")
    return pack.pipeline


def _graphs_of(installed: InstalledPack) -> dict[str, ServedModel]:
    pack, pipeline = installed.pack, pipeline_of(installed.pack)
    served = {model.name: model for model in installed.served()}
    names = {graph.name: pack.served_name(graph) for graph in pack.graphs}
    missing = sorted(set(pipeline.modules.values()) - set(names))
    if missing:
        problem = f"{pack.pack} lacks {', '.join(missing)}; run `firstframe models export {pack.pack}`"
        raise PreconditionFailed(problem, reason="MODEL_NOT_EXPORTED", metadata={"pack": pack.pack})
    return {place: served[names[name]] for place, name in pipeline.modules.items()}
