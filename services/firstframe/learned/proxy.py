"""`RemoteModule`: stands where a pipeline's own module stood, and runs elsewhere."""

from __future__ import annotations

import contextlib
import inspect
from collections.abc import Callable, Mapping
from typing import Any

import torch

from firstframe.core.errors import PreconditionFailed, Unsupported
from firstframe.learned.arguments import Arguments
from firstframe.learned.families import Form, forms_of
from firstframe.learned.graphs import RemoteGraph, Tensors, fitted


def skeleton_of(kind: type[torch.nn.Module], config: Any) -> torch.nn.Module:  # noqa: ANN401
    """A module without weights: answers what pipelines ask of its configuration and structure.

    Args:
        kind: A class of diffusers or transformers.
        config: Its configuration: a mapping for diffusers, the configuration object for transformers.
    """
    build: Any = kind
    with torch.device("meta"):
        module: torch.nn.Module = build.from_config(config) if isinstance(config, Mapping) else build(config)
    return module


class RemoteModule(torch.nn.Module):
    """A module whose methods run on a server, with the signatures of the class that it stands for.

    Attributes that depend on configuration and structure come from a skeleton; whatever would change how the module runs
    is not there, since it would change nothing on the server.

    Args:
        skeleton: See `skeleton_of`; shared between pieces of work, never changed.
        graphs: By method: `forward`, or `encode` and `decode`.
        buffers: The few weights that pipelines read, such as `latents_mean`.

    Raises:
        PreconditionFailed: `MODEL_MISMATCH`, the class has no such method.
    """

    def __init__(
        self,
        skeleton: torch.nn.Module,
        graphs: Mapping[str, RemoteGraph],
        buffers: Mapping[str, torch.Tensor] | None = None,
    ) -> None:
        super().__init__()
        # Past the registration of submodules: its weights are nobody's parameters.
        object.__setattr__(self, "_skeleton", skeleton)
        self._anchor = torch.nn.Parameter(torch.zeros(0), requires_grad=False)
        for name, value in (buffers or {}).items():
            self.register_buffer(name, value)
        stand_ins = {"forward": self._missing()} | {name: self._stand_in(name, graph) for name, graph in graphs.items()}
        for name, method in stand_ins.items():
            object.__setattr__(self, name, method)

    @property
    def config(self) -> Any:  # noqa: ANN401
        """The configuration of the module that stood here."""
        return self._skeleton.config

    @property
    def dtype(self) -> torch.dtype:
        """What the pipeline calculates in between the modules."""
        return self._anchor.dtype

    @property
    def device(self) -> torch.device:
        """Where the pipeline's own tensors are."""
        return self._anchor.device

    def cache_context(self, _name: str, **_where: Any) -> contextlib.AbstractContextManager[None]:  # noqa: ANN401
        """Nothing is cached between steps."""
        return contextlib.nullcontext()

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401
        with contextlib.suppress(AttributeError):
            return super().__getattr__(name)
        value = getattr(self.__dict__["_skeleton"], name)
        if isinstance(value, torch.Tensor):
            raise AttributeError(f"{name} is a weight, which is on the server")
        if callable(value) and not isinstance(value, torch.nn.Module):
            raise AttributeError(f"{name} would change nothing: this module runs on a server")
        return value

    def _stand_in(self, name: str, graph: RemoteGraph) -> Callable[..., Any]:
        kind = type(self._skeleton)
        form = forms_of(kind.__name__).get(name)
        if form is None:
            problem = (
                f"{kind.__name__} has no method {name} that is served; it has {', '.join(forms_of(kind.__name__))}"
            )
            raise PreconditionFailed(problem, reason="MODEL_MISMATCH", metadata={"model": graph.model.name})
        signature = inspect.signature(getattr(kind, name))

        def method(*args: Any, **kwargs: Any) -> Any:  # noqa: ANN401
            return self._call(form, graph, Arguments(kind.__name__, signature, args, kwargs))

        return _signed(method, signature)

    def _missing(self) -> Callable[..., Any]:
        """`forward` of a class of which only other methods are served; pipelines look at its signature."""
        kind = type(self._skeleton)

        def forward(*_args: Any, **_kwargs: Any) -> Any:  # noqa: ANN401
            raise Unsupported(f"{kind.__name__}.forward is not served", reason="MODEL_ARGUMENT")

        return _signed(forward, inspect.signature(kind.forward))

    def _call(self, form: Form, graph: RemoteGraph, given: Arguments) -> Any:  # noqa: ANN401
        as_object = given.take("return_dict", True)
        tokens = given.tokens(form.tokens_of) if form.tokens_of else None
        request = form.request(given, self.config)
        given.settle()
        outputs = self._brought_here(graph.run(request))
        answer = form.answer(
            outputs if tokens is None else {name: fitted(value, tokens) for name, value in outputs.items()}
        )
        return answer if as_object else answer.to_tuple()

    def _brought_here(self, outputs: Tensors) -> Tensors:
        return {name: value.to(self.device, self.dtype) for name, value in outputs.items()}


def _signed(method: Callable[..., Any], signature: inspect.Signature) -> Callable[..., Any]:
    bound = list(signature.parameters.values())[1:]
    method.__signature__ = signature.replace(parameters=bound)  # type: ignore[attr-defined]
    return method
