"""What `firstframe motion` shows: the prompt with its passages underlined, the motion in numbers, and JSON of both."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict

from rich.cells import cell_len
from rich.markup import escape

from firstframe.cli.output import Output
from firstframe.core.motion import Atmosphere, Motion
from firstframe.direction.account import account_of, lines_of
from firstframe.direction.codes import MEANINGS
from firstframe.direction.compiler import Directed
from firstframe.direction.families import FAMILIES, physics_prompt
from firstframe.direction.linter import Lint, LintFinding
from firstframe.direction.tokens import Span
from firstframe.direction.words import safe_prompt

_STYLES = {"camera": "green", "air": "green", "not understood": "yellow", "subject": "dim", "picture": "dim"}


def lint_document(lint: Lint) -> dict[str, object]:
    """What was found, for programs."""
    return {
        "prompt": lint.prompt,
        "distorts": lint.distorts,
        "findings": [_finding_document(finding) for finding in lint.findings],
        "safe_prompt": lint.safe,
    }


def compile_document(directed: Directed, lint: Lint) -> dict[str, object]:
    """What a prompt comes to, for programs."""
    return {
        "prompt": directed.reading.prompt,
        "motion": motion_document(directed.motion),
        "summary": lines_of(directed),
        "understood": [
            {"begin": one.span.begin, "end": one.span.end, "text": one.text, "kind": one.kind, "meaning": one.meaning}
            for one in account_of(directed)
        ],
        "normal_form": safe_prompt(directed.motion),
        "learned_prompt": physics_prompt(directed),
        "families": dict(families(directed.motion)),
        **{key: value for key, value in lint_document(lint).items() if key != "prompt"},
    }


def motion_document(motion: Motion) -> dict[str, object]:
    """A motion, for programs."""
    return {
        "strength": motion.strength,
        "speed_percent_per_s": motion.speed,
        "repeat": motion.repeat.value,
        "phases": [
            {"move": p.move.value, "amount": p.amount, "share": round(p.share, 4), "ease": p.ease.value}
            for p in motion.phases
        ],
        "airs": [
            {"kind": a.kind.value, "amount": a.amount, "direction_deg": a.direction_deg, "region": a.region}
            | ({"light": a.light.value} if a.kind is Atmosphere.FLICKER else {})
            for a in motion.airs
        ],
        "effect": _effect_document(motion),
    }


def families(motion: Motion) -> list[tuple[str, str]]:
    """Each family of learned engines and what it reads of a motion."""
    return [(family.name, family.reads(motion)) for family in FAMILIES]


def tell_lint(lint: Lint, output: Output) -> None:
    """Shows what was found, each finding under the words that it is about."""
    _tell_findings(lint.findings, lint.prompt, output)
    if not lint.findings:
        output.results.print("nothing to say against it", style="green")
        return
    output.results.print(f"nearest safe motion: [bold]{escape(lint.safe)}[/bold]")
    worst = sum(finding.distorts for finding in lint.findings)
    rest = len(lint.findings) - worst
    output.results.print(f"{worst} will distort, {rest} worth a look", style="red" if worst else "yellow")


def tell_compiled(directed: Directed, lint: Lint, output: Output) -> None:
    """Shows the motion, how each word was read, and what was found."""
    for one in account_of(directed):
        style = _STYLES.get(one.kind, "cyan")
        meaning = f": {one.meaning}" if one.meaning else ""
        _underline(directed.reading.prompt, one.span, f"{one.kind}{meaning}", style, output)
    for line in lines_of(directed):
        output.results.print(line, markup=False)
    output.results.print(f"learned engines read: {physics_prompt(directed)}", markup=False)
    for name, reads in families(directed.motion):
        output.results.print(f"  {name}: {reads}", markup=False)
    if lint.findings:
        tell_lint(lint, output)


def _tell_findings(findings: Iterable[LintFinding], prompt: str, output: Output) -> None:
    for finding in findings:
        word, style = ("will distort", "red") if finding.distorts else ("worth a look", "yellow")
        title = MEANINGS[finding.code].title
        _underline(prompt, finding.span, f"{finding.code.value} {word}: {title}", style, output)
        output.results.print(f"    {finding.message}", markup=False)


_AROUND = 40
"""Characters of the prompt that are shown on each side of a passage."""


def _underline(prompt: str, span: Span, words: str, style: str, output: Output) -> None:
    """A passage of the prompt with its surroundings, underlined, and what is said of it."""
    begin = max(0, span.begin - _AROUND)
    end = min(len(prompt), span.end + _AROUND)
    lead, tail = "…" if begin else "", "…" if end < len(prompt) else ""
    before = f"{lead}{prompt[begin : span.begin]}"
    marks = "~" * max(1, cell_len(prompt[span.begin : span.end]))
    output.results.print(f"  {before}{prompt[span.begin : end]}{tail}", markup=False)
    output.results.print(f"  {' ' * cell_len(before)}[{style}]{marks}[/{style}] {escape(words)}")


def _finding_document(finding: LintFinding) -> dict[str, object]:
    return {
        "code": finding.code.value,
        "severity": "error" if finding.distorts else "warning",
        "begin": finding.span.begin,
        "end": finding.span.end,
        "text": finding.text,
        "message": finding.message,
    }


def _effect_document(motion: Motion) -> dict[str, object] | None:
    if motion.effect is None:
        return None
    heritage = motion.effect.heritage
    return {"kind": motion.effect.kind.value, "heritage": asdict(heritage) if heritage else None}
