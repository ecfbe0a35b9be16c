"""Runs `firstframe models bench` and shows what it found."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict

from rich.text import Text

from firstframe.cli.models_serving import check_address, serving
from firstframe.cli.output import Output
from firstframe.cli.tables import plain_table
from firstframe.core.errors import InvalidInput
from firstframe.packs.bench import BenchWishes, GraphBench, Rate, measure_pack
from firstframe.packs.installed import InstalledPack


def parse_lengths(texts: Sequence[str]) -> dict[str, int]:
    """Lengths by axis, of `height=256` and the like.

    Raises:
        InvalidInput: A text is something else.
    """
    return dict(map(_length, texts))


def _length(text: str) -> tuple[str, int]:
    name, _, value = text.partition("=")
    if not name or not value.isdecimal():
        raise InvalidInput.at("--axis", f"{text} is no length", "give one such as height=256")
    return name, int(value)


def bench_packs(
    installed: Sequence[InstalledPack], triton: str, wishes: BenchWishes, output: Output
) -> list[GraphBench]:
    """Measures packs one after the other, telling which.

    Raises as `measure_pack`; also InvalidInput where `triton` is no address.
    """
    check_address(triton)
    return asyncio.run(_bench(installed, triton, wishes, output))


async def _bench(
    installed: Sequence[InstalledPack], triton: str, wishes: BenchWishes, output: Output
) -> list[GraphBench]:
    found = []
    for pack in installed:
        output.say(f"{pack.pack.pack}: measures {'at ' + triton if triton else 'in this process'} …")
        async with serving(pack, triton) as inference:
            found += [one async for one in measure_pack(pack, inference, wishes)]
    return found


def tell_bench(found: Sequence[GraphBench], output: Output) -> None:
    """What was measured, a line for each number of callers."""
    if output.as_json:
        output.document({"models": [asdict(one) for one in found]})
        return
    table = plain_table("model", "size", "load", "first run", "callers", "runs", "median", "slowest", "runs/s")
    for one in found:
        for row in _rows(one):
            table.add_row(*map(Text, row))
    output.results.print(table)


def _rows(found: GraphBench) -> Iterator[tuple[str, ...]]:
    head: tuple[str, ...] = (found.model, _size(found.lengths), _time(found.load_s), _time(found.first_s))
    for rate in found.rates:
        yield (*head, str(rate.concurrent), *_figures(rate))
        head = ("",) * len(head)
    yield (*head, f"{found.again.concurrent} again", *_figures(found.again))


def _figures(rate: Rate) -> tuple[str, ...]:
    return str(rate.runs), _time(rate.median_s), _time(rate.slowest_s), f"{rate.per_s:.3g}"


def _size(lengths: Mapping[str, int]) -> str:
    return ", ".join(f"{axis} {length}" for axis, length in lengths.items()) or "fixed"


def _time(seconds: float) -> str:
    return f"{seconds:.2f} s" if seconds >= 1 else f"{1e3 * seconds:.1f} ms"
