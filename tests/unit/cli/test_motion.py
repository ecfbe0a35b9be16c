"""`firstframe motion`: what it says of prompts and how it ends."""

from __future__ import annotations

import io
import json
import sys

import pytest

from firstframe.cli.main import main


def motion(monkeypatch: pytest.MonkeyPatch, *words: str, standard_input: str = "") -> int:
    monkeypatch.setattr(sys, "argv", ["firstframe", "motion", *words])
    monkeypatch.setattr(sys, "stdin", io.StringIO(standard_input))
    with pytest.raises(SystemExit) as ended:
        main()
    return int(ended.value.code or 0)


def test_what_distorts_ends_with_1_and_is_underlined(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert motion(monkeypatch, "lint", "slow push in, hands tying the laces") == 1
    lines = capsys.readouterr().out.splitlines()
    at = next(index for index, line in enumerate(lines) if "HAND_WORK" in line)
    first, last = lines[at].index("~"), lines[at].rindex("~")
    assert "tying the laces" in lines[at - 1][first : last + 1]
    assert lines[-2:] == ["nearest safe motion: slow push in", "1 will distort, 0 worth a look"]


def test_what_is_safe_ends_with_0(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    assert motion(monkeypatch, "lint", "slow push in, drifting dust") == 0
    assert capsys.readouterr().out == "nothing to say against it\n"


def test_an_effect_takes_care_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    assert motion(monkeypatch, "lint", "they kiss") == 1
    assert motion(monkeypatch, "lint", "they kiss", "--effect", "kiss") == 0


def test_findings_as_json_have_codes_and_spans(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert (
        motion(monkeypatch, "lint", "-", "--json", standard_input="push in\nand the bottle spins,  text flies\n") == 1
    )
    document = json.loads(capsys.readouterr().out)
    assert document["prompt"] == "push in and the bottle spins, text flies"
    assert document["distorts"] is True
    assert {finding["code"] for finding in document["findings"]} == {"TEXT_MOVES", "SHOWS_HIDDEN"}
    for finding in document["findings"]:
        assert document["prompt"][finding["begin"] : finding["end"]] == finding["text"]
        assert finding["severity"] == "error"


def test_a_compiled_prompt_is_told_in_words_and_numbers(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert motion(monkeypatch, "compile", "slow pan left, a bit of haze, zorpling", "--seconds", "5") == 0
    told = capsys.readouterr().out
    assert "camera: pan left, 0.7 % of the frame per second at its fastest, over 5.0 s" in told
    assert "air: mist, amount 0.25" in told
    assert "~~~~~~~~ not understood" in told
    assert "svd: no words, motion bucket 128 and the frame rate" in told
    assert "learned engines read: The camera slowly pans to the left. Faintly, mist drifts. Zorpling." in told


def test_a_compiled_prompt_as_json_has_the_motion(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert motion(monkeypatch, "compile", "push in, then settle, seamless loop", "--json") == 0
    document = json.loads(capsys.readouterr().out)
    assert document["motion"] == {
        "strength": 0.7,
        "speed_percent_per_s": 0.0,
        "repeat": "loop",
        "phases": [
            {"move": "push", "amount": 1.0, "share": 0.75, "ease": "smooth"},
            {"move": "locked", "amount": 1.0, "share": 0.25, "ease": "smooth"},
        ],
        "airs": [],
        "effect": None,
    }
    assert document["normal_form"] == "push in, then hold, seamless loop"
    assert {one["kind"] for one in document["understood"]} == {"camera", "repeat"}
    assert document["families"]["svd"] == "no words, motion bucket 179 and the frame rate"


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("lint", "  "), "PROMPT: is empty"),
        (("compile", "push " * 500), "PROMPT: is too long"),
        (("compile", "push in", "--seconds", "8"), "--seconds: 8 is out of range"),
        (("lint", "push in", "--effect", "kis"), "did you mean `kiss`?"),
    ],
)
def test_wrong_arguments_end_with_2_and_the_fix(
    words: tuple[str, ...], told: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert motion(monkeypatch, *words) == 2
    assert told in capsys.readouterr().err
