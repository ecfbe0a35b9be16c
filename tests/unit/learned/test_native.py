from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import pytest

from firstframe.core.errors import InvalidInput
from firstframe.core.formats import FORMATS
from firstframe.core.media import PixelRect, PixelSize
from firstframe.learned.native import allowed_frames, check_frames, format_of, native_length, native_shot
from firstframe.packs.catalogue import CHECKOUT, read_catalogue
from firstframe.packs.spec import Pack

PACKS = {pack.pack: pack for pack in read_catalogue(CHECKOUT)}
LEARNED = [pack for pack in PACKS.values() if pack.pipeline is not None]


def sizes(pack: Pack) -> list[str]:
    assert pack.pipeline is not None
    return list(pack.pipeline.native.sizes)


def test_the_packs_are_where_a_checkout_has_them() -> None:
    assert Path(CHECKOUT).is_dir()
    assert {"sdxl", "flux-schnell", "svd-xt", "ltx-video", "cogvideox-15", "wan22-5b"} <= {
        pack.pack for pack in LEARNED
    }


@pytest.mark.parametrize("pack", LEARNED, ids=lambda pack: pack.pack)
def test_every_format_has_an_exact_ratio_within_what_is_made(pack: Pack) -> None:
    for name in sizes(pack):
        shot = native_shot(pack, name)
        across, down = map(int, name.split(":"))
        assert shot.kept.width * down == shot.kept.height * across
        assert shot.kept.width % 2 == shot.kept.height % 2 == 0
        assert PixelRect(0, 0, shot.made.width, shot.made.height).contains(shot.kept)
        assert shot.kept.width + 2 * shot.kept.x == shot.made.width
        assert shot.kept.height + 2 * shot.kept.y == shot.made.height
        assert bool(shot.reasons) == (shot.size != shot.made)
        assert shot.size.pixels > 0.9 * shot.made.pixels


@pytest.mark.parametrize(
    ("pack", "name", "kept", "reason"),
    [
        ("sdxl", "16:9", PixelSize(1344, 756), "sdxl 1344×768 is 1.75:1, trimmed 6 px top and bottom to 16:9"),
        ("sdxl", "1:1", PixelSize(1024, 1024), ""),
        ("sdxl", "4:5", PixelSize(896, 1120), "sdxl 896×1152 is 0.7778:1, trimmed 16 px top and bottom to 4:5"),
        (
            "flux-schnell",
            "16:9",
            PixelSize(1344, 756),
            "flux-schnell 1360×768 is 1.771:1, trimmed 8 px left and right and 6 px top and bottom to 16:9",
        ),
        ("flux-schnell", "4:5", PixelSize(896, 1120), ""),
        ("svd-xt", "16:9", PixelSize(1024, 576), ""),
    ],
)
def test_what_is_trimmed_comes_with_its_reason(pack: str, name: str, kept: PixelSize, reason: str) -> None:
    shot = native_shot(PACKS[pack], name)

    assert shot.size == kept
    assert shot.reasons == ((reason,) if reason else ())


def test_a_draft_takes_the_smaller_class_where_there_is_one() -> None:
    assert native_shot(PACKS["wan22-a14b"], "16:9", draft=True).made == PixelSize(832, 480)
    assert native_shot(PACKS["wan22-a14b"], "16:9").made == PixelSize(1280, 720)
    assert native_shot(PACKS["svd-xt"], "16:9", draft=True) == native_shot(PACKS["svd-xt"], "16:9")


@pytest.mark.parametrize(("pack", "name"), [("sdxl", "21:9"), ("isnet-matting", "16:9")])
def test_what_a_pack_is_not_made_for_is_refused(pack: str, name: str) -> None:
    with pytest.raises(InvalidInput, match=pack):
        native_shot(PACKS[pack], name)


@pytest.mark.parametrize("name", FORMATS)
def test_a_size_tells_its_format(name: str) -> None:
    assert format_of(FORMATS[name].delivery_size) == name
    assert format_of(FORMATS[name].draft_size) == name


def test_a_size_of_no_format_is_refused() -> None:
    with pytest.raises(InvalidInput, match="1000×700"):
        format_of(PixelSize(1000, 700))


@pytest.mark.parametrize(
    ("pack", "frames", "rate", "field", "fix"),
    [
        ("cogvideox-15", 80, 16, "frame_count", "use 65 or 81"),
        ("cogvideox-15", 500, 16, "frame_count", "use 161"),
        ("ltx-video", 120, 25, "frame_count", "use 113 or 121"),
        ("svd-xt", 14, 7, "frame_count", "use 25"),
        ("svd-xt", 25, 24, "frame_rate", "7 frames per second"),
        ("wan22-5b", 121, 16, "frame_rate", "24 frames per second"),
        ("sdxl", 25, 24, "pack", "makes stills"),
    ],
)
def test_lengths_that_a_pack_does_not_make_are_refused_with_those_that_it_makes(
    pack: str, frames: int, rate: int, field: str, fix: str
) -> None:
    with pytest.raises(InvalidInput, match=fix) as caught:
        check_frames(PACKS[pack], frames, Fraction(rate))

    assert caught.value.metadata["field"] == field


@pytest.mark.parametrize(
    "pack", [pack for pack in LEARNED if pack.pipeline and pack.pipeline.native.frames], ids=lambda p: p.pack
)
def test_the_length_that_a_pack_was_made_for_is_allowed(pack: Pack) -> None:
    assert pack.pipeline is not None
    native = pack.pipeline.native

    check_frames(pack, native.default_frames, Fraction(native.fps))

    assert allowed_frames(pack)[-1] == native.max_frames
    assert allowed_frames(pack)[0] >= 2


@pytest.mark.parametrize(
    ("pack", "seconds", "frames", "rounded"),
    [
        ("wan22-5b", 5.0, 121, True),
        ("wan22-5b", 121 / 24, 121, False),
        ("ltx-video", 3.0, 81, True),
        ("svd-xt", 1.0, 25, True),
    ],
)
def test_a_duration_becomes_frames_by_the_rule(pack: str, seconds: float, frames: int, rounded: bool) -> None:
    length = native_length(PACKS[pack], seconds)

    assert length.frames == frames
    assert bool(length.reasons) == rounded


def test_a_duration_beyond_what_a_pack_makes_is_refused() -> None:
    with pytest.raises(InvalidInput, match=r"at most 25 frames at 7 fps, which is 3\.57 s"):
        native_length(PACKS["svd-xt"], 5)
