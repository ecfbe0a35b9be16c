"""Every graph of the learned tier against its exporter and module: full size, on the meta device, without weights."""

from __future__ import annotations

import inspect
from collections.abc import Collection, Iterator

import pytest
import torch

from firstframe.packs.catalogue import CHECKOUT, read_catalogue
from firstframe.packs.spec import Graph, Pack, Tensor
from support.learned_checkpoints import CHECKPOINTS, empty_modules, exported, shots

LEARNED = {pack.pack: pack for pack in read_catalogue(CHECKOUT) if pack.pipeline}
DTYPES = {"FP32": torch.float32, "INT64": torch.int64}
SAME = {("wan22-a14b", "transformer-2")}
"""Has been run under its first name."""
BILLIONS = {
    ("sdxl", "unet"): 2.57,
    ("flux-schnell", "transformer"): 11.9,
    ("qwen-image", "transformer"): 20.4,
    ("svd-xt", "unet"): 1.52,
    ("wan22-a14b", "transformer"): 14.3,
    ("wan22-5b", "transformer"): 5.0,
    ("ltx-video", "transformer"): 1.92,
    ("cogvideox-15", "transformer"): 5.57,
    ("hunyuan-video", "transformer"): 12.8,
}
pytestmark = pytest.mark.filterwarnings("ignore")


def find(pack: str, graph: str) -> Graph:
    return next(one for one in LEARNED[pack].graphs if one.name == graph)


def parts(without: Collection[tuple[str, str]] = ()) -> list[tuple[str, str]]:
    return [(pack, graph) for pack, graphs in CHECKPOINTS.items() for graph in graphs if (pack, graph) not in without]


def sizes(pack: Pack) -> Iterator[tuple[int, int]]:
    yield from pack.pipeline.native.sizes.values()
    yield from pack.pipeline.native.draft_sizes.values()


def told(tensors: tuple[Tensor, ...]) -> list[tuple[str, str, tuple[int | str, ...]]]:
    return [(tensor.name, tensor.dtype.value, tensor.shape) for tensor in tensors]


def test_every_graph_is_looked_at() -> None:
    known = {(name, graph.name) for name, pack in LEARNED.items() for graph in pack.graphs}
    assert set(parts()) == known


@pytest.mark.parametrize(("pack", "graph"), parts())
def test_tensors_and_buckets_are_those_of_the_exporter(pack: str, graph: str) -> None:
    found, module = find(pack, graph), exported(pack, graph)
    assert told(found.inputs) == told(module.inputs)
    assert told(found.outputs) == told(module.outputs)
    wanted = [module.lengths(shot) for shot in shots(pack, graph, sizes(LEARNED[pack]))]
    assert [bucket for bucket in wanted if bucket not in found.buckets and bucket] == []
    known = LEARNED[pack].pipeline
    if known is not None and known.last_frame:
        # A last frame may have tokens of its own, as many as a latent frame.
        deep = [shot.latent_frames for shot in shots(pack, graph, sizes(LEARNED[pack]))]
        wanted += [with_last_frame(lengths, frames) for lengths, frames in zip(wanted, deep, strict=True)]
    assert [bucket for bucket in found.buckets if bucket not in wanted] == []


def with_last_frame(lengths: dict[str, int], frames: int) -> dict[str, int]:
    sequence = lengths.get("sequence", 0)
    return lengths | ({"sequence": sequence // frames * (frames + 1)} if sequence else {})


@pytest.mark.parametrize(("pack", "graph"), [part for part in parts(SAME) if not part[1].startswith("text-")])
def test_a_bucket_goes_through_the_module(pack: str, graph: str) -> None:
    # Encoders of text are left out: transformers looks at the values of their masks, and here are none.
    found = find(pack, graph)
    axes = {"batch": min(2, found.batching.max_size), **(found.buckets[0] if found.buckets else {})}
    outputs = run(pack, graph, axes)
    for tensor, output in zip(found.outputs, outputs, strict=True):
        assert len(tensor.shape) == output.ndim
        for axis, length in zip(tensor.shape, output.shape, strict=True):
            assert axes.setdefault(str(axis), length if isinstance(axis, str) else axis) == length, tensor.name
    if graph == "vae-decoder":
        assert (axes["width_out"], axes["height_out"]) == LEARNED[pack].pipeline.native.sizes["16:9"]
    if "frames_out" in axes and graph == "vae-decoder":
        assert axes["frames_out"] == (LEARNED[pack].pipeline.native.default_frames or 1)


def run(pack: str, graph: str, axes: dict[str, int]) -> tuple[torch.Tensor, ...]:
    module = exported(pack, graph)
    with empty_modules(), torch.no_grad():
        given = [
            torch.zeros([axes.get(axis, axis) for axis in tensor.shape], dtype=DTYPES[tensor.dtype.value])
            for tensor in module.inputs
        ]
        outputs = module(*given)
    return outputs if isinstance(outputs, tuple) else (outputs,)


@pytest.mark.parametrize("bucket", find("svd-xt", "unet").buckets, ids=str)
def test_sizes_that_are_multiples_of_64_go_through_three_halvings(bucket: dict[str, int]) -> None:
    (output,) = run("svd-xt", "unet", {"batch": 2, **bucket})
    assert output.shape[-2:] == (bucket["height"], bucket["width"])


@pytest.mark.parametrize(("pack", "graph"), BILLIONS)
def test_modules_have_the_size_of_the_model_card_and_fit_the_estimate(pack: str, graph: str) -> None:
    count = sum(parameter.numel() for parameter in exported(pack, graph).parameters())
    assert count / 1e9 == pytest.approx(BILLIONS[pack, graph], rel=0.01)
    assert find(pack, graph).gpu_memory_mb * 2**20 > count * 2


@pytest.mark.parametrize("name", LEARNED)
def test_modules_and_arguments_are_those_of_the_pipeline(name: str) -> None:
    import diffusers

    pipeline = LEARNED[name].pipeline
    kind = getattr(diffusers, pipeline.class_name)
    components = set(inspect.signature(kind.__init__).parameters)
    assert {module.partition(".")[0] for module in pipeline.modules} <= components
    taken = set(inspect.signature(kind.__call__).parameters)
    assert {pipeline.guidance_argument, *pipeline.arguments} <= taken
    assert "height" in taken
    assert ("num_frames" in taken) == bool(pipeline.native.frames)
