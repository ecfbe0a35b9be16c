"""`config.pbtxt` of a served model."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from google.protobuf import text_format
from tritonclient.grpc import model_config_pb2 as pb

from firstframe.adapters.triton.config_checks import KINDS, TYPES, check_config
from firstframe.core.errors import InvalidInput
from firstframe.core.models import BATCH, Axis, Runtime, ServedModel, TensorSpec

PLAN = "model.plan"
SCRIPT = "model.py"


@dataclass(frozen=True, slots=True)
class Target:
    """Where a repository is served."""

    kind: Literal["cpu", "tensorrt"] = "cpu"
    arch: str = ""
    """GPU architecture that the engines were built for, for example `sm_90`; empty on a CPU."""
    instances: int = 1
    """Copies of each model, on each GPU where there are GPUs."""
    threads: int = 0
    """Threads of one run on a CPU; 0 leaves the choice to the runtime: one for each core."""
    warm_up: bool = True
    """Whether each size of `ServedModel.warm_up` is run once at load. A CPU has no need of it: nothing is compiled there for
    a size, and the sizes meant for GPUs may take it minutes.
    """
    server_bounds: bool = False
    """Whether the server itself refuses what finds a full queue or waited too long, as `Batching` says.

    Off, because it costs more than it gives. With any such bound Triton's batcher is not woken by a request that finds the
    model busy, and looks again after half a second (`DynamicBatchScheduler::Enqueue` as of June 2026; measured with 2.51);
    with time-outs its throughput also decays (https://github.com/triton-inference-server/server/issues/8870, July 2026).
    Without them the client bounds what it sends, and a request whose deadline is over is cancelled, which takes it out of
    the queue. For a server that strangers share.
    """

    def __post_init__(self) -> None:
        if self.instances < 1:
            raise InvalidInput.at("instances", f"is {self.instances}", "serve at least one copy of each model")
        if (self.kind == "tensorrt") != bool(self.arch):
            raise InvalidInput.at("arch", f"is {self.arch!r} for {self.kind}", "name it for tensorrt alone: sm_90")


def joins(model: ServedModel) -> bool:
    """Whether every input and output counts samples along its first axis, so that Triton may join requests."""
    return all(spec.batched for spec in model.inputs + model.outputs)


def on_cpu(model: ServedModel, target: Target) -> bool:
    """Whether the model runs on the CPU: there is no way from TFLite to TensorRT."""
    return target.kind == "cpu" or model.runtime is Runtime.TFLITE


def backend_of(model: ServedModel, target: Target) -> str:
    """What runs the model: `python` on a CPU, `tensorrt` or, where nothing is compiled, `onnxruntime` on a GPU."""
    if on_cpu(model, target):
        return "python"
    return "tensorrt" if model.compiled else "onnxruntime"


def config_of(model: ServedModel, target: Target) -> pb.ModelConfig:
    """The configuration of a model.

    Raises:
        InvalidInput: The model cannot be configured so; the message names every problem.
    """
    backend = backend_of(model, target)
    config = pb.ModelConfig(
        name=model.name,
        backend=backend,
        max_batch_size=model.batching.max_size if joins(model) else 0,
        default_model_filename={"python": SCRIPT, "tensorrt": PLAN}.get(backend, model.file.name),
        version_policy=pb.ModelVersionPolicy(latest=pb.ModelVersionPolicy.Latest(num_versions=1)),
        instance_group=[_instances(model, target, backend)],
        dynamic_batching=_batching(model, target),
        input=[_input(spec, batched=joins(model)) for spec in model.inputs],
        output=[_output(spec, batched=joins(model)) for spec in model.outputs],
        model_warmup=[_warm_up(model, lengths) for lengths in _warm_ups(model, target)],
    )
    for name, value in _parameters(model, target).items():
        config.parameters[name].string_value = value
    check_config(config)
    return config


def write_config(config: pb.ModelConfig) -> str:
    """`config.pbtxt`; the same bytes for the same configuration."""
    return text_format.MessageToString(config)


def parse_config(text: str) -> pb.ModelConfig:
    """Reads `config.pbtxt` and holds it against what it has to mean.

    Raises:
        InvalidInput: It is not a model configuration, or contradicts itself.
    """
    try:
        config = text_format.Parse(text, pb.ModelConfig())
    except text_format.ParseError as error:
        raise InvalidInput.at("config.pbtxt", f"is no model configuration: {error}") from error
    check_config(config)
    return config


def _instances(model: ServedModel, target: Target, backend: str) -> pb.ModelInstanceGroup:
    # Profiles that are not named are not served: then the first bucket would be the only one.
    profiles = [str(number) for number in range(model.profiles)] if backend == "tensorrt" else []
    return pb.ModelInstanceGroup(name=model.name, kind=KINDS[backend], count=target.instances, profile=profiles)


def _batching(model: ServedModel, target: Target) -> pb.ModelDynamicBatching:
    made = pb.ModelDynamicBatching(
        preferred_batch_size=sorted(set(model.batching.preferred)) if joins(model) else [],
        max_queue_delay_microseconds=model.batching.delay_us,
    )
    if target.server_bounds:
        made.default_queue_policy.CopyFrom(_policy(model))
    return made


def _policy(model: ServedModel) -> pb.ModelQueuePolicy:
    return pb.ModelQueuePolicy(
        timeout_action=pb.ModelQueuePolicy.REJECT,
        default_timeout_microseconds=model.batching.queue_timeout_ms * 1000,
        # A caller's own deadline counts where it is shorter.
        allow_timeout_override=True,
        max_queue_size=model.batching.queue_size,
    )


def _dims(shape: Iterable[Axis], *, batched: bool) -> list[int]:
    lengths = [-1 if isinstance(axis, str) else axis for axis in shape]
    return lengths[1:] if batched else lengths


def _input(spec: TensorSpec, *, batched: bool) -> pb.ModelInput:
    made = pb.ModelInput(name=spec.name, data_type=TYPES[spec.dtype])
    _set_dims(made, _dims(spec.shape, batched=batched))
    return made


def _output(spec: TensorSpec, *, batched: bool) -> pb.ModelOutput:
    made = pb.ModelOutput(name=spec.name, data_type=TYPES[spec.dtype])
    _set_dims(made, _dims(spec.shape, batched=batched))
    return made


def _set_dims(tensor: pb.ModelInput | pb.ModelOutput, dims: list[int]) -> None:
    """A tensor without axes, such as one number for each sample, travels with one of length 1: Triton knows no other way."""
    tensor.dims.extend(dims or [1])
    if not dims:
        tensor.reshape.SetInParent()


def _warm_ups(model: ServedModel, target: Target) -> list[dict[str, int]]:
    """Lengths to run at load, the smallest first; those that leave out an axis cannot be run."""
    axes = {axis for spec in model.inputs for axis in spec.shape if isinstance(axis, str)}
    known = [lengths for lengths in model.warm_up if target.warm_up and axes <= set(lengths)]
    return sorted(known, key=lambda lengths: math.prod(lengths.values()))


def _warm_up(model: ServedModel, lengths: dict[str, int]) -> pb.ModelWarmup:
    batched = joins(model)
    label = "-".join(f"{axis}{length}" for axis, length in sorted(lengths.items()))
    made = pb.ModelWarmup(name=label or "fixed", batch_size=lengths.get(BATCH, 1) if batched else 1)
    for spec in model.inputs:
        shape = [lengths[axis] if isinstance(axis, str) else axis for axis in spec.shape]
        made.inputs[spec.name].data_type = TYPES[spec.dtype]
        made.inputs[spec.name].dims.extend((shape[1:] if batched else shape) or [1])
        made.inputs[spec.name].zero_data = True
    return made


def _parameters(model: ServedModel, target: Target) -> dict[str, str]:
    about = {"digest": model.digest}
    if not on_cpu(model, target):
        return about | {"arch": target.arch}
    return about | {"file": model.file.name, "runtime": model.runtime.value, "threads": str(target.threads)}
