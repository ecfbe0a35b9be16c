"""Writes services/firstframe/direction/confusables.py from a list of English words, the most frequent first, one a line.

The list in the repository was made with the 25,000 most frequent words of the package wordfreq 3.1.1:
`top_n_list("en", 25000)` gives them.
"""

from __future__ import annotations

import sys
import textwrap
from pathlib import Path

from firstframe.direction import stems

TARGET = Path(__file__).parents[1] / "services/firstframe/direction/confusables.py"
HEAD = '''"""English words that are near to words of direction without being misspelt: `crate` is no slip of `crane`.

Written by scripts/gen_confusables.py.
"""

from __future__ import annotations

_WORDS = """
'''
TAIL = '''
"""
CONFUSABLES = frozenset(_WORDS.split())
"""Words that are never corrected."""
'''


def main(path: str) -> None:
    """Writes the module."""
    words = {word for word in Path(path).read_text("utf-8").split() if word.isascii() and word.isalpha()}
    stems.CONFUSABLES = frozenset()  # type: ignore[attr-defined]
    near = sorted(word for word in words if stems.stem(word) is None and stems.correction(word) is not None)
    lines = textwrap.wrap(" ".join(near), 112)
    TARGET.write_text(HEAD + "\n".join(lines) + TAIL, "utf-8")


if __name__ == "__main__":
    main(sys.argv[1])
