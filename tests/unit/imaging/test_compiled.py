"""Compilation of kernels."""

from __future__ import annotations

from firstframe.imaging.compiled import compiled


def test_a_kernel_is_compiled_also_where_nothing_can_be_cached() -> None:
    """Code that comes from no file has no place for a cache, as in a container without a folder to write to."""
    names: dict[str, object] = {"compiled": compiled}
    exec("@compiled('i8(i8)')\ndef doubled(x):\n    return 2 * x\n", names)
    doubled = names["doubled"]
    assert callable(doubled)
    assert doubled(21) == 42
    assert not doubled.stats.cache_hits  # type: ignore[attr-defined]
