"""Two portraits become one hero of two people."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from prometheus_client import REGISTRY

from firstframe.core.errors import InvalidInput
from firstframe.core.media import LayerRole, PixelSize, Rgb8
from firstframe.imagegen import photo_metrics
from firstframe.imagegen.mattes import Mattes
from firstframe.imagegen.pair import Person, couple, find_person
from firstframe.imagegen.photo_subject import Cut
from firstframe.imaging.preflight.faces import Face
from firstframe.imaging.tones import ToneMatch, toned
from firstframe.render.layers import composite

SIZE = PixelSize(320, 320)


def photo(skin: tuple[int, int, int], ground: tuple[int, int, int], *, height: int = 400) -> Rgb8:
    """A head on shoulders; its face is 80 pixels wide, its middle at (150, 120)."""
    picture = np.full((height, 300, 3), ground, np.uint8)
    cv2.ellipse(picture, (150, height), (120, height - 180), 0, 0, 360, (40, 40, 60), -1)
    cv2.ellipse(picture, (150, 120), (44, 60), 0, 0, 360, skin, -1)
    return picture


def person(picture: Rgb8) -> Person:
    cover = (np.abs(picture.astype(int) - picture[0, 0]).max(axis=-1) > 8).astype(np.float32)
    return Person(picture, cover, Face(110, 80, 190, 160, 1.0))


LEFT, RIGHT = person(photo((220, 180, 150), (120, 160, 120))), person(photo((190, 140, 120), (160, 120, 120)))


def test_each_is_a_layer_and_the_layers_are_the_hero() -> None:
    hero = couple(LEFT, RIGHT, SIZE, seed=1)
    roles = [layer.role for layer in hero.layers.layers]
    assert roles == [LayerRole.BACKGROUND, LayerRole.SUBJECT, LayerRole.SUBJECT]
    depths = [layer.depth_m for layer in hero.layers.layers]
    assert depths == sorted(depths, reverse=True)
    assert hero.size == SIZE
    assert np.array_equal(hero.image, composite([layer.rgba for layer in hero.layers.layers], hero.layers.bleed_px))
    assert (hero.layers.layers[0].rgba[..., 3] == 255).all()
    assert hero.findings == ()


def test_a_pair_is_counted_among_the_photographs() -> None:
    labels = {"subject_by": Cut.MODEL.value, "layers": "3"}
    before = REGISTRY.get_sample_value("firstframe_photographs_total", labels) or 0.0
    hero = couple(LEFT, RIGHT, SIZE, seed=1)
    photo_metrics.made(hero.details, len(hero.layers.layers))
    assert REGISTRY.get_sample_value("firstframe_photographs_total", labels) == before + 1


def test_the_first_stands_at_the_left_and_faces_are_of_one_size() -> None:
    large = person(cv2.resize(RIGHT.photo, None, fx=2, fy=2))
    large = Person(large.photo, large.cover, Face(220, 160, 380, 320, 1.0))
    hero = couple(LEFT, large, SIZE, seed=1)
    wide = float(hero.details["face_width"])
    spans = []
    for layer in hero.layers.layers[1:]:
        shown = np.flatnonzero(layer.rgba[hero.layers.bleed_px + 130, :, 3] > 127) - hero.layers.bleed_px
        spans.append((shown.min(), shown.max()))
    assert spans[0][0] < spans[1][0]
    assert spans[0][1] < spans[1][1]
    assert abs((spans[0][1] - spans[0][0]) - (spans[1][1] - spans[1][0])) < 0.1 * wide
    assert np.mean(spans[0]) < SIZE.width / 2 < np.mean(spans[1])


def test_skins_come_nearer_to_each_other() -> None:
    one, other = np.full((8, 8, 3), (220, 180, 150), np.uint8), np.full((8, 8, 3), (150, 100, 80), np.uint8)
    rng = np.random.default_rng(1)
    one, other = (np.clip(skin + rng.integers(-9, 9, (8, 8, 3)), 0, 255).astype(np.uint8) for skin in (one, other))
    match = ToneMatch.of(one, other)
    after = [toned(skin.astype(np.float32) / 255, tone) for skin, tone in ((one, match.first), (other, match.second))]
    assert np.abs(after[0].mean() - after[1].mean()) < 0.7 * abs(one.mean() - other.mean()) / 255


def test_a_print_without_colours_takes_the_other_ones_colours_away() -> None:
    grey = photo((180, 180, 180), (90, 90, 90))
    hero = couple(person(grey), RIGHT, SIZE, seed=1)
    off = hero.image.astype(int)
    assert np.abs(off[..., 0] - off[..., 2]).mean() < 4


def test_a_body_that_ends_in_the_frame_is_told() -> None:
    short = person(photo((220, 180, 150), (120, 160, 120), height=210))
    found = couple(short, RIGHT, SIZE, seed=1).findings
    assert [item.reason for item in found] == ["SUBJECT_CUT"]
    assert "left" in found[0].message


def test_the_same_photographs_give_the_same_bytes() -> None:
    one, other = (couple(LEFT, RIGHT, SIZE, seed=5).image for _ in range(2))
    assert np.array_equal(one, other)


class Seen(Mattes):
    """Models that see what they are told."""

    def __init__(self, *faces: Face) -> None:
        super().__init__()
        self.told = faces

    def matte(self, picture: Rgb8, check: object = None) -> np.ndarray:
        return cv2.resize(person(picture).cover, (1024, 1024))

    def faces(self, picture: Rgb8, check: object = None) -> tuple[Face, ...]:
        return self.told


def test_the_one_large_face_is_the_persons() -> None:
    small, large = Face(0, 0, 20, 20, 0.99), Face(110, 80, 190, 160, 0.9)
    found = find_person(LEFT.photo, Seen(small, large), lambda: None, field="photograph.image")
    assert found.face is large
    assert found.cover.shape == LEFT.photo.shape[:2]
    assert found.cover[120, 150] > 0.9
    assert found.cover[10, 10] < 0.1


@pytest.mark.parametrize(
    ("mattes", "words"),
    [
        (Mattes(), "without models"),
        (Seen(), "no face"),
        (Seen(Face(0, 0, 70, 70, 0.9), Face(110, 80, 190, 160, 0.9)), "2 faces"),
    ],
)
def test_a_photograph_that_is_no_portrait_is_refused(mattes: Mattes, words: str) -> None:
    with pytest.raises(InvalidInput, match=words) as caught:
        find_person(LEFT.photo, mattes, lambda: None, field="photograph.partner")
    assert caught.value.metadata["field"] == "photograph.partner"
