"""Who is who: names of people, as somebody may write them twice."""

from __future__ import annotations

import unicodedata


def same_person_key(name: str) -> str:
    """What is the same for two ways to write one name: without case, accents, marks and order (`Berg, Anna`, `Anna  berg`).

    Two people may have one name. Then who records them says more, such as a town.
    """
    plain = "".join(char for char in unicodedata.normalize("NFKD", name) if not unicodedata.combining(char))
    words = "".join(char if char.isalnum() else " " for char in plain.casefold()).split()
    return " ".join(sorted(words)) or plain.casefold().strip()
