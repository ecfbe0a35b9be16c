"""Whether a model configuration means what it has to; a parser sees only its syntax."""

from __future__ import annotations

from collections.abc import Iterator

from tritonclient.grpc import model_config_pb2 as pb

from firstframe.core.errors import InvalidInput
from firstframe.core.models import Dtype

TYPES = {
    Dtype.BOOL: pb.TYPE_BOOL,
    Dtype.UINT8: pb.TYPE_UINT8,
    Dtype.INT32: pb.TYPE_INT32,
    Dtype.INT64: pb.TYPE_INT64,
    Dtype.FP16: pb.TYPE_FP16,
    Dtype.FP32: pb.TYPE_FP32,
}
"""Element types that our models have."""
KINDS = {
    "python": pb.ModelInstanceGroup.KIND_CPU,
    "tensorrt": pb.ModelInstanceGroup.KIND_GPU,
    "onnxruntime": pb.ModelInstanceGroup.KIND_GPU,
}
"""Where each backend that we use runs."""


def check_config(config: pb.ModelConfig) -> None:
    """Holds a configuration against what it has to mean.

    Raises:
        InvalidInput: The configuration contradicts itself or leaves out what we rely on; the message names every problem.
    """
    problems = [problem for check in _CHECKS for problem in check(config)]
    if problems:
        raise InvalidInput.at(f"config.pbtxt of {config.name or 'a model'}", "; ".join(problems))


def _check_identity(config: pb.ModelConfig) -> Iterator[str]:
    if not config.name:
        yield "name is missing"
    if config.backend not in KINDS:
        yield f"backend {config.backend!r} is none of ours"
    if config.max_batch_size < 0:
        yield "max_batch_size is negative"
    if config.version_policy.latest.num_versions != 1:
        yield "version_policy does not serve exactly the latest version"


def _check_tensors(config: pb.ModelConfig) -> Iterator[str]:
    for side, tensors in (("input", config.input), ("output", config.output)):
        names = [tensor.name for tensor in tensors]
        if not names:
            yield f"there is no {side}"
        if len(set(names)) != len(names) or not all(names):
            yield f"names of {side}s are missing or not unique"
        for tensor in tensors:
            yield from _check_tensor(f"{side} {tensor.name}", tensor)


def _check_tensor(name: str, tensor: pb.ModelInput | pb.ModelOutput) -> Iterator[str]:
    if tensor.data_type not in TYPES.values():
        yield f"{name} has no type that we use"
    if not tensor.dims or any(length == 0 or length < -1 for length in tensor.dims):
        yield f"{name} has dims {list(tensor.dims)}, where each has to be positive or -1"


def _check_batching(config: pb.ModelConfig) -> Iterator[str]:
    if not config.HasField("dynamic_batching"):
        yield "dynamic_batching is missing"
        return
    most = config.max_batch_size
    if wrong := [size for size in config.dynamic_batching.preferred_batch_size if not 1 <= size <= most]:
        yield f"preferred_batch_size {wrong} is not within 1 and max_batch_size {most}"
    if config.dynamic_batching.HasField("default_queue_policy"):
        yield from _check_policy(config.dynamic_batching.default_queue_policy)


def _check_policy(policy: pb.ModelQueuePolicy) -> Iterator[str]:
    if not policy.max_queue_size:
        yield "the queue has no bound"
    if policy.timeout_action != pb.ModelQueuePolicy.REJECT:
        yield "requests that waited too long are delayed, not rejected"
    if not policy.default_timeout_microseconds:
        yield "the queue has no time-out"
    if not policy.allow_timeout_override:
        yield "the queue ignores the callers' deadlines"


def _check_instances(config: pb.ModelConfig) -> Iterator[str]:
    wanted = KINDS.get(config.backend)
    if not config.instance_group:
        yield "instance_group is missing"
    for group in config.instance_group:
        if group.count < 1:
            yield f"instance_group {group.name} has no instance"
        if group.kind != wanted:
            yield f"instance_group {group.name} is {pb.ModelInstanceGroup.Kind.Name(group.kind)} for {config.backend}"
        if bool(group.profile) != (config.backend == "tensorrt"):
            yield f"instance_group {group.name} names {len(group.profile)} profiles for {config.backend}"


def _check_parameters(config: pb.ModelConfig) -> Iterator[str]:
    needed = {"digest", "file", "runtime", "threads"} if config.backend == "python" else {"digest", "arch"}
    given = {name for name, parameter in config.parameters.items() if parameter.string_value}
    if missing := sorted(needed - given):
        yield f"parameters lack {', '.join(missing)}"


def _check_warm_up(config: pb.ModelConfig) -> Iterator[str]:
    if len({one.name for one in config.model_warmup}) != len(config.model_warmup):
        yield "names of warm-ups are not unique"
    for one in config.model_warmup:
        if not 1 <= one.batch_size <= max(1, config.max_batch_size):
            yield f"warm-up {one.name} has {one.batch_size} samples, max_batch_size is {config.max_batch_size}"
        if set(one.inputs) != {tensor.name for tensor in config.input}:
            yield f"warm-up {one.name} does not cover exactly the inputs"
        yield from _check_warm_inputs(config, one)


def _check_warm_inputs(config: pb.ModelConfig, warm_up: pb.ModelWarmup) -> Iterator[str]:
    for tensor in config.input:
        if tensor.name in warm_up.inputs and not _fits(tensor, warm_up.inputs[tensor.name]):
            yield f"warm-up {warm_up.name} gives {tensor.name} another type or shape than the input has"


def _fits(tensor: pb.ModelInput, given: pb.ModelWarmup.Input) -> bool:
    lengths = zip(tensor.dims, given.dims, strict=False)
    return (
        tensor.data_type == given.data_type
        and len(tensor.dims) == len(given.dims)
        and all(length >= 1 and wanted in {-1, length} for wanted, length in lengths)
    )


_CHECKS = (
    _check_identity,
    _check_tensors,
    _check_batching,
    _check_instances,
    _check_parameters,
    _check_warm_up,
)
