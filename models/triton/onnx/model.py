"""A model of Triton's Python backend that runs a graph under ONNX Runtime, or under LiteRT.

It stands beside the graph's file in the version folder of a model repository. Parameters of `config.pbtxt`: `file` (name of
the graph's file), `runtime` (`onnx` or `tflite`), `threads` (threads of one run; 0 leaves the choice to the library).

The requests of a batch are joined along the first axis where the model has `max_batch_size`, run once, and split again. A
request whose caller has gone is not run, and a run that nobody waits for any more is ended.
"""

from __future__ import annotations

import json
import os
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Protocol

import numpy as np
import triton_python_backend_utils as pb_utils
from numpy.typing import NDArray

Arrays = dict[str, NDArray[Any]]
_POLL_S = 0.05
_ORPHAN_POLL_S = 0.5


class Graph(Protocol):
    """A loaded graph."""

    def run(self, inputs: Arrays, requests: Sequence[Any]) -> Sequence[NDArray[Any]]:
        """Runs once and gives the outputs in the order of the configuration; `requests` are those that wait for it."""


class TritonPythonModel:
    """What Triton calls."""

    def initialize(self, args: dict[str, str]) -> None:
        """Loads the graph."""
        _check_numpy()
        _end_with_the_server()
        config = json.loads(args["model_config"])
        self._inputs = [one["name"] for one in config["input"]]
        self._outputs = [one["name"] for one in config["output"]]
        self._joins = config["max_batch_size"] > 0
        self._graph = _open(config, os.path.join(args["model_repository"], args["model_version"]))  # noqa: PTH118

    def execute(self, requests: Sequence[Any]) -> list[Any]:
        """Runs a batch of requests and gives a response for each, in their order."""
        responses: list[Any] = [None] * len(requests)
        for group in self._groups(requests):
            for index, response in zip(group, self._run([requests[i] for i in group]), strict=True):
                responses[index] = response
        return responses

    def _groups(self, requests: Sequence[Any]) -> Iterable[list[int]]:
        if not self._joins:
            return [[index] for index in range(len(requests))]
        groups: dict[tuple[Any, ...], list[int]] = {}
        for index, request in enumerate(requests):
            shapes = tuple(array.shape[1:] for array in self._arrays(request).values())
            groups.setdefault(shapes, []).append(index)
        return groups.values()

    def _arrays(self, request: Any) -> Arrays:  # noqa: ANN401  (the backend's classes have no types)
        return {name: pb_utils.get_input_tensor_by_name(request, name).as_numpy() for name in self._inputs}

    def _run(self, requests: Sequence[Any]) -> list[Any]:
        waiting = [request for request in requests if not request.is_cancelled()]
        answers = iter(self._answers(waiting))
        return [next(answers) if request in waiting else _gone() for request in requests]

    def _answers(self, requests: Sequence[Any]) -> list[Any]:
        if not requests:
            return []
        try:
            return self._joined(requests)
        except Exception as error:
            if len(requests) == 1:
                return [_gone() if requests[0].is_cancelled() else _failed(error)]
        # Only the request that makes the graph fail shall have the error.
        return [answer for request in requests for answer in self._answers([request])]

    def _joined(self, requests: Sequence[Any]) -> list[Any]:
        inputs = [self._arrays(request) for request in requests]
        if len(inputs) == 1:
            return [self._response(self._graph.run(inputs[0], requests))]
        joined = {name: np.concatenate([one[name] for one in inputs]) for name in self._inputs}
        ends = np.cumsum([len(one[self._inputs[0]]) for one in inputs])
        outputs = [_split(value, ends) for value in self._graph.run(joined, requests)]
        return [self._response(parts) for parts in zip(*outputs, strict=True)]

    def _response(self, values: Sequence[NDArray[Any]]) -> Any:  # noqa: ANN401
        named = zip(self._outputs, values, strict=True)
        tensors = [pb_utils.Tensor(name, np.ascontiguousarray(value)) for name, value in named]
        return pb_utils.InferenceResponse(output_tensors=tensors)


class OnnxGraph:
    """A graph under ONNX Runtime."""

    def __init__(self, path: str, threads: int, inputs: Sequence[str], outputs: Sequence[str]) -> None:
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        # What fails is raised; a line on standard error besides would only be noise.
        options.log_severity_level = 4
        # Threads that wait must not burn the cores of other models.
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        self._session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
        self._options_of_run = onnxruntime.RunOptions
        self._outputs = list(outputs)
        _check_names(path, inputs, outputs, self._session.get_inputs(), self._session.get_outputs())

    def run(self, inputs: Arrays, requests: Sequence[Any]) -> Sequence[NDArray[Any]]:
        """See `Graph.run`."""
        options = self._options_of_run()
        options.log_severity_level = 4
        with _watched(requests, lambda: setattr(options, "terminate", True)):
            values: Sequence[NDArray[Any]] = self._session.run(self._outputs, inputs, options)
            return values


class LiteGraph:
    """A graph under LiteRT, which cannot be interrupted."""

    def __init__(self, path: str, threads: int, inputs: Sequence[str], outputs: Sequence[str]) -> None:
        from ai_edge_litert.interpreter import Interpreter

        self._interpreter = Interpreter(model_path=path, num_threads=threads or None)
        self._interpreter.allocate_tensors()
        self._inputs = {one["name"]: one["index"] for one in self._interpreter.get_input_details()}
        found = {one["name"]: one["index"] for one in self._interpreter.get_output_details()}
        _check_sets(path, set(inputs), set(outputs), set(self._inputs), set(found))
        self._outputs = [found[name] for name in outputs]

    def run(self, inputs: Arrays, requests: Sequence[Any]) -> Sequence[NDArray[Any]]:
        """See `Graph.run`."""
        del requests
        self._resize(inputs)
        for name, index in self._inputs.items():
            self._interpreter.set_tensor(index, np.ascontiguousarray(inputs[name]))
        self._interpreter.invoke()
        return [self._interpreter.get_tensor(index) for index in self._outputs]

    def _resize(self, inputs: Arrays) -> None:
        shapes = {one["index"]: tuple(one["shape"]) for one in self._interpreter.get_input_details()}
        changed = [name for name, index in self._inputs.items() if shapes[index] != inputs[name].shape]
        for name in changed:
            self._interpreter.resize_tensor_input(self._inputs[name], inputs[name].shape, strict=False)
        if changed:
            self._interpreter.allocate_tensors()


def _open(config: dict[str, Any], folder: str) -> Graph:
    parameters = {name: one["string_value"] for name, one in config["parameters"].items()}
    kind = {"onnx": OnnxGraph, "tflite": LiteGraph}[parameters["runtime"]]
    # Weights beside the file are looked for where it really is, not where the link to it stands.
    path = os.path.realpath(os.path.join(folder, parameters["file"]))  # noqa: PTH118
    inputs, outputs = ([one["name"] for one in config[side]] for side in ("input", "output"))
    return kind(path, int(parameters["threads"]), inputs, outputs)


def _check_numpy() -> None:
    """Sends an array through the backend's own tensors: one built for NumPy 1 loses every byte of an array of NumPy 2."""
    sent = np.arange(6, dtype=np.float32)
    back = pb_utils.Tensor.from_dlpack("probe", pb_utils.Tensor("probe", sent).to_dlpack())
    if not np.array_equal(back.as_numpy(), sent):
        problem = (
            f"this Python backend cannot read arrays of NumPy {np.__version__} and would answer without data; "
            'install "numpy<2" in the environment that it runs in'
        )
        raise pb_utils.TritonModelException(problem)


def _end_with_the_server() -> None:
    """Ends this process when its server is gone: the backend itself looks only between two runs, which may take long."""
    server = os.getppid()

    def watch() -> None:
        while os.getppid() == server:
            time.sleep(_ORPHAN_POLL_S)
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()


def _check_names(path: str, inputs: Sequence[str], outputs: Sequence[str], takes: Iterable[Any], gives: Any) -> None:  # noqa: ANN401
    _check_sets(path, set(inputs), set(outputs), {one.name for one in takes}, {one.name for one in gives})


def _check_sets(path: str, inputs: set[str], outputs: set[str], takes: set[str], gives: set[str]) -> None:
    if inputs != takes or outputs - gives:
        told = f"config.pbtxt says {sorted(inputs)} and {sorted(outputs)}"
        problem = f"{path} takes {sorted(takes)} and gives {sorted(gives)}, {told}"
        raise pb_utils.TritonModelException(problem)


def _split(value: NDArray[Any], ends: NDArray[Any]) -> list[NDArray[Any]]:
    if len(value) != ends[-1]:
        raise ValueError(f"an output has {len(value)} samples, the batch {ends[-1]}")
    return np.split(value, ends[:-1])


def _gone() -> Any:  # noqa: ANN401
    error = pb_utils.TritonError("the caller has gone", pb_utils.TritonError.CANCELLED)
    return pb_utils.InferenceResponse(error=error)


def _failed(error: Exception) -> Any:  # noqa: ANN401
    line = (str(error).strip() or type(error).__name__).splitlines()[0]
    return pb_utils.InferenceResponse(error=pb_utils.TritonError(line))


@contextmanager
def _watched(requests: Sequence[Any], end: Callable[[], None]) -> Iterator[None]:
    """Calls `end` when every caller has gone while the body runs."""
    over = threading.Event()

    def watch() -> None:
        while not over.wait(_POLL_S):
            if all(request.is_cancelled() for request in requests):
                end()
                return

    watcher = threading.Thread(target=watch, daemon=True)
    watcher.start()
    try:
        yield
    finally:
        over.set()
        watcher.join()
