from __future__ import annotations

import dataclasses
from collections.abc import Callable
from pathlib import Path

import pytest
from tritonclient.grpc import model_config_pb2 as pb

from firstframe.adapters.triton.config import Target, config_of, parse_config, write_config
from firstframe.adapters.triton.config_checks import check_config
from firstframe.core.errors import InvalidInput
from firstframe.core.models import Batching, Dtype, Runtime, ServedModel, TensorSpec

GPU = Target("tensorrt", "sm_90")


def model(**changes: object) -> ServedModel:
    values: dict[str, object] = {
        "name": "matting",
        "file": Path("/weights/matting.onnx"),
        "digest": "ab" * 32,
        "runtime": Runtime.ONNX,
        "inputs": (
            TensorSpec("picture", Dtype.FP32, ("batch", 3, "height", "width")),
            TensorSpec("strength", Dtype.FP16, ("batch",)),
        ),
        "outputs": (TensorSpec("matte", Dtype.FP32, ("batch", 1, "height", "width")),),
        "batching": Batching(8, (4, 2, 4), 500, 32, 2000),
        "warm_up": ({"batch": 2, "height": 64, "width": 32}, {"batch": 1, "height": 16, "width": 16}),
    }
    return ServedModel(**(values | changes))  # type: ignore[arg-type]


def test_a_configuration_says_what_the_model_and_its_batching_say() -> None:
    config = config_of(model(), Target(instances=2, threads=3))

    assert (config.name, config.backend, config.max_batch_size) == ("matting", "python", 8)
    assert [(one.name, one.data_type, list(one.dims)) for one in config.input] == [
        ("picture", pb.TYPE_FP32, [3, -1, -1]),
        ("strength", pb.TYPE_FP16, [1]),
    ]
    assert [(one.name, list(one.dims)) for one in config.output] == [("matte", [1, -1, -1])]
    assert list(config.dynamic_batching.preferred_batch_size) == [2, 4]
    assert config.dynamic_batching.max_queue_delay_microseconds == 500
    assert not config.dynamic_batching.HasField("default_queue_policy")
    assert [(one.kind, one.count) for one in config.instance_group] == [(pb.ModelInstanceGroup.KIND_CPU, 2)]
    assert {name: one.string_value for name, one in config.parameters.items()} == {
        "digest": "ab" * 32,
        "file": "matting.onnx",
        "runtime": "onnx",
        "threads": "3",
    }


def test_one_number_for_each_sample_is_reshaped() -> None:
    config = config_of(model(), Target())

    assert [one.HasField("reshape") for one in config.input] == [False, True]
    assert list(config.input[1].reshape.shape) == []


def test_bounds_of_the_queue_are_written_where_they_are_wanted() -> None:
    policy = config_of(model(), Target(server_bounds=True)).dynamic_batching.default_queue_policy

    assert policy.timeout_action == pb.ModelQueuePolicy.REJECT
    assert (policy.max_queue_size, policy.default_timeout_microseconds) == (32, 2_000_000)
    assert policy.allow_timeout_override


def test_a_gpu_has_engines() -> None:
    config = config_of(model(), GPU)

    assert (config.backend, config.default_model_filename) == ("tensorrt", "model.plan")
    assert config.instance_group[0].kind == pb.ModelInstanceGroup.KIND_GPU
    assert config.parameters["arch"].string_value == "sm_90"


def test_an_engine_serves_all_its_profiles() -> None:
    config = config_of(model(profiles=3), GPU)

    assert list(config.instance_group[0].profile) == ["0", "1", "2"]
    assert not config_of(model(profiles=3), Target()).instance_group[0].profile
    del config.instance_group[0].profile[:]
    with pytest.raises(InvalidInput, match="names 0 profiles"):
        check_config(config)


def test_what_is_not_compiled_runs_under_onnx_runtime_on_the_gpu() -> None:
    config = config_of(model(compiled=False), GPU)

    assert (config.backend, config.default_model_filename) == ("onnxruntime", "matting.onnx")
    assert config.instance_group[0].kind == pb.ModelInstanceGroup.KIND_GPU
    assert not config.instance_group[0].profile
    assert config_of(model(compiled=False), Target()).backend == "python"


def test_every_size_is_warmed_the_smallest_first() -> None:
    warm = config_of(model(), Target()).model_warmup

    assert [(one.name, one.batch_size) for one in warm] == [
        ("batch1-height16-width16", 1),
        ("batch2-height64-width32", 2),
    ]
    shapes = {name: list(one.dims) for name, one in warm[1].inputs.items()}
    assert shapes == {"picture": [3, 64, 32], "strength": [1]}
    assert not config_of(model(), Target(warm_up=False)).model_warmup


def test_a_warm_up_that_leaves_out_an_axis_is_none() -> None:
    assert not config_of(model(warm_up=({"batch": 1},)), GPU).model_warmup


def test_tflite_stays_on_the_cpu() -> None:
    config = config_of(model(runtime=Runtime.TFLITE, file=Path("/weights/matting.tflite")), GPU)

    assert (config.backend, config.parameters["runtime"].string_value) == ("python", "tflite")
    assert config.instance_group[0].kind == pb.ModelInstanceGroup.KIND_CPU


def test_without_a_batch_axis_everywhere_nothing_is_joined() -> None:
    fixed = TensorSpec("matte", Dtype.FP32, (1, "height", "width"))

    config = config_of(model(outputs=(fixed,)), Target())

    assert config.max_batch_size == 0
    assert list(config.input[0].dims) == [-1, 3, -1, -1]
    assert not config.dynamic_batching.preferred_batch_size
    assert list(config.model_warmup[0].inputs["picture"].dims) == [1, 3, 16, 16]


def test_what_is_written_is_read_back_and_always_the_same() -> None:
    text = write_config(config_of(model(), Target()))

    assert parse_config(text) == config_of(model(), Target())
    assert write_config(config_of(model(), Target())) == text


@pytest.mark.parametrize("text", ["no_such_field: 1", 'name: "x', "max_batch_size: many"])
def test_what_is_no_configuration_is_refused(text: str) -> None:
    with pytest.raises(InvalidInput, match="no model configuration"):
        parse_config(text)


def test_a_target_says_an_architecture_for_gpus_alone() -> None:
    for kind, arch in (("tensorrt", ""), ("cpu", "sm_90")):
        with pytest.raises(InvalidInput) as caught:
            Target(kind, arch)  # type: ignore[arg-type]
        assert caught.value.metadata["field"] == "arch"
    with pytest.raises(InvalidInput, match="at least one copy"):
        Target(instances=0)


def test_preferred_sizes_beyond_the_largest_are_refused_before_they_are_written() -> None:
    with pytest.raises(InvalidInput, match=r"preferred_batch_size \[16\]"):
        config_of(model(batching=Batching(8, (16,))), Target())


def drop(field: str) -> Callable[[pb.ModelConfig], None]:
    return lambda config: config.ClearField(field)  # type: ignore[arg-type]


def change(path: str, value: object) -> Callable[[pb.ModelConfig], None]:
    def apply(config: pb.ModelConfig) -> None:
        *way, last = path.split(".")
        place: object = config
        for name in way:
            place = place[int(name)] if name.isdigit() else getattr(place, name)  # type: ignore[index]
        setattr(place, last, value)

    return apply


def rename_warm_inputs(config: pb.ModelConfig) -> None:
    del config.model_warmup[0].inputs["picture"]


def add_warm_input(config: pb.ModelConfig) -> None:
    config.model_warmup[0].inputs["nobody"].CopyFrom(config.model_warmup[0].inputs["picture"])


def longer_warm_input(config: pb.ModelConfig) -> None:
    config.model_warmup[0].inputs["picture"].dims[0] = 4


def flat_warm_input(config: pb.ModelConfig) -> None:
    del config.model_warmup[0].inputs["picture"].dims[:]


def other_warm_type(config: pb.ModelConfig) -> None:
    config.model_warmup[0].inputs["picture"].data_type = pb.TYPE_FP16


def zero_length(config: pb.ModelConfig) -> None:
    config.input[0].dims[1] = 0


def below_minus_one(config: pb.ModelConfig) -> None:
    config.output[0].dims[1] = -2


def no_dims(config: pb.ModelConfig) -> None:
    del config.input[1].dims[:]


def twice_the_warm_up(config: pb.ModelConfig) -> None:
    config.model_warmup.add().CopyFrom(config.model_warmup[0])


def add_profile(config: pb.ModelConfig) -> None:
    config.instance_group[0].profile.append("0")


def preferred_zero(config: pb.ModelConfig) -> None:
    config.dynamic_batching.preferred_batch_size.append(0)


def no_digest(config: pb.ModelConfig) -> None:
    del config.parameters["digest"]


def no_file(config: pb.ModelConfig) -> None:
    config.parameters["file"].string_value = ""


POLICY = "dynamic_batching.default_queue_policy"
CONTRADICTIONS: dict[str, tuple[Callable[[pb.ModelConfig], None], str]] = {
    "name": (drop("name"), "name is missing"),
    "backend": (change("backend", "pytorch"), "none of ours"),
    "profiles on a processor": (add_profile, "names 1 profiles for python"),
    "negative": (change("max_batch_size", -1), "max_batch_size is negative"),
    "versions": (change("version_policy.latest.num_versions", 2), "version_policy"),
    "all versions": (drop("version_policy"), "version_policy"),
    "no input": (drop("input"), "there is no input"),
    "no output": (drop("output"), "there is no output"),
    "same names": (change("input.1.name", "picture"), "names of inputs are missing or not unique"),
    "nameless": (change("output.0.name", ""), "names of outputs are missing or not unique"),
    "type": (change("input.0.data_type", pb.TYPE_STRING), "input picture has no type"),
    "zero": (zero_length, "input picture has dims"),
    "minus two": (below_minus_one, "output matte has dims"),
    "no dims": (no_dims, "input strength has dims"),
    "no batching": (drop("dynamic_batching"), "dynamic_batching is missing"),
    "preferred": (change("max_batch_size", 3), "preferred_batch_size [4]"),
    "preferred zero": (preferred_zero, "preferred_batch_size [0]"),
    "endless queue": (change(f"{POLICY}.max_queue_size", 0), "the queue has no bound"),
    "endless wait": (change(f"{POLICY}.default_timeout_microseconds", 0), "the queue has no time-out"),
    "delayed": (change(f"{POLICY}.timeout_action", pb.ModelQueuePolicy.DELAY), "delayed, not rejected"),
    "deaf": (change(f"{POLICY}.allow_timeout_override", False), "ignores the callers' deadlines"),
    "no instances": (drop("instance_group"), "instance_group is missing"),
    "zero instances": (change("instance_group.0.count", 0), "has no instance"),
    "wrong kind": (change("instance_group.0.kind", pb.ModelInstanceGroup.KIND_GPU), "is KIND_GPU for python"),
    "digest": (no_digest, "parameters lack digest"),
    "file": (no_file, "parameters lack file"),
    "warm-up misses": (rename_warm_inputs, "does not cover exactly the inputs"),
    "warm-up adds": (add_warm_input, "does not cover exactly the inputs"),
    "warm-up length": (longer_warm_input, "gives picture another type or shape"),
    "warm-up axes": (flat_warm_input, "gives picture another type or shape"),
    "warm-up type": (other_warm_type, "gives picture another type or shape"),
    "warm-up batch": (change("model_warmup.0.batch_size", 9), "has 9 samples, max_batch_size is 8"),
    "warm-up nothing": (change("model_warmup.0.batch_size", 0), "has 0 samples"),
    "warm-ups": (twice_the_warm_up, "names of warm-ups are not unique"),
}


@pytest.mark.parametrize("case", CONTRADICTIONS)
def test_a_contradiction_is_refused_and_named(case: str) -> None:
    spoil, problem = CONTRADICTIONS[case]
    config = config_of(model(), Target(server_bounds=True))

    spoil(config)

    with pytest.raises(InvalidInput) as caught:
        check_config(config)
    assert problem in caught.value.message


def test_every_problem_is_told_at_once() -> None:
    config = config_of(model(), Target())
    config.name = ""
    zero_length(config)

    with pytest.raises(InvalidInput) as caught:
        check_config(config)

    assert "name is missing" in caught.value.message
    assert "input picture" in caught.value.message


def test_a_gpu_configuration_needs_its_architecture() -> None:
    config = config_of(dataclasses.replace(model()), GPU)
    del config.parameters["arch"]

    with pytest.raises(InvalidInput, match="parameters lack arch"):
        check_config(config)
