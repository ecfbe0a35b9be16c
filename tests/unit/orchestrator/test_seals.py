from __future__ import annotations

from firstframe.orchestrator.seals import Seal

PARTS = ("projects/p/campaigns/c", "lane", b"yes")


def test_a_seal_holds_for_what_was_sealed_and_nothing_else() -> None:
    seal = Seal(b"a" * 32)
    made = seal.of(*PARTS)
    assert seal.holds(made, *PARTS)
    assert not seal.holds(None, *PARTS)
    assert not Seal(b"b" * 32).holds(made, *PARTS)
    others = [
        ("other", *PARTS[1:]),
        (PARTS[0], "other", PARTS[2]),
        (*PARTS[:2], b"no"),
        (PARTS[0] + "l", "ane", b"yes"),
    ]
    assert not any(seal.holds(made, *other) for other in others)
