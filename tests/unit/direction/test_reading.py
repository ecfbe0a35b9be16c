"""Reading prompts: words, stems, slips, denial, who moves."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from firstframe.core.motion import Motion
from firstframe.direction.account import account_of, lines_of
from firstframe.direction.compiler import compile_prompt
from firstframe.direction.families import physics_prompt
from firstframe.direction.lexicon.all import VOCABULARY
from firstframe.direction.lexicon.entries import Tag
from firstframe.direction.linter import lint, linted
from firstframe.direction.reading import read
from firstframe.direction.stems import correction, slips, stem
from firstframe.direction.tokens import MAX_CHARACTERS

WORDS = st.lists(st.sampled_from([*sorted(VOCABULARY), ",", ".", "not", "🌫️", "20", "%", '"', "é", "’"]), max_size=40)
PROMPTS = st.one_of(st.text(max_size=300), WORDS.map(" ".join))


@settings(max_examples=120, deadline=None)
@given(PROMPTS)
def test_any_text_is_read_with_spans_inside_of_it(prompt: str) -> None:
    directed = compile_prompt(prompt)
    found = linted(directed)
    for span, text in [(one.span, one.text) for one in (*account_of(directed), *found.findings)]:
        assert 0 <= span.begin <= span.end <= len(prompt)
        assert prompt[span.begin : span.end] == text
    assert lines_of(directed)
    assert physics_prompt(directed).endswith(".")
    assert_sound(directed.motion)


def assert_sound(motion: Motion) -> None:
    """What the contract asks of a motion."""
    assert 1 <= len(motion.phases) <= 8
    assert len(motion.airs) <= 4
    assert abs(sum(phase.share for phase in motion.phases) - 1) < 1e-6
    assert all(0 < phase.share <= 1 and 0 <= phase.amount <= 1 for phase in motion.phases)
    assert 0 <= motion.strength <= 1
    assert 0 <= motion.speed <= 20
    assert all(0 <= air.amount <= 1 for air in motion.airs)


@settings(max_examples=40, deadline=None)
@given(PROMPTS)
def test_the_same_text_is_read_in_the_same_way(prompt: str) -> None:
    assert compile_prompt(prompt) == compile_prompt(prompt)
    assert lint(prompt) == lint(prompt)


@settings(max_examples=60, deadline=None)
@given(PROMPTS)
def test_the_safe_motion_has_nothing_against_it(prompt: str) -> None:
    found = lint(prompt)
    if found.findings:
        assert lint(found.safe).findings == (), found.safe


HOSTILE = (
    "push " * 400,
    "a" * 5000,
    "the " * 1000,
    "not " * 1000,
    "slow very " * 300,
    "xq" + "z" * 30,
    "360 " * 900,
    "\0\ud800'" * 500,
    "camera move slow slow slow slow " * 60,
    "qwertzuiop " * 180,
    '"' * 2000,
    "1 " * 900,
)


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_text_takes_no_longer_than_any(text: str) -> None:
    assert lint(text).prompt == text  # a pattern whose time grows with powers of the length runs into the time-out


def test_no_more_is_read_than_a_prompt_may_have() -> None:
    assert all(token.token.span.end <= MAX_CHARACTERS for token in read("push in " * 1000).stems)


@pytest.mark.parametrize(
    ("word", "wanted"),
    [
        ("pushing", "push"),
        ("panning", "pan"),
        ("gently", "gentle"),
        ("gliding", "glide"),
        ("leaves", "leaf"),
        ("steadily", "steady"),
        ("dramatically", "dramatic"),
        ("slowww", "slow"),
        ("don't", "not"),
        ("grzmpf", None),
    ],
)
def test_forms_have_the_stem_of_their_word(word: str, wanted: str | None) -> None:
    assert stem(word) == wanted


@pytest.mark.parametrize(
    ("written", "meant"),
    [("cinemtic", None), ("camra", "camera"), ("slwoly", "slowly"), ("orbti", "orbit"), ("crate", None), ("zom", None)],
)
def test_slips_are_forgiven_and_other_words_are_not_changed(written: str, meant: str | None) -> None:
    assert correction(written) == meant


@pytest.mark.parametrize(
    ("one", "other", "least"),
    [("pan", "pan", 0), ("pna", "pan", 1), ("pans", "pan", 1), ("pn", "pan", 1), ("abcd", "wxyz", 3)],
)
def test_slips_are_counted(one: str, other: str, least: int) -> None:
    assert slips(one, other, 2) == least


def test_a_slip_is_told() -> None:
    account = account_of(compile_prompt("slow camra psuh in"))
    assert [(one.text, one.meaning) for one in account if one.meaning] == [
        ("camra", "`camra` read as `camera`"),
        ("psuh in", "push in; `psuh` read as `push`"),
    ]


@pytest.mark.parametrize(
    ("prompt", "denied"),
    [
        ("no dust", {"dust"}),
        ("slow push without fog or rain", {"fog", "rain"}),
        ("no zoom, pan or tilt, slow crane up", {"zoom", "pan", "tilt"}),
        ("don't pan, push in", {"pan"}),
        ("no dust but mist", {"dust"}),
        ("no dust, no fog, snow", {"dust", "fog"}),
    ],
)
def test_a_negation_reaches_its_list_and_no_further(prompt: str, denied: set[str]) -> None:
    assert {one.text for one in read(prompt).passages if one.negated and one.tag in {Tag.MOVE, Tag.AIR}} == denied


@pytest.mark.parametrize(
    ("prompt", "moves"),
    [
        ("camera drifts left", ["drifts left"]),
        ("drift left", ["drift left"]),
        ("dust drifts left", []),
        ("the model moves forward", []),
        ("dust floats while the camera moves forward", ["moves forward"]),
    ],
)
def test_what_others_do_is_no_move_of_the_camera(prompt: str, moves: list[str]) -> None:
    assert [one.text for one in read(prompt).of(Tag.MOVE)] == moves
