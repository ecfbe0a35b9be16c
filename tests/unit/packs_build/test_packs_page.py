"""docs/packs.md says what the packs say."""

from __future__ import annotations

from pathlib import Path

import pytest

from firstframe.core.delivery import PLATFORMS
from firstframe.packs.catalogue import CHECKOUT, read_catalogue
from firstframe.packs.spec import Pack

PAGE = Path(__file__).parents[3] / "docs/packs.md"
PACKS = list(read_catalogue(CHECKOUT))


def commercial(pack: Pack) -> str:
    return "yes" if pack.licence.commercial else "not as it is"


def licence_row(pack: Pack) -> str:
    accepted = "to be accepted" if pack.licence.acceptance else "—"
    return f"| `{pack.pack}` | [{pack.licence.spdx}]({pack.licence.url}) | {commercial(pack)} | {accepted} |"


def size(pair: tuple[int, int]) -> str:
    return f"{pair[0]}×{pair[1]}"


def native_row(pack: Pack) -> str:
    native = pack.pipeline.native
    sizes = " | ".join(size(native.sizes[name]) for name in ("16:9", "9:16", "1:1", "4:5"))
    return f"| `{pack.pack}` | {sizes} | {native.multiple_of} |"


def frames_row(pack: Pack) -> str:
    native = pack.pipeline.native
    retimed = "needed" if native.fps < min(platform.min_fps for platform in PLATFORMS.values()) else "—"
    frames = f"{native.frames} | {native.default_frames} | {native.max_frames} | {native.fps:g}"
    return f"| `{pack.pack}` | {frames} | {retimed} | {native.default_frames / native.fps:.1f} s |"


def run_row(pack: Pack) -> str:
    pipeline = pack.pipeline
    memory = sum(graph.gpu_memory_mb for graph in pack.graphs) / 1024
    return f"| `{pack.pack}` | `{pipeline.class_name}` | {pipeline.steps} | {pipeline.guidance:g} | {memory:.0f} GiB |"


@pytest.mark.parametrize("pack", PACKS, ids=lambda pack: pack.pack)
def test_the_page_has_every_pack_as_it_is(pack: Pack) -> None:
    page = PAGE.read_text("utf-8").splitlines()
    assert licence_row(pack) in page
    if pack.pipeline:
        assert native_row(pack) in page
        assert run_row(pack) in page
        assert not pack.pipeline.native.frames or frames_row(pack) in page
