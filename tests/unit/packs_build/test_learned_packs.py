"""The packs of the learned tier, as they are in models/packs."""

from __future__ import annotations

from itertools import chain
from pathlib import Path

import pytest

from firstframe.core.delivery import PLATFORMS
from firstframe.core.formats import FORMATS
from firstframe.packs.catalogue import CHECKOUT, read_catalogue
from firstframe.packs.frames import parse_frame_rule
from firstframe.packs.spec import Pack

TOLERANCE = 0.03
"""A native size may miss its format's ratio by this share: planning crops the rest."""
LEARNED = {pack.pack: pack for pack in read_catalogue(CHECKOUT) if pack.pipeline}
VIDEO = {"svd-xt", "wan22-a14b", "wan22-5b", "ltx-video", "cogvideox-15", "hunyuan-video"}


@pytest.fixture(params=sorted(LEARNED))
def pack(request: pytest.FixtureRequest) -> Pack:
    return LEARNED[request.param]


def test_nine_packs_make_the_learned_tier() -> None:
    assert set(LEARNED) == VIDEO | {"sdxl", "flux-schnell", "qwen-image"}


def test_each_format_has_a_native_size_close_to_its_ratio(pack: Pack) -> None:
    native = pack.pipeline.native
    assert set(native.sizes) == set(FORMATS)
    assert set(native.draft_sizes) in (set(), set(FORMATS))
    for name, (width, height) in chain(native.sizes.items(), native.draft_sizes.items()):
        across, down = map(int, name.split(":"))
        assert width * down / (height * across) == pytest.approx(1, abs=TOLERANCE), name
        assert width % native.multiple_of == height % native.multiple_of == 0, name


def test_video_packs_say_how_many_frames_they_make(pack: Pack) -> None:
    native = pack.pipeline.native
    assert bool(native.frames) == (pack.pack in VIDEO)
    if native.frames:
        rule = parse_frame_rule(native.frames)
        assert rule.allows(native.default_frames)
        assert rule.allows(native.max_frames)
        assert 1 < native.default_frames <= native.max_frames


def test_which_packs_are_too_slow_for_every_platform(pack: Pack) -> None:
    fps = pack.pipeline.native.fps
    too_slow_everywhere = fps > 0 and all(fps < platform.min_fps for platform in PLATFORMS.values())
    assert too_slow_everywhere == (pack.pack in {"svd-xt", "wan22-a14b", "cogvideox-15"})


def test_modules_name_graphs_and_every_graph_is_a_module(pack: Pack) -> None:
    graphs = {graph.name for graph in pack.graphs}
    assert set(pack.pipeline.modules.values()) == graphs


@pytest.mark.parametrize(
    ("name", "denoiser", "pixels"),
    [
        ("sdxl", "unet", 8),
        ("svd-xt", "unet", 8),
        ("wan22-a14b", "transformer", 8),
        ("wan22-a14b", "transformer-2", 8),
        ("wan22-5b", "transformer", 16),
        ("cogvideox-15", "transformer", 8),
        ("hunyuan-video", "transformer", 8),
    ],
)
def test_denoisers_with_rows_and_columns_have_a_bucket_for_each_size(name: str, denoiser: str, pixels: int) -> None:
    native = LEARNED[name].pipeline.native
    graph = next(graph for graph in LEARNED[name].graphs if graph.name == denoiser)
    sizes = [*native.sizes.values(), *native.draft_sizes.values()]
    found = [(bucket["width"] * pixels, bucket["height"] * pixels) for bucket in graph.buckets]
    assert found == sizes


@pytest.mark.parametrize(
    ("name", "patch", "frames"), [("flux-schnell", 16, (1,)), ("qwen-image", 16, (1,)), ("ltx-video", 32, (16, 17))]
)
def test_denoisers_of_tokens_have_a_bucket_for_each_size(name: str, patch: int, frames: tuple[int, ...]) -> None:
    """LTX has its latent frames, and one more where the last picture is given."""
    native = LEARNED[name].pipeline.native
    graph = next(graph for graph in LEARNED[name].graphs if graph.name == "transformer")
    sizes = native.sizes.values()
    wanted = {count * (width // patch) * (height // patch) for width, height in sizes for count in frames}
    assert {bucket["sequence"] for bucket in graph.buckets} == wanted
    assert all(graph.buckets.count(bucket) == 1 for bucket in graph.buckets)


def test_what_is_no_plain_open_licence_says_so(pack: Pack) -> None:
    licence = pack.licence
    assert licence.url.startswith("https://")
    if licence.spdx != "Apache-2.0":
        assert licence.spdx.startswith("LicenseRef-")
        assert licence.note
    if not licence.commercial:
        assert licence.acceptance


def test_branches_are_pinned_by_locks_alone(pack: Pack) -> None:
    assert not pack.downloads
    assert [source.kind for source in pack.sources] == ["hub"]


def test_heavy_graphs_say_what_they_hold_on_a_gpu(pack: Pack) -> None:
    assert all(graph.gpu_memory_mb > 0 for graph in pack.graphs)


def test_packs_are_where_a_checkout_has_them() -> None:
    assert (Path(__file__).parents[3] / "models/packs/sdxl.yaml").is_file()
