"""The whole lexicon."""

from __future__ import annotations

from firstframe.direction.lexicon.air import AIRS, LEARNED, PORTRAIT
from firstframe.direction.lexicon.camera import CAMERA
from firstframe.direction.lexicon.degrees import DEGREES, SMALL_WORDS
from firstframe.direction.lexicon.entries import Entry, words_in
from firstframe.direction.lexicon.risks import RISKS
from firstframe.direction.lexicon.subject import FILLERS, STYLES, SUBJECTS

MOTION: tuple[Entry, ...] = (*CAMERA, *AIRS, *PORTRAIT, *LEARNED, *DEGREES, *SMALL_WORDS)
"""What is read first: each word belongs to one of them."""
REST: tuple[Entry, ...] = (*SUBJECTS, *STYLES, *FILLERS)
"""What is read of the words that are left."""

VOCABULARY = words_in(entry.pattern for entry in (*MOTION, *RISKS, *REST))
"""Every word that any entry knows."""
_WAYS = frozenset({"back", "around", "left", "right", "toward", "towards", "through", "forward", "closer", "down"})
DIRECTING = _WAYS | (
    words_in(entry.pattern for entry in (*CAMERA, *AIRS, *PORTRAIT, *LEARNED, *DEGREES))
    - words_in(entry.pattern for entry in FILLERS)
)
"""Words that direct a motion: misspelt ones are looked for among these."""
