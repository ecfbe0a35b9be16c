"""Motion prompts against what they should compile to: precision and recall for each kind, tuned and held-out part apart.

The prompts are in `prompts/`; docs/motion-prompts.md tells when each table was written, and what was tuned on it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml

from firstframe.core.motion import CameraMove
from firstframe.direction.codes import MEANINGS, Code
from firstframe.direction.compiler import Directed, compile_prompt
from firstframe.direction.linter import Lint, linted

FOLDER = Path(__file__).resolve().parent / "prompts"
PARTS = ("tuned", "held_out", "fresh", "last", "developed", "unseen", "final", "blind")
KINDS = ("camera", "air", "degree", "amount", "repeat", "effect", "speed", "lint: distorts", "lint: worth a look")

Said = Counter[tuple[str, str]]
"""Kind and value of everything that is said of a prompt."""


def run() -> dict[str, Any]:
    """Scores of both parts."""
    return {"parts": {part: score(prompts(part)) for part in PARTS}}


def rows(result: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """A line for each part and kind."""
    for part, scores in result["parts"].items():
        yield f"{part}: prompts", str(scores["prompts"])
        for name in ("exact", "verdict"):
            yield f"{part}: {name}", f"{scores[name]:.3f}"
        for kind, figures in scores["kinds"].items():
            told = f"precision {figures['precision']:.3f}, recall {figures['recall']:.3f}, n {figures['expected']}"
            yield f"{part}: {kind}", told


def prompts(part: str) -> list[dict[str, Any]]:
    """Prompts of a part with what is expected of them."""
    found: list[dict[str, Any]] = yaml.safe_load((FOLDER / f"{part}.yaml").read_text("utf-8"))
    return found


def score(table: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """Precision and recall of each kind; shares of prompts whose motion is exact, and whose verdict is right."""
    pairs = [_agreed(expected(row), found(str(row["prompt"]))) for row in table]
    return {
        "prompts": len(pairs),
        "exact": _share(_motion(want) == _motion(got) for want, got in pairs),
        "verdict": _share(_distorts(want) == _distorts(got) for want, got in pairs),
        "kinds": {kind: _figures(kind, pairs) for kind in KINDS},
    }


def _agreed(want: Said, got: Said) -> tuple[Said, Said]:
    """The same, where a table leaves a choice (`HAND_WORK|FLUID`): what was found of it, once; else the first."""
    for kind, value in [said for said in want if "|" in said[1]]:
        choice = [(kind, one) for one in value.split("|")]
        met = [said for said in choice if got[said]] or choice[:1]
        want = want - Counter([(kind, value)]) | Counter(met[:1])
        got = got - Counter(met[1:])
    return want, got


def expected(row: Mapping[str, Any]) -> Said:
    """What a prompt of the table should come to; `A|B` where either would do."""
    airs = row.get("airs", [])
    said = [("camera", "|".join(f"{i} {move}" for move in moves.split("|"))) for i, moves in enumerate(row["camera"])]
    said += [("air", kind) for kind in airs]
    said += [("amount", f"{kind} {airs[kind]}") for kind in airs if isinstance(airs, dict)]
    said += [(kind, str(row[kind])) for kind in ("repeat", "effect") if kind in row]
    said += [("degree", str(row["degree"]))] if "degree" in row and "speed" not in row else []
    said += [("speed", f"{row['speed']:g}")] if "speed" in row else []
    return Counter([*said, *((_lint_kind(Code(code.split("|")[0])), code) for code in row.get("lint", []))])


def found(prompt: str) -> Said:
    """What a prompt comes to."""
    directed = compile_prompt(prompt)
    return Counter([*_said(directed), *_linted(linted(directed))])


def _said(directed: Directed) -> Iterator[tuple[str, str]]:
    motion = directed.motion
    yield from (("camera", f"{index} {phase.move.value}") for index, phase in enumerate(motion.phases))
    yield from (("air", air.kind.value) for air in motion.airs)
    yield from (("amount", f"{air.kind.value} {_amount(air.amount)}") for air in motion.airs)
    if not motion.speed and any(phase.move is not CameraMove.LOCKED for phase in motion.phases):
        first = next(phase for phase in motion.phases if phase.move is not CameraMove.LOCKED)
        yield "degree", band(motion.strength * first.amount)
    if motion.repeat.value != "once":
        yield "repeat", motion.repeat.value
    if motion.effect is not None:
        yield "effect", motion.effect.kind.value
    if motion.speed:
        yield "speed", f"{motion.speed:g}"


def _linted(lint: Lint) -> Iterator[tuple[str, str]]:
    return ((_lint_kind(code), code.value) for code in {finding.code for finding in lint.findings})


def band(strength: float) -> str:
    """The word for a strength."""
    return "faint" if strength <= 0.3 else "slow" if strength <= 0.6 else "plain" if strength <= 0.8 else "strong"


def _amount(amount: float) -> str:
    return "faint" if amount <= 0.3 else "plain" if amount <= 0.7 else "strong"


def _lint_kind(code: Code) -> str:
    return "lint: distorts" if MEANINGS[code].distorts else "lint: worth a look"


def _motion(said: Said) -> Said:
    return Counter(
        {key: count for key, count in said.items() if key[0] in {"camera", "air", "degree", "repeat", "effect"}}
    )


def _distorts(said: Said) -> bool:
    return any(kind == "lint: distorts" for kind, _ in said)


def _figures(kind: str, pairs: Iterable[tuple[Said, Said]]) -> dict[str, float]:
    right = wanted = told = 0
    for want, got in pairs:
        mine, theirs = _only(kind, want), _only(kind, got)
        if kind == "amount":  # only where the table says how much
            theirs = Counter(
                {key: n for key, n in theirs.items() if key[1].split()[0] in {v.split()[0] for _, v in mine}}
            )
        right, wanted, told = right + (mine & theirs).total(), wanted + mine.total(), told + theirs.total()
    return {"precision": right / told if told else 1.0, "recall": right / wanted if wanted else 1.0, "expected": wanted}


def _only(kind: str, said: Said) -> Said:
    return Counter({key: count for key, count in said.items() if key[0] == kind})


def _share(truths: Iterable[bool]) -> float:
    told = list(truths)
    return sum(told) / len(told)
