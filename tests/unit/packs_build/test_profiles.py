from __future__ import annotations

import pytest

from firstframe.core.errors import InvalidInput
from firstframe.packs.build.architectures import ARCHITECTURES, architecture_of, parse_architecture
from firstframe.packs.build.profiles import Profile, ShapeRange, profiles_of
from firstframe.packs.catalogue import CHECKOUT, read_catalogue
from firstframe.packs.spec import Graph, Pack

PACKS = list(read_catalogue(CHECKOUT))
LEARNED = [pack for pack in PACKS if pack.pipeline]


def graph(**changes: object) -> Graph:
    whole: dict[str, object] = {
        "file": "a.onnx",
        "inputs": [
            {"name": "x", "dtype": "FP32", "shape": ["batch", 4, "h", "w"]},
            {"name": "t", "dtype": "FP32", "shape": ["batch"]},
        ],
        "outputs": [{"name": "y", "dtype": "FP32", "shape": ["batch", 4, "h", "w"]}],
        "buckets": [{"h": 96, "w": 168}, {"h": 168, "w": 96}],
        "batching": {"max_size": 8, "preferred": [2, 4]},
    }
    return Graph.model_validate(whole | changes)


def test_a_profile_for_each_bucket() -> None:
    assert profiles_of(graph()) == (
        Profile(
            {"x": ShapeRange((1, 4, 96, 168), (4, 4, 96, 168), (8, 4, 96, 168)), "t": ShapeRange((1,), (4,), (8,))}
        ),
        Profile(
            {"x": ShapeRange((1, 4, 168, 96), (4, 4, 168, 96), (8, 4, 168, 96)), "t": ShapeRange((1,), (4,), (8,))}
        ),
    )


def test_kernels_are_measured_at_the_largest_batch_where_none_is_preferred() -> None:
    assert profiles_of(graph(batching={"max_size": 3}))[0].inputs["t"] == ShapeRange((1,), (3,), (3,))


def test_inputs_that_do_not_vary_are_left_to_the_graph() -> None:
    fixed = {"name": "m", "dtype": "FP32", "shape": [5, 4]}
    one = graph(
        inputs=[{"name": "x", "dtype": "FP32", "shape": ["batch", "h"]}, fixed], buckets=[{"h": 2}], batching={}
    )
    assert [set(profile.inputs) for profile in profiles_of(one)] == [{"x"}]
    assert profiles_of(graph(inputs=[fixed], buckets=[], batching={})) == ()


def test_a_batch_alone_needs_one_profile() -> None:
    alone = graph(inputs=[{"name": "x", "dtype": "FP32", "shape": ["batch", 4]}], buckets=[])
    assert profiles_of(alone) == (Profile({"x": ShapeRange((1, 4), (4, 4), (8, 4))}),)


def test_buckets_that_come_to_the_same_shapes_are_one_profile() -> None:
    assert len(profiles_of(graph(buckets=[{"h": 8, "w": 8}, {"h": 8, "w": 16}, {"h": 8, "w": 8}]))) == 2


def test_shapes_as_trtexec_takes_them() -> None:
    assert profiles_of(graph())[0].spec(lambda shapes: shapes.max) == "x:8x4x96x168,t:8"


@pytest.mark.parametrize("pack", LEARNED, ids=lambda pack: pack.pack)
def test_profiles_of_packs_are_their_buckets(pack: Pack) -> None:
    for one in pack.graphs:
        profiles = profiles_of(one)
        assert len(profiles) == max(1, len(one.buckets)) or not any("batch" in tensor.shape for tensor in one.inputs)
        for profile, bucket in zip(profiles, one.buckets or ({},), strict=True):
            for tensor in one.inputs:
                shapes = profile.inputs.get(tensor.name)
                lengths = [bucket.get(axis, axis) if isinstance(axis, str) else axis for axis in tensor.shape]
                assert shapes is None or [1 if axis == "batch" else axis for axis in lengths] == list(shapes.min)
                assert shapes is None or shapes.min[1:] == shapes.opt[1:] == shapes.max[1:]


@pytest.mark.parametrize("pack", LEARNED, ids=lambda pack: pack.pack)
def test_each_format_can_be_decoded(pack: Pack) -> None:
    decoder = next((one for one in pack.graphs if one.name == "vae-decoder"), None)
    if decoder is None:
        assert pack.pack == "hunyuan-video"
        return
    compression = {"wan22-5b": 16, "ltx-video": 32}.get(pack.pack, 8)
    latents = {shapes.inputs["latents"].opt[-2:] for shapes in profiles_of(decoder)}
    for width, height in (*pack.pipeline.native.sizes.values(), *pack.pipeline.native.draft_sizes.values()):
        assert (height // compression, width // compression) in latents


def test_known_architectures() -> None:
    assert parse_architecture("sm_90") == "sm_90"
    assert set(ARCHITECTURES) == {"sm_80", "sm_86", "sm_89", "sm_90", "sm_100", "sm_120"}
    assert [architecture_of(text) for text in ("9.0", " 12.0\n", "10.0")] == ["sm_90", "sm_120", "sm_100"]


@pytest.mark.parametrize("text", ["", "sm_70", "SM_90", "90", "h100"])
def test_other_architectures_are_refused_with_those_that_are_known(text: str) -> None:
    with pytest.raises(InvalidInput, match=r"--arch: .*use one of sm_80 \(A100.*sm_120") as caught:
        parse_architecture(text)
    assert caught.value.metadata == {"field": "--arch"}
