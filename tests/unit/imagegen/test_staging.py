"""Other ways to stage one seed: the same product, framed and lit otherwise, with room for the camera."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest

from firstframe.core.formats import FORMATS, Quality
from firstframe.core.media import PixelSize
from firstframe.sets import scenes, shots
from firstframe.sets.framing import FRAMINGS, framing_for, pixel_rect, staged
from firstframe.sets.palettes import PALETTES
from firstframe.sets.requests import SetRequest
from firstframe.sets.staging import WAYS, staging
from firstframe.templates.expansion import STAGINGS, swap_staging

SCENES = tuple(scenes.SCENES)
NUMBERS = range(len(WAYS) + 1)


def shot(scene: str, number: int, size: PixelSize = FORMATS["16:9"].draft_size) -> shots.Shot:
    brief = shots.Brief(PALETTES["sage-noon"], "DEW", "", size, 7, staging=number)
    return scenes.SCENES[scene].shoot(brief)


@pytest.mark.parametrize("scene", SCENES)
def test_the_product_keeps_its_shape_and_the_light_changes_sides(scene: str) -> None:
    made = [shot(scene, number) for number in NUMBERS]
    assert len({item.bottle for item in made}) == 1
    assert [item.side == made[0].side for item in made[1:]] == [not way.mirrored for way in WAYS]


@pytest.mark.parametrize("scene", SCENES)
def test_props_are_drawn_anew(scene: str) -> None:
    assert len({float(shot(scene, number).rng.random()) for number in (0, 1, 7)}) == 3


@pytest.mark.parametrize("scene", SCENES)
@pytest.mark.parametrize("name", FORMATS)
def test_the_product_is_never_larger_and_stays_where_its_framing_lets_it(scene: str, name: str) -> None:
    size = FORMATS[name].draft_size
    framing = framing_for(size)
    for number in NUMBERS[1:]:
        made = shot(scene, number, size)
        box = pixel_rect(made.camera, size, made.product)
        assert framing.top * size.height - 2 <= box.y
        assert box.bottom <= framing.bottom * size.height + 2
        off = (box.x + box.width / 2) / size.width - made.framing.centre_x
        assert abs(off) <= made.framing.aside + 0.01


@pytest.mark.parametrize("framing", FRAMINGS)
def test_the_first_staging_is_the_framing_itself(framing: object) -> None:
    assert staged(framing, staging(0)) is framing  # type: ignore[arg-type,comparison-overlap]


def test_ways_differ_in_what_the_eye_sees_first() -> None:
    for one, other in combinations(WAYS, 2):
        turned = one.mirrored != other.mirrored
        moved = abs(one.aside - other.aside) >= 0.4
        assert turned or moved


def test_they_come_again_with_other_props() -> None:
    again = staging(1 + len(WAYS))
    assert (again.mirrored, again.aside, again.size, again.lift_m) == (
        staging(1).mirrored,
        staging(1).aside,
        staging(1).size,
        staging(1).lift_m,
    )
    assert again.number != staging(1).number


def test_templates_know_how_many_there_are() -> None:
    assert len(WAYS) == STAGINGS
    assert {swap_staging(place) for place in range(1, 40)} == set(NUMBERS[1:])


def test_a_request_is_staged() -> None:
    def request(number: int) -> SetRequest:
        size = FORMATS["1:1"].draft_size
        return SetRequest("studio", "sage-noon", "DEW", "", size, 7, Quality.DRAFT, staging=number)

    cameras = [scenes.build(request(number)).camera.position for number in (0, 0, 2)]
    assert cameras[0] == cameras[1]
    assert cameras[2][1] == pytest.approx(cameras[0][1] + 0.20)
    assert np.isclose(cameras[2][0], cameras[0][0])
