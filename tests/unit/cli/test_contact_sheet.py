"""Nothing on a contact sheet overlaps, is cut or loses its ratio, from one lane to fifty and more."""

from __future__ import annotations

from itertools import combinations
from pathlib import Path

import numpy as np
import pytest

from firstframe.cli.contact_sheet import draw_sheets, measure
from firstframe.cli.frames import sample_frames
from firstframe.cli.sheet_layout import MARGIN, MAX_PAGE_HEIGHT, Page, SheetLane, lay_out, wrap
from firstframe.core.media import PixelRect

from .conftest import RED_LEVELS, clip_bytes, still_bytes

RATIOS = {"16:9": 16 / 9, "9:16": 9 / 16, "1:1": 1.0, "4:5": 0.8}


def lanes(heroes: int, takes: int, formats: int, *, clip: bool = True, name: str = "hero") -> list[SheetLane]:
    notes = ("1920×1080 · 4 s · 30 fps", "TikTok, Instagram Reels, Instagram Stories, YouTube Shorts")
    return [
        SheetLane(f"{name}-{hero}", take, shape, ratio, Path("still"), Path("clip") if clip else None, notes)
        for hero in range(heroes)
        for take in range(1, takes + 1)
        for shape, ratio in list(RATIOS.items())[:formats]
    ]


CASES = [(1, 1, 1), (1, 1, 4), (2, 1, 3), (1, 50, 1), (50, 1, 1), (12, 1, 4), (3, 5, 3), (50, 1, 4)]


def apart(one: PixelRect, other: PixelRect) -> bool:
    return one.right <= other.x or other.right <= one.x or one.bottom <= other.y or other.bottom <= one.y


def check(page: Page) -> None:
    inside = PixelRect(MARGIN, MARGIN, page.width - 2 * MARGIN, page.height - 2 * MARGIN)
    rects = [box.rect for box in page.pictures] + [box.rect for box in page.texts]
    assert all(inside.contains(rect) for rect in rects)
    assert all(apart(one, other) for one, other in combinations(rects, 2))


@pytest.mark.parametrize(("heroes", "takes", "formats"), CASES)
def test_nothing_overlaps_and_all_is_there(heroes: int, takes: int, formats: int) -> None:
    wanted = lanes(heroes, takes, formats)
    pages = lay_out("first-light", "2 heroes · 6 videos", wanted, measure)
    for page in pages:
        check(page)
        assert page.height <= MAX_PAGE_HEIGHT
    shown = [box for page in pages for box in page.pictures]
    assert [box.lane for box in shown if box.frame is None] == wanted
    assert len(shown) == 4 * len(wanted)


@pytest.mark.parametrize(("heroes", "takes", "formats"), CASES)
def test_pictures_keep_their_ratio(heroes: int, takes: int, formats: int) -> None:
    for page in lay_out("a", "b", lanes(heroes, takes, formats), measure):
        for box in page.pictures:
            assert abs(box.rect.width - box.rect.height * box.lane.ratio) <= 1


def test_frames_end_flush_with_the_still() -> None:
    (page,) = lay_out("a", "b", lanes(2, 1, 3), measure)
    for still in (box for box in page.pictures if box.frame is None):
        frames = [box.rect for box in page.pictures if box.lane is still.lane and box.frame is not None]
        assert (frames[0].y, frames[-1].bottom) == (still.rect.y, still.rect.bottom)


def test_stills_of_a_row_stand_on_one_line() -> None:
    (page,) = lay_out("a", "b", lanes(1, 1, 3), measure)
    stills = [box.rect for box in page.pictures if box.frame is None]
    assert len({(rect.y, rect.bottom) for rect in stills}) == 1


def test_long_names_are_broken_and_not_cut() -> None:
    name = "a-very-long-name-of-a-hero-that-somebody-thought-up-for-a-test-x"
    pages = lay_out(name, "b", lanes(1, 1, 1, clip=False, name=name), measure)
    check(pages[0])
    headings = [box.text for box in pages[0].texts if box.style == "hero"]
    assert "".join(headings) == f"{name}-0"
    assert len(headings) > 1


@pytest.mark.parametrize("width", [10, 60, 120, 400])
def test_wrapping_loses_nothing(width: int) -> None:
    text = "slow cinematic push-in, drifting dust"
    lines = wrap(text, "caption", width, measure)
    assert "".join("".join(lines).split()) == "".join(text.split())
    assert all(measure(line, "caption") <= width or len(line) == 1 for line in lines)


def test_a_lane_without_a_video_has_its_still_alone() -> None:
    (page,) = lay_out("a", "b", lanes(1, 1, 2, clip=False), measure)
    assert [box.frame for box in page.pictures] == [None, None]


def test_first_middle_and_last_frame(tmp_path: Path) -> None:
    video = tmp_path / "a.mp4"
    video.write_bytes(clip_bytes(tmp_path, 64, 36))
    reds = [float(np.asarray(frame)[..., 0].mean()) for frame in sample_frames(video)]
    assert reds == pytest.approx(RED_LEVELS, abs=6)


def test_the_sheet_shows_still_and_frames(tmp_path: Path) -> None:
    still, clip = tmp_path / "a.png", tmp_path / "a.mp4"
    still.write_bytes(still_bytes(64, 36, 200))
    clip.write_bytes(clip_bytes(tmp_path, 64, 36))
    lane = SheetLane("hero", 1, "16:9", 16 / 9, still, clip, ("note",))
    (page,) = lay_out("title", "subtitle", [lane], measure)
    (sheet,) = draw_sheets("title", "subtitle", [lane])
    pixels = np.asarray(sheet)
    assert sheet.size == (page.width, page.height)
    for box in page.pictures:
        middle = pixels[box.rect.y + box.rect.height // 2, box.rect.x + box.rect.width // 2]
        expected = 200 if box.frame is None else RED_LEVELS[box.frame]
        assert abs(int(middle[0]) - expected) <= 6
