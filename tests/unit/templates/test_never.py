from __future__ import annotations

import pytest

from firstframe.templates.never import Never, allows, says

LOOK = {"scene": "studio", "palette": "ink-night"}


@pytest.mark.parametrize(
    ("rule", "holds"),
    [
        (Never(scene="studio"), True),
        (Never(scene="stone"), False),
        (Never(palette="ink-night"), True),
        (Never(scene="studio", palette="ink-night"), True),
        (Never(scene="studio", palette="amber-dusk"), False),
        (Never(word="cheap"), True),
        (Never(word="free"), False),
        (Never(scene="studio", word="free"), False),
        (Never(scene="studio", word="CHEAP"), True),
    ],
)
def test_all_that_a_rule_names_has_to_come_together(rule: Never, holds: bool) -> None:
    assert rule.holds(LOOK, ["First Light", "Cheap, and good"]) is holds


def test_a_word_is_a_whole_word() -> None:
    assert says("not CHEAP at all", "cheap")
    assert says("anti  aging", "anti aging")
    assert not says("cheaper", "cheap")
    assert not says("x-cheapo", "cheap")
    assert says("a+b", "a+b")


def test_a_template_passes_over_pairs_alone() -> None:
    assert not allows([Never(scene="studio", palette="ink-night")], LOOK)
    assert allows([Never(scene="studio")], LOOK), "this one is told, so that the list is mended"
    assert allows([Never(scene="studio", palette="ink-night", word="x")], LOOK)


def test_a_rule_says_what_it_is_about() -> None:
    assert Never("studio", "ink-night", "cheap").words == (
        "the scene studio in the palette ink-night with the word 'cheap'"
    )
    assert Never(word="cheap").words == "the word 'cheap'"
    assert Never(palette="ink-night").words == "the palette ink-night"
