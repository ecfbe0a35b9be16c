"""What is written holds: links lead somewhere, pages are found, commands and targets exist."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import click
import pytest
import typer

from firstframe.cli.main import app

ROOT = Path(__file__).parents[3]
PAGES = sorted(
    page
    for folder, pattern in (
        (".", "README.md"),
        ("docs", "**/*.md"),
        ("services", "**/README.md"),
        ("examples", "*.md"),
        ("charts", "*/README.md"),
    )
    for page in (ROOT / folder).glob(pattern)
)
_LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)")
_FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_WORDS = re.compile(r"`([^`\n]+)`")
_SHELLS = ("", "sh", "bash", "console")
_HEADING = re.compile(r"^#{1,6} (.+)$", re.MULTILINE)
_COMMAND = re.compile(r"(?:^|(?<=[\s/&|(]))firstframe((?: [a-z][a-z-]*)+)")
_TARGET = re.compile(r"(?:^|(?<=[\s;&|]))make ([a-z][a-z0-9-]*)", re.MULTILINE)


def name_of(page: Path) -> str:
    return str(page.relative_to(ROOT))


def links(page: Path) -> list[str]:
    """Targets within the repository."""
    prose = _FENCE.sub("", page.read_text("utf-8"))
    return [target for target in _LINK.findall(prose) if "://" not in target and not target.startswith("mailto:")]


def anchors(page: Path) -> set[str]:
    """Anchors of headings as GitHub makes them: lower case, without punctuation, hyphens for spaces."""
    heads = _HEADING.findall(_FENCE.sub("", page.read_text("utf-8")))
    plain = (re.sub(r"[`*]|\[([^\]]*)\]\([^)]*\)", r"\1", head) for head in heads)
    return {re.sub(r"[^\w\- ]", "", head.lower()).replace(" ", "-") for head in plain}


def code(page: Path) -> list[str]:
    """What is typed: blocks of a shell, and code within sentences."""
    text = page.read_text("utf-8")
    blocks = [body for language, body in _FENCE.findall(text) if language in _SHELLS]
    return [*blocks, *_WORDS.findall(_FENCE.sub("", text))]


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_links_lead_to_what_is_there(page: Path) -> None:
    for link in links(page):
        file, _, anchor = link.partition("#")
        target = (page.parent / file).resolve() if file else page
        assert target.exists(), link
        assert ROOT in target.parents, link
        if anchor:
            assert anchor in anchors(target), link


def test_every_page_is_found_from_the_readme() -> None:
    found: set[Path] = set()
    waiting = [ROOT / "README.md"]
    while waiting:
        page = waiting.pop()
        if page in found or page.suffix != ".md" or not page.is_file():
            continue
        found.add(page)
        waiting += [(page.parent / link.partition("#")[0]).resolve() for link in links(page) if link.partition("#")[0]]
    notes = {page for page in PAGES if page.parent == ROOT / "docs" / "design"}
    written = {page for page in PAGES if (ROOT / "docs") in page.parents}
    assert {name_of(page) for page in written - found - notes} == set()


@cache
def _root() -> click.Command:
    return typer.main.get_command(app)


def known(words: list[str]) -> bool:
    """Whether a chain of words is a command, up to where its arguments begin."""
    command: click.Command = _root()
    for index, word in enumerate(words):
        if not isinstance(command, click.Group):
            return True
        inner = command.commands.get(word)
        if inner is None:
            return index > 0 and not command.no_args_is_help
        command = inner
    return True


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_commands_that_are_shown_exist(page: Path) -> None:
    for text in code(page):
        for words in _COMMAND.findall(text):
            assert known(words.split()), f"firstframe{words}"


def test_targets_that_are_shown_exist() -> None:
    makefile = (ROOT / "Makefile").read_text("utf-8")
    targets = set(re.findall(r"^([a-z][a-z0-9-]*):", makefile, re.MULTILINE))
    shown = {(name_of(page), target) for page in PAGES for text in code(page) for target in _TARGET.findall(text)}
    assert len(shown) > 10
    assert {item for item in shown if item[1] not in targets} == set()


@pytest.mark.parametrize("page", [page for page in PAGES if (ROOT / "services") in page.parents], ids=name_of)
def test_files_that_a_room_lists_are_in_it(page: Path) -> None:
    rows = re.findall(r"^\| (`[^|]+) \|", page.read_text("utf-8"), re.MULTILINE)
    listed = [name for row in rows for name in _WORDS.findall(row) if re.fullmatch(r"[\w./*]+(?:\.py|/)", name)]
    assert [name for name in listed if not list(page.parent.glob(name))] == []


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_files_that_are_named_exist(page: Path) -> None:
    """As paths of the repository, or below the package, the page's own folder or `docs`; others are files of other projects."""
    text = _FENCE.sub("", page.read_text("utf-8"))
    named = [word for word in _WORDS.findall(text) if re.fullmatch(r"[\w.-]+(?:/[\w.-]+)+\.(?:py|md|proto|toml)", word)]
    roots = (ROOT, ROOT / "services" / "firstframe", page.parent, ROOT / "docs")
    ours = [word for word in named if any((root / word.split("/")[0]).exists() for root in roots)]
    assert [word for word in ours if not any((root / word).exists() for root in roots)] == []
