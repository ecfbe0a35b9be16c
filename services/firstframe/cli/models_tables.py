"""What `firstframe models` shows."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rich.table import Table
from rich.text import Text

from firstframe.cli.models_checks import Check
from firstframe.cli.output import Output
from firstframe.cli.tables import plain_table
from firstframe.packs.disk import megabytes
from firstframe.packs.fetching import label
from firstframe.packs.shelf import ModelShelf
from firstframe.packs.spec import Graph, Pack, Tensor


def tell_packs(shelf: ModelShelf, output: Output) -> None:
    """All packs, one to a line."""
    if output.as_json:
        output.document({"packs": [_summary(shelf, pack) for pack in shelf]})
        return
    table = plain_table("pack", "version", "licence", "commercial use", "size", "installed")
    for pack in shelf:
        _row(table, pack.pack, pack.version, pack.licence.spdx, _commercial(pack), _size(pack), _state(shelf, pack))
    output.results.print(table)


def tell_pack(shelf: ModelShelf, pack: Pack, output: Output) -> None:
    """All of one pack."""
    if output.as_json:
        output.document(_summary(shelf, pack) | {"spec": pack.model_dump(mode="json")})
        return
    table = Table(box=None, pad_edge=False, padding=(0, 3, 0, 0), show_header=False)
    for heading, value in _facts(shelf, pack):
        _row(table, heading, value)
    output.results.print(table)
    for graph in pack.graphs:
        _tell_graph(pack, graph, output)


def _facts(shelf: ModelShelf, pack: Pack) -> Iterator[tuple[str, str]]:
    yield "pack", f"{pack.pack}, version {pack.version}"
    yield "purpose", pack.purpose
    yield "licence", f"{pack.licence.spdx}, {pack.licence.url}"
    yield "commercial use", _commercial(pack)
    if pack.licence.acceptance:
        yield "acceptance", f"needed: --accept-licence {pack.licence.spdx}"
    if pack.licence.note:
        yield "note", pack.licence.note
    yield from (("source", label(source)) for source in pack.sources)
    if memory := _gpu_memory_mb(pack):
        yield "GPU memory", f"{memory / 1024:.1f} GiB with all graphs loaded (estimate)"
    yield "files", f"{len(pack.downloads)} to fetch, {_size(pack)}"
    yield "installed", str(shelf.home.place(pack)) if shelf.home.has(pack) else _state(shelf, pack)


def _tell_graph(pack: Pack, graph: Graph, output: Output) -> None:
    told = [str(graph.runtime), graph.precision, f"batches up to {graph.batching.max_size}"]
    if graph.gpu_memory_mb:
        told.append(f"{graph.gpu_memory_mb} MiB on a GPU")
    output.results.print(f"\n{pack.served_name(graph)}  {', '.join(told)}", markup=False)
    table = plain_table("", "tensor", "type", "shape", "values", "about")
    for direction, tensors in (("in", graph.inputs), ("out", graph.outputs)):
        for tensor in tensors:
            shape = " × ".join(map(str, tensor.shape))
            _row(table, direction, tensor.name, tensor.dtype, shape, _values(tensor), tensor.about)
    output.results.print(table)


def tell_checks(checks: Sequence[Check], output: Output) -> None:
    """What `verify` found."""
    if output.as_json:
        output.document({"packs": [_finding(check) for check in checks]})
        return
    table = plain_table("pack", "files", "model", "output", "difference", "allowed", "")
    for check in checks:
        for row in _check_rows(check):
            _row(table, *row)
    output.results.print(table)
    for check in checks:
        if check.problem:
            output.results.print(f"{check.pack}: {check.problem}", style="red", markup=False)


def _check_rows(check: Check) -> Iterator[tuple[object, ...]]:
    files = f"{check.files} whole" if check.files else "damaged"
    rows = [
        (run.model, deviation.output, f"{deviation.largest:.2g}", f"{deviation.atol:g}", _verdict(deviation.passes))
        for run in check.runs
        for deviation in run.deviations
    ]
    for index, row in enumerate(rows or [("–", "", "", "", _verdict(check.passes))]):
        yield (*((check.pack, files) if index == 0 else ("", "")), *row)


def _verdict(passes: bool) -> str:
    return "ok" if passes else "FAILS"


def _finding(check: Check) -> dict[str, object]:
    runs = [
        {
            "model": run.model,
            "output": found.output,
            "difference": found.largest,
            "atol": found.atol,
            "passes": found.passes,
        }
        for run in check.runs
        for found in run.deviations
    ]
    return {"pack": check.pack, "passes": check.passes, "files": check.files, "problem": check.problem, "runs": runs}


def _summary(shelf: ModelShelf, pack: Pack) -> dict[str, object]:
    return {
        "pack": pack.pack,
        "version": pack.version,
        "licence": pack.licence.spdx,
        "commercial": pack.licence.commercial,
        "size_bytes": _size_bytes(pack),
        "gpu_memory_mb": _gpu_memory_mb(pack),
        "installed": shelf.home.has(pack),
        "folder": str(shelf.home.place(pack)),
    }


def _gpu_memory_mb(pack: Pack) -> int:
    return sum(graph.gpu_memory_mb for graph in pack.graphs)


def _size_bytes(pack: Pack) -> int:
    return sum(download.size_bytes for download in pack.downloads)


def _size(pack: Pack) -> str:
    return megabytes(_size_bytes(pack)) if pack.downloads else "not locked"


def _state(shelf: ModelShelf, pack: Pack) -> str:
    return "yes" if shelf.home.has(pack) else "no"


def _commercial(pack: Pack) -> str:
    return "yes" if pack.licence.commercial else "no"


def _values(tensor: Tensor) -> str:
    return f"{tensor.value_range[0]:g} to {tensor.value_range[1]:g}" if tensor.value_range else ""


def _row(table: Table, *values: object) -> None:
    # Text, not markup: names of tensors may have brackets.
    table.add_row(*(Text(str(value)) for value in values))
