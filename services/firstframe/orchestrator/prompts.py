"""What a learned model is asked for: the subject and its style, and a sentence for each layer of depth.

A picture that has a foreground, a midground and a background can be taken apart and moved (docs/design/0001-spine.md); a model
gives one only when it is asked for it. What counts most comes first: models cut what is too long at the end.
"""

from __future__ import annotations

from collections.abc import Mapping

from firstframe.orchestrator.brief import PromptBrief

FOREGROUND = "soft shapes out of focus at the edge of the frame"
MIDGROUND = "the subject alone in sharp focus"
BACKGROUND = "a calm setting farther away"

FRAMING: Mapping[str, str] = {
    "16:9": "wide frame with room on both sides of the subject",
    "9:16": "tall vertical frame with room above and below the subject",
    "1:1": "square frame with the subject in the middle and room around it",
    "4:5": "upright frame with room around the subject",
}
"""Room for the camera to move in, by format."""


def composed(prompt: PromptBrief, format_name: str) -> str:
    """The words that a model reads for a format."""
    parts = (
        _sentence(prompt.text, prompt.style),
        f"Foreground: {_bare(prompt.foreground or FOREGROUND)}",
        f"midground: {_bare(prompt.midground or MIDGROUND)}",
        f"background: {_bare(prompt.background or BACKGROUND)}",
    )
    return f"{parts[0]}. {'; '.join(parts[1:])}. {FRAMING[format_name].capitalize()}."


def _sentence(text: str, style: str) -> str:
    return ", ".join(part for part in (_bare(text), _bare(style)) if part)


def _bare(text: str) -> str:
    """Without the spaces and the full stop around it, which the sentence brings along."""
    return " ".join(text.split()).rstrip(".,; ")
