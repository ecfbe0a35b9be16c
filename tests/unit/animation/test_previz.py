"""The engine: frames of clips."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from fractions import Fraction
from itertools import pairwise
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from firstframe.animation.engines import ClipRequest
from firstframe.animation.engines.previz import PrevizAnimator
from firstframe.core.errors import Cancelled
from firstframe.core.media import HeroPicture, LayerImage, LayerRole, Severity
from firstframe.core.motion import Air, Atmosphere, CameraMove, single
from firstframe.imaging.curves import eased
from firstframe.imaging.moves import PUSH_SCALE
from support.animated_heroes import Watched, flat_hero, layered_hero, rgba, with_layers


def request(
    hero: HeroPicture,
    camera: CameraMove = CameraMove.PUSH,
    strength: float = 0.5,
    *,
    frames: int = 12,
    dust: bool = False,
    seed: int = 5,
) -> ClipRequest:
    motion = single(camera, strength, *([Air(Atmosphere.DUST)] if dust else []))
    return ClipRequest(hero, motion, frames, Fraction(12), seed)


def rendered(wanted: ClipRequest, work: Watched | None = None) -> list[np.ndarray]:
    return [frame.copy() for frame in PrevizAnimator().take(wanted).frames(work or Watched())]


@pytest.mark.parametrize("move", list(CameraMove))
@pytest.mark.parametrize("dust", [False, True])
def test_the_first_frame_is_the_hero(move: CameraMove, dust: bool) -> None:
    hero = layered_hero()
    frames = rendered(request(hero, move, dust=dust))
    assert len(frames) == 12
    assert all(frame.shape == (108, 192, 3) and frame.dtype == np.uint16 for frame in frames)
    assert np.array_equal(frames[0], hero.image.astype(np.uint16) * 257)
    assert np.abs(frames[1].astype(int) - frames[0]).max() < 25 * 257


@pytest.mark.parametrize("move", [move for move in CameraMove if move is not CameraMove.LOCKED])
def test_everything_moves_at_every_frame(move: CameraMove) -> None:
    frames = rendered(request(layered_hero(), move, frames=30))
    changes = [np.abs(b.astype(int) - a).mean() for a, b in pairwise(frames[1:])]
    assert min(changes) > 0.5


def test_a_locked_camera_without_dust_stands_still() -> None:
    hero = layered_hero()
    frames = rendered(request(hero, CameraMove.LOCKED))
    assert max(np.abs(frame / 257 - hero.image).max() for frame in frames) <= 1.01


def test_no_black_edge_appears() -> None:
    """A bright hero of several layers, each move at full strength: nothing dark comes in."""
    hero = layered_hero(bleed=6)
    bright = [
        replace(layer, rgba=np.maximum(layer.rgba, (150, 150, 150, 0)).astype(np.uint8)) for layer in hero.layers.layers
    ]
    for move in CameraMove:
        last = rendered(request(with_layers(hero, *bright), move, 1.0))[-1]
        assert last.min() > 135 * 257


def centre_of(frame: np.ndarray, x: float, y: float) -> tuple[float, float]:
    """Middle of a soft dot of a width of 2.5, by weighting with one at (x, y): half of its distance is what comes out."""
    rows, columns = np.mgrid[0 : frame.shape[0], 0 : frame.shape[1]].astype(float)
    light = (frame[..., 1] / 257 - 40) * np.exp(-((columns - x) ** 2 + (rows - y) ** 2) / (2 * 2.5**2))
    found = (light * columns).sum() / light.sum(), (light * rows).sum() / light.sum()
    return x + 2 * (found[0] - x), y + 2 * (found[1] - y)


def test_a_dot_is_where_it_should_be_to_a_fiftieth_of_a_pixel() -> None:
    """A soft dot off the middle under a slow push: no judder, no steps."""
    rows, columns = np.mgrid[0:180, 0:320].astype(float)
    dot = 40 + 180 * np.exp(-((columns - 251.3) ** 2 + (rows - 47.6) ** 2) / (2 * 2.5**2))
    frames = rendered(request(flat_hero(rgba(dot, dot, dot, 1.0)[..., :3]), CameraMove.PUSH, 0.3, frames=60))
    middle = np.array([319 / 2, 179 / 2])
    for index, frame in enumerate(frames[1:], start=1):
        scale = 1 + PUSH_SCALE * 0.3 * eased(index / 60)
        expected = middle + (np.array([251.3, 47.6]) - middle) * scale
        assert np.abs(np.array(centre_of(frame, *expected)) - expected).max() < 0.02, index


def test_dust_is_hidden_by_what_is_nearer() -> None:
    """A wall stands in front of all dust: no frame shows any; behind it there would be some."""
    hero = layered_hero(bleed=12)
    size = hero.layers.layers[0].rgba.shape[:2]
    wall = LayerImage(LayerRole.FOREGROUND, rgba(np.full(size, 90), 90, 90, 1.0), 0.2)
    hidden = with_layers(hero, *hero.layers.layers, wall)
    assert all((frame == 90 * 257).all() for frame in rendered(request(hidden, CameraMove.LOCKED, dust=True)))
    shown = rendered(request(hero, CameraMove.LOCKED, dust=True))
    assert (shown[-1] > shown[1].astype(int) + 257).any()


def test_the_same_request_gives_the_same_bytes() -> None:
    first, second = (rendered(request(layered_hero(), dust=True)) for _ in range(2))
    other = rendered(request(layered_hero(), dust=True, seed=6))
    assert all(np.array_equal(a, b) for a, b in zip(first, second, strict=True))
    assert not np.array_equal(first[-1], other[-1])


def test_work_is_checked_at_every_frame_and_can_be_stopped() -> None:
    work = Watched()
    rendered(request(layered_hero(), frames=20), work)
    assert work.checks >= 20
    assert work.fractions == sorted(work.fractions)
    assert work.fractions[-1] == 1
    stopped = Watched(stop_after=7)
    with pytest.raises(Cancelled):
        rendered(request(layered_hero(), frames=20), stopped)
    assert stopped.checks == 8


def test_a_frame_is_made_in_the_memory_of_the_one_before() -> None:
    frames = PrevizAnimator().take(request(layered_hero(), frames=600)).frames(Watched())
    next(frames)
    second = next(frames)
    assert all(np.shares_memory(second, next(frames)) for _ in range(3))


def test_layers_that_cannot_be_trusted_are_not_moved_apart() -> None:
    hero = layered_hero(confidence=0.1)
    take = PrevizAnimator().take(request(hero, CameraMove.PUSH, 0.5))
    assert [finding.reason for finding in take.findings] == ["LAYERS_NOT_TRUSTED"]
    assert take.applied_strength == 0.5
    flat = rendered(request(flat_hero(hero.image), CameraMove.PUSH, 0.5))
    assert np.array_equal([frame.copy() for frame in take.frames(Watched())][-1], flat[-1])


def test_limits_are_told() -> None:
    def found(hero: HeroPicture, move: CameraMove, strength: float) -> dict[str, tuple[Severity, str]]:
        take = PrevizAnimator().take(request(hero, move, strength))
        return {finding.reason: (finding.severity, finding.message) for finding in take.findings}

    flat = flat_hero(layered_hero().image)
    assert found(flat, CameraMove.PUSH, 0.5) == {}
    assert found(flat, CameraMove.LOCKED, 0.5) == {}
    pull = found(flat, CameraMove.PULL, 0.5)["MOTION_LIMITED"]
    assert pull[0] is Severity.WARNING
    assert "0.00 of 0.50" in pull[1]
    pan = found(flat, CameraMove.PAN_LEFT, 1.0)
    assert pan["MOTION_LIMITED"][0] is Severity.INFO
    assert "10.0 %" in pan["ZOOM_ADDED"][1]


def test_warming_up_renders_what_moves_and_what_is_in_the_air(monkeypatch: pytest.MonkeyPatch) -> None:
    animator, seen = PrevizAnimator(), list[np.ndarray]()

    def watched(request: ClipRequest, take: Callable[[ClipRequest], Any] = animator.take) -> Any:
        made = take(request)
        frames = made.frames

        def kept(work: Any) -> Iterator[np.ndarray]:
            for frame in frames(work):
                seen.append(frame.copy())
                yield frame

        return SimpleNamespace(frames=kept)

    monkeypatch.setattr(animator, "take", watched)
    animator.warm()
    assert len(seen) == 2
    assert seen[0].shape == (32, 32, 3)
