"""The rehearsal of a move shows what the animation will show, and counts the room that it leaves."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from firstframe.animation.engines import ClipRequest
from firstframe.animation.engines.previz import PrevizAnimator
from firstframe.core.media import PixelRect, PixelSize
from firstframe.core.motion import CameraMove, CameraPhase, Ease, Motion, Repeat, Window, single
from firstframe.imaging.moves import PUSH_SCALE
from firstframe.imaging.preflight.room import Rehearsal, flat_hero
from support.stills import SIZES, Scene

MIDDLE = PixelRect(180, 95, 120, 80)
BLANK = np.zeros((270, 480, 3), np.uint8)


def test_a_locked_camera_leaves_the_room_that_there_is() -> None:
    rehearsal = Rehearsal(flat_hero(BLANK, MIDDLE), single(CameraMove.LOCKED, 0.0))
    room = rehearsal.room(PixelRect(100, 27, 300, 200))
    assert (room.side, round(room.share, 6)) == ("top", 0.1)
    assert rehearsal.move.share == 1.0
    assert rehearsal.move.tightest == 1.0


def test_a_push_shows_as_much_less_as_it_makes_the_subject_larger() -> None:
    left, top, right, bottom = Rehearsal(flat_hero(BLANK, MIDDLE), single(CameraMove.PUSH, 1.0)).move.farthest
    assert 480 / (right - left) == pytest.approx(1 + PUSH_SCALE)
    assert 270 / (bottom - top) == pytest.approx(1 + PUSH_SCALE)


@pytest.mark.parametrize("size", SIZES)
def test_room_shrinks_as_the_subject_nears_the_edge_and_as_the_push_grows(size: PixelSize) -> None:
    image = np.zeros((size.height, size.width, 3), np.uint8)
    high, wide = size.height // 4, size.width // 4
    boxes = [PixelRect(size.width // 3, top, wide, high) for top in (size.height // 4, size.height // 8, 8, 2, 0)]
    rooms = [Rehearsal(flat_hero(image, box), single(CameraMove.PUSH, 0.5)).room(box).share for box in boxes]
    assert rooms == sorted(rooms, reverse=True)
    assert rooms[0] > 0.1
    assert rooms[-1] < 0
    strengths = [
        Rehearsal(flat_hero(image, boxes[1]), single(CameraMove.PUSH, s)).room(boxes[1]).share for s in (0.1, 0.5, 1)
    ]
    assert strengths == sorted(strengths, reverse=True)


def test_sides_that_may_be_cut_are_left_out() -> None:
    box = PixelRect(180, 90, 120, 180)
    rehearsal = Rehearsal(flat_hero(BLANK, box), single(CameraMove.PUSH, 0.5))
    assert rehearsal.room(box).side == "bottom"
    assert rehearsal.room(box, free=frozenset({"bottom"})).share > 0.1


def test_a_pan_over_a_picture_without_more_around_it_is_limited() -> None:
    flat = Rehearsal(flat_hero(BLANK, MIDDLE), single(CameraMove.PAN_LEFT, 1.0)).move
    pulled = Rehearsal(flat_hero(BLANK, MIDDLE), single(CameraMove.PULL, 0.5)).move
    assert 0.5 < flat.share < 1
    assert flat.zoom > 1.05
    assert pulled.share < 0.05


@pytest.mark.parametrize("size", SIZES[:2])
def test_the_last_frame_is_the_animations(size: PixelSize) -> None:
    """A bright dot is seen in the animation's last frame where the rehearsal says."""
    scene = Scene(size)
    image = np.full((size.height, size.width, 3), 30, np.uint8)
    at = (round(0.3 * size.width), round(0.25 * size.height))
    image[at[1] - 2 : at[1] + 3, at[0] - 2 : at[0] + 3] = 255
    hero = replace(flat_hero(image, scene.box))
    for move in (CameraMove.PUSH, CameraMove.PAN_LEFT, CameraMove.ORBIT):
        window = Rehearsal(hero, single(move, 0.5)).move.farthest
        take = PrevizAnimator().take(ClipRequest(hero, single(move, 0.5), 61, 30, 1))
        *_, last = take.frames(_Silent())
        y, x = (float(np.average(axis, weights=(last[..., 0] > last.max() / 2))) for axis in np.indices(last.shape[:2]))
        scale = (window[2] - window[0]) / size.width
        assert (x + 0.5) * scale + window[0] == pytest.approx(at[0] + 0.5, abs=0.6)
        assert (y + 0.5) * scale + window[1] == pytest.approx(at[1] + 0.5, abs=0.6)


def test_layers_that_are_not_trusted_move_as_one() -> None:
    hero = Scene(SIZES[0]).hero()
    doubted = replace(hero, layers=replace(hero.layers, confidence=0.1))
    flat = Rehearsal(flat_hero(hero.image, hero.subject), single(CameraMove.PUSH, 0.5))
    assert Rehearsal(doubted, single(CameraMove.PUSH, 0.5)).move.farthest == flat.move.farthest


def test_a_chain_is_rehearsed_to_its_farthest_moment() -> None:
    """In, and almost all the way back: what counts is the closest moment, not the last."""
    box = PixelRect(180, 20, 120, 180)
    there = CameraPhase(CameraMove.PUSH, 1.0, 0.5)
    back = Rehearsal(flat_hero(BLANK, box), Motion((there, CameraPhase(CameraMove.PULL, 0.9, 0.5)), 1.0))
    once = Rehearsal(flat_hero(BLANK, box), single(CameraMove.PUSH, 1.0))
    assert back.move.farthest == pytest.approx(once.move.farthest)
    assert back.move.tightest == pytest.approx(1 / (1 + PUSH_SCALE))
    assert back.room(box).share == pytest.approx(once.room(box).share)
    assert back.window(1.0) != pytest.approx(once.window(1.0))


@pytest.mark.parametrize("repeat", [Repeat.PING_PONG, Repeat.LOOP])
def test_a_clip_that_comes_back_is_rehearsed_at_its_turn(repeat: Repeat) -> None:
    box = PixelRect(180, 20, 120, 180)
    again = Rehearsal(flat_hero(BLANK, box), replace(single(CameraMove.PUSH, 1.0), repeat=repeat))
    assert again.move.farthest == pytest.approx(
        Rehearsal(flat_hero(BLANK, box), single(CameraMove.PUSH, 1.0)).move.farthest
    )
    assert again.window(1.0) == pytest.approx(again.move.first)


def test_only_a_clips_own_part_of_a_motion_counts() -> None:
    box = PixelRect(180, 20, 120, 180)
    part = Rehearsal(flat_hero(BLANK, box), replace(single(CameraMove.PUSH, 1.0), window=Window(0.0, 0.25)), 1.0)
    assert 0.97 < part.move.tightest < 1
    assert part.move.share == 1.0


def test_speed_that_cannot_be_had_counts_as_less_of_the_motion() -> None:
    fast = Motion((CameraPhase(CameraMove.PUSH, ease=Ease.LINEAR),), 0.0, speed=11.0)
    assert Rehearsal(flat_hero(BLANK, MIDDLE), fast, 2.0).move.share == pytest.approx(0.5)


class _Silent:
    def progress(self, *_: object) -> None:
        pass

    def check(self) -> None:
        pass
