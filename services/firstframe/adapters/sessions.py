"""Graphs that run in this process: ONNX under ONNX Runtime, TFLite under LiteRT."""

from __future__ import annotations

import os
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from firstframe.core.errors import FirstframeError, Internal, PreconditionFailed
from firstframe.core.models import Runtime, ServedModel
from firstframe.ports.inference import Tensors

Outputs = dict[str, NDArray[Any]]


class Stop:
    """Ends a run from another thread."""

    def __init__(self) -> None:
        self.asked = False
        self._end: Callable[[], None] | None = None

    def ask(self) -> None:
        """Ends the run now, or as soon as it begins."""
        self.asked = True
        if self._end is not None:
            self._end()

    def attach(self, end: Callable[[], None]) -> None:
        """Tells how the run is ended; called by whoever runs."""
        self._end = end
        if self.asked:
            end()


class Session(Protocol):
    """A loaded graph; safe to use from many threads."""

    def run(self, inputs: Tensors, stop: Stop) -> Outputs:
        """Runs the graph once and gives the outputs of its specification."""


def open_session(model: ServedModel, threads: int) -> Session:
    """Loads a graph.

    Args:
        model: The model.
        threads: Threads of one run; 0 leaves the choice to the library.

    Raises:
        Internal: `MODEL_FAILED`, the library cannot load the file.
        PreconditionFailed: `MODEL_MISMATCH`, the file lacks an input or output of the specification.
    """
    kind = OnnxSession if model.runtime is Runtime.ONNX else LiteSession
    try:
        return kind(model, threads)
    except FirstframeError:
        raise
    except Exception as error:
        raise failed(model.name, f"{model.file} cannot be loaded: {_line(error)}") from error


def failed(model: str, problem: str) -> Internal:
    """`MODEL_FAILED`."""
    return Internal(f"{model}: {problem}", reason="MODEL_FAILED", metadata={"model": model})


def _line(error: Exception) -> str:
    return (str(error).strip() or type(error).__name__).splitlines()[0]


class OnnxSession:
    """A graph under ONNX Runtime; a run ends between two nodes when it is asked to stop."""

    def __init__(self, model: ServedModel, threads: int) -> None:
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        # What fails is raised; a line on standard error besides would only be noise.
        options.log_severity_level = 4
        # Waiting threads must not burn the cores that a renderer beside them needs.
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        self._session = onnxruntime.InferenceSession(model.file, options, providers=["CPUExecutionProvider"])
        self._options_of_run = onnxruntime.RunOptions
        self._name = model.name
        self._outputs = [spec.name for spec in model.outputs]
        _check_names(model, {i.name for i in self._session.get_inputs()}, {o.name for o in self._session.get_outputs()})

    def run(self, inputs: Tensors, stop: Stop) -> Outputs:
        """See `Session.run`.

        Raises:
            Internal: `MODEL_FAILED`, the graph failed or was stopped.
        """
        options = self._options_of_run()
        options.log_severity_level = 4
        stop.attach(lambda: setattr(options, "terminate", True))
        try:
            values = self._session.run(self._outputs, dict(inputs), options)
        except Exception as error:
            raise failed(self._name, _line(error)) from error
        return dict(zip(self._outputs, values, strict=True))


_CHATTER = threading.Lock()


@contextmanager
def no_chatter() -> Iterator[None]:
    """Keeps what a native library says for information (`INFO: Created TensorFlow Lite XNNPACK delegate`) off the terminal.

    LiteRT has no switch for it. Whatever else comes to the file of standard error meanwhile is written when it is over.
    """
    with _CHATTER, tempfile.TemporaryFile() as said:
        sys.stderr.flush()
        kept = os.dup(_STDERR)
        os.dup2(said.fileno(), _STDERR)
        try:
            yield
        finally:
            sys.stderr.flush()
            os.dup2(kept, _STDERR)
            os.close(kept)
            said.seek(0)
            os.write(_STDERR, b"".join(line for line in said if not line.startswith(b"INFO:")))


_STDERR = 2


class LiteSession:
    """A graph under LiteRT. Its interpreter runs once at a time and cannot be interrupted; such graphs take milliseconds."""

    def __init__(self, model: ServedModel, threads: int) -> None:
        from ai_edge_litert.interpreter import Interpreter

        with no_chatter():
            self._interpreter = Interpreter(model_path=str(model.file), num_threads=threads or None)
            self._interpreter.allocate_tensors()
        self._name = model.name
        self._inputs = {str(one["name"]): one["index"] for one in self._interpreter.get_input_details()}
        found = {str(one["name"]): one["index"] for one in self._interpreter.get_output_details()}
        _check_names(model, set(self._inputs), set(found))
        self._outputs = {spec.name: found[spec.name] for spec in model.outputs}
        self._lock = threading.Lock()

    def run(self, inputs: Tensors, stop: Stop) -> Outputs:
        """See `Session.run`.

        Raises:
            Internal: `MODEL_FAILED`, the graph failed or was stopped.
        """
        with self._lock:
            if stop.asked:
                raise failed(self._name, "stopped before it ran")
            try:
                return self._run(inputs)
            except (RuntimeError, ValueError) as error:
                raise failed(self._name, _line(error)) from error

    def _run(self, inputs: Tensors) -> Outputs:
        self._resize(inputs)
        for name, index in self._inputs.items():
            self._interpreter.set_tensor(index, np.ascontiguousarray(inputs[name]))
        self._interpreter.invoke()
        return {name: self._interpreter.get_tensor(index) for name, index in self._outputs.items()}

    def _resize(self, inputs: Tensors) -> None:
        shapes = {one["index"]: tuple(one["shape"]) for one in self._interpreter.get_input_details()}
        changed = [name for name, index in self._inputs.items() if shapes[index] != inputs[name].shape]
        for name in changed:
            self._interpreter.resize_tensor_input(self._inputs[name], inputs[name].shape, strict=False)
        if changed:
            self._interpreter.allocate_tensors()


def _check_names(model: ServedModel, inputs: set[str], outputs: set[str]) -> None:
    wanted = {spec.name for spec in model.inputs}
    missing = {spec.name for spec in model.outputs} - outputs
    if wanted != inputs or missing:
        problem = (
            f"{model.name}: {model.file.name} takes {', '.join(sorted(inputs))} and gives {', '.join(sorted(outputs))}; "
            f"its pack says {', '.join(sorted(wanted))} and {', '.join(spec.name for spec in model.outputs)}"
        )
        raise PreconditionFailed(problem, reason="MODEL_MISMATCH", metadata={"model": model.name})
