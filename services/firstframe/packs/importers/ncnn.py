"""Reads ncnn's files: the network as text (`.param`), the weights as bytes in the order of the layers (`.bin`).

The importer `ncnn-onnx` makes `<stem>.onnx` of every download `<stem>.param` and its weights.
Format: https://github.com/Tencent/ncnn/wiki/param-and-model-file-structure
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from firstframe.core.errors import DataCorrupted, InvalidInput
from firstframe.packs.importers import Options

MAX_PARAM_BYTES = 4 << 20
MAX_BIN_BYTES = 1 << 30
MAX_LAYERS = 10_000
MAX_CHANNELS = 16_384
MAX_VALUES = 1 << 16
_MAGIC = "7767517"
_ARRAY_BASE = -23300
_FP16 = 0x01306B47
_FP32 = 0

Number = int | float
Weights = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Layer:
    """One line of a `.param` file."""

    kind: str
    name: str
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    parameters: Mapping[int, Number | tuple[Number, ...]]
    line: int

    def __str__(self) -> str:
        return f"{self.kind} {self.name} (line {self.line})"

    def integer(self, key: int, default: int, low: int = 0, high: int = MAX_CHANNELS) -> int:
        """A whole-number parameter.

        Raises:
            InvalidInput: It is not a whole number, or not in `low` to `high`.
        """
        value = self.parameters.get(key, default)
        if not isinstance(value, int) or not low <= value <= high:
            raise self.wrong(f"parameter {key} is {value}", f"expected a whole number from {low} to {high}")
        return value

    def number(self, key: int, default: float) -> float:
        """A parameter that is one number.

        Raises:
            InvalidInput: It is an array.
        """
        value = self.parameters.get(key, default)
        if isinstance(value, tuple):
            raise self.wrong(f"parameter {key} is an array", "expected one number")
        return float(value)

    def numbers(self, key: int) -> tuple[float, ...]:
        """A parameter that is an array; empty where the line has none.

        Raises:
            InvalidInput: It is one number.
        """
        value = self.parameters.get(key, ())
        if not isinstance(value, tuple):
            raise self.wrong(f"parameter {key} is {value}", "expected an array")
        return tuple(map(float, value))

    def wrong(self, problem: str, fix: str = "") -> InvalidInput:
        """Error that names this layer and its line."""
        return InvalidInput.at(str(self), problem, fix)


def parse_param(text: str) -> tuple[Layer, ...]:
    """Reads a `.param` file.

    Raises:
        InvalidInput: It is not one, or too large; the message names line and layer.
    """
    lines = text.splitlines()
    if len(text) > MAX_PARAM_BYTES or not lines or lines[0].strip() != _MAGIC:
        raise InvalidInput.at("line 1", f"is not {_MAGIC}", "give a .param file of ncnn as text")
    layers = tuple(_layer(line, number) for number, line in enumerate(lines[2:], start=3) if line.strip())
    stated = _counts(lines[1] if len(lines) > 1 else "")
    found = (len(layers), sum(len(layer.outputs) for layer in layers))
    if stated != found:
        problem = f"states {stated[0]} layers and {stated[1]} blobs; the file has {found[0]} and {found[1]}"
        raise InvalidInput.at("line 2", problem)
    return layers


def _counts(line: str) -> tuple[int, int]:
    fields = line.split()
    if len(fields) != 2 or not all(field.isascii() and field.isdigit() for field in fields):
        raise InvalidInput.at("line 2", f"is {line[:60]!r}", "expected the numbers of layers and blobs")
    if int(fields[0]) > MAX_LAYERS:
        raise InvalidInput.at("line 2", f"states {fields[0]} layers", f"at most {MAX_LAYERS} are read")
    return int(fields[0]), int(fields[1])


def _layer(line: str, number: int) -> Layer:
    fields = line.split()
    sizes = fields[2:4]
    if len(sizes) != 2 or not all(size.isascii() and size.isdigit() and len(size) < 6 for size in sizes):
        problem = "does not start with kind, name and the numbers of inputs and outputs"
        raise InvalidInput.at(f"line {number}", problem)
    middle, end = 4 + int(sizes[0]), 4 + int(sizes[0]) + int(sizes[1])
    if len(fields) < end or any("=" in blob for blob in fields[4:end]):
        raise InvalidInput.at(f"{fields[0]} {fields[1]} (line {number})", f"lacks some of its {end - 4} blobs")
    inputs, outputs = tuple(fields[4:middle]), tuple(fields[middle:end])
    return Layer(fields[0], fields[1], inputs, outputs, dict(_parameters(fields[end:], number)), number)


def _parameters(fields: list[str], line: int) -> Iterator[tuple[int, Number | tuple[Number, ...]]]:
    seen: set[int] = set()
    for field in fields:
        key, separator, text = field.partition("=")
        try:
            index, value = _parameter(int(key), [_number(part) for part in text.split(",")])
        except ValueError as error:
            raise InvalidInput.at(f"line {line}", f"{field[:60]!r} is not key=value ({error})") from error
        if index in seen or not separator:
            raise InvalidInput.at(f"line {line}", f"parameter {index} stands twice")
        seen.add(index)
        yield index, value


def _parameter(key: int, values: list[Number]) -> tuple[int, Number | tuple[Number, ...]]:
    if key > _ARRAY_BASE:
        (value,) = values
        return key, value
    if values[0] != len(values) - 1 or len(values) > MAX_VALUES:
        raise ValueError(f"an array of {values[0]} has {len(values) - 1} values")
    return _ARRAY_BASE - key, tuple(values[1:])


def _number(text: str) -> Number:
    if not any(mark in text for mark in ".eEn"):
        return int(text)
    value = float(text)
    if not math.isfinite(value):
        raise ValueError(f"{text} is not finite")
    return value


class WeightReader:
    """Walks through the bytes of a `.bin` file.

    Args:
        data: The whole file.
    """

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0

    def tagged(self, layer: Layer, count: int) -> Weights:
        """The next `count` weights of a layer, stored behind a tag as half or single floats.

        Raises:
            DataCorrupted: `WEIGHTS_CORRUPT`, the tag is another, the file ends, or a weight is not finite.
        """
        tag = int.from_bytes(self._take(layer, 4), "little")
        if tag not in {_FP16, _FP32}:
            raise _corrupt(f"{layer} has weights of type 0x{tag:08x} at byte {self._at - 4}; half and single are read")
        if tag == _FP32:
            return self.plain(layer, count)
        stored = self._take(layer, (2 * count + 3) // 4 * 4)
        return _finite(layer, np.frombuffer(stored, "<f2", count))

    def plain(self, layer: Layer, count: int) -> Weights:
        """The next `count` single floats of a layer.

        Raises:
            DataCorrupted: `WEIGHTS_CORRUPT`, the file ends or a weight is not finite.
        """
        return _finite(layer, np.frombuffer(self._take(layer, 4 * count), "<f4"))

    def finish(self) -> None:
        """Makes sure that every byte was read.

        Raises:
            DataCorrupted: `WEIGHTS_CORRUPT`, bytes are left: the two files do not belong together.
        """
        if left := len(self._data) - self._at:
            raise _corrupt(f"{left} bytes of weights are left behind the last layer")

    def _take(self, layer: Layer, size: int) -> bytes:
        taken = self._data[self._at : self._at + size]
        if len(taken) < size:
            raise _corrupt(f"{layer} needs {size} bytes at byte {self._at}; {len(taken)} are left")
        self._at += size
        return taken


def _finite(layer: Layer, stored: NDArray[np.floating]) -> Weights:
    if not np.isfinite(stored).all():
        raise _corrupt(f"{layer} has a weight that is not finite")
    return stored.astype(np.float32)


def _corrupt(problem: str) -> DataCorrupted:
    return DataCorrupted(f"weights: {problem}; are .param and .bin of the same network?", reason="WEIGHTS_CORRUPT")


def import_ncnn(downloads: Mapping[str, Path], target: Path, options: Options) -> None:
    """Makes an ONNX graph of every network among the downloads.

    Args:
        downloads: Paths by name; `<stem>.param` has its weights in `<stem>.bin`, or in the only `.bin` that there is.
        target: Existing folder that gets `<stem>.onnx`.
        options: None is known.

    Raises:
        InvalidInput: Files are missing, too large or not ncnn's, or there is an option.
        DataCorrupted: `WEIGHTS_CORRUPT`, the weights do not fit the network.
    """
    if options:
        raise InvalidInput.at("importer.options", f"ncnn-onnx has no option {', '.join(sorted(options))}")
    for param, weights in _pairs(downloads).items():
        try:
            model = _convert(downloads[param], downloads[weights])
        except (InvalidInput, DataCorrupted) as error:
            raise type(error)(f"{param}: {error.message}", reason=error.reason, metadata=error.metadata) from error
        (target / f"{param.removesuffix('.param')}.onnx").write_bytes(model)


def _convert(param: Path, weights: Path) -> bytes:
    from firstframe.packs.importers.ncnn_graph import build_onnx

    text = _bounded(param, MAX_PARAM_BYTES).decode("utf-8", "replace")
    return build_onnx(parse_param(text), WeightReader(_bounded(weights, MAX_BIN_BYTES)))


def _pairs(downloads: Mapping[str, Path]) -> dict[str, str]:
    params = sorted(name for name in downloads if name.endswith(".param"))
    weights = {name for name in downloads if name.endswith(".bin")}
    only = next(iter(weights)) if len(weights) == 1 else ""
    pairs = {name: only or f"{name.removesuffix('.param')}.bin" for name in params}
    if not params or set(pairs) | set(pairs.values()) != set(downloads):
        fix = "name a .bin like each .param, or give one for all"
        raise InvalidInput.at("downloads", f"are {', '.join(sorted(downloads)) or 'none'}", fix)
    return pairs


def _bounded(path: Path, limit: int) -> bytes:
    if path.stat().st_size > limit:
        raise InvalidInput.at(path.name, f"is larger than {limit} bytes")
    return path.read_bytes()
