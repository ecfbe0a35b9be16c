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


def test_seals_of_earlier_releases_hold() -> None:
    """What was sealed stays sealed over an upgrade: computed once, November 2026."""
    assert Seal(b"a" * 32).of(*PARTS) == "1d27c014fe08d9e7d7b9dbac57b97a8eeed3151f9f75cec53b4e1459c9b87b5b"
