"""An ONNX graph of a network of ncnn that enlarges pictures.

`image`, FP32 `batch × 3 × height × width`, RGB from 0 to 1, becomes `upscaled`, the same with N times the height and
width, clipped to 0–1. Nothing in the graph depends on a size, so all three axes may vary.

Weights are single floats in the file, although ncnn stores halves: the numbers are the same, and TensorRT, its precision
tools and every runtime then see convolutions with constant kernels. Half the file, by a Cast behind each kernel, is not worth
what some of them do to such a graph; nobody downloads it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from firstframe.core.errors import InvalidInput
from firstframe.packs.importers.ncnn import Layer, WeightReader

OPSET = 18
IR_VERSION = 8
"""The oldest that this operator set allows, for servers that are behind."""
INPUT = "image"
OUTPUT = "upscaled"
COLOURS = 3
MAX_SCALE = 16.0


def build_onnx(layers: Sequence[Layer], weights: WeightReader) -> bytes:
    """Translates a network; the same files give the same bytes.

    Args:
        layers: The network, in the order in which it runs and in which its weights are stored.
        weights: Its weights; all are read.

    Raises:
        InvalidInput: A layer or a parameter is not known here, or blobs do not connect; the message names layer and line.
        DataCorrupted: `WEIGHTS_CORRUPT`, the weights do not fit the network.
    """
    draft = _Draft(weights)
    for layer in layers:
        _add(draft, layer)
    weights.finish()
    model = draft.model()
    onnx.checker.check_model(model, full_check=True)
    return model.SerializeToString(deterministic=True)


class _Draft:
    """The graph so far. Blobs of ncnn are looked up by name; a `Split` is only another name."""

    def __init__(self, weights: WeightReader) -> None:
        self.weights = weights
        self._nodes: list[onnx.NodeProto] = []
        self._constants: list[onnx.TensorProto] = []
        self._blobs: dict[str, tuple[str, int]] = {}
        self._unread: set[str] = set()
        self._has_input = False

    def start(self, layer: Layer) -> None:
        """Names the picture that comes in."""
        if self._has_input or len(layer.outputs) != 1:
            raise layer.wrong("is a second input", "one picture comes in")
        self._has_input = True
        self.define(layer, layer.outputs[0], INPUT, COLOURS)

    def define(self, layer: Layer, blob: str, value: str, channels: int) -> None:
        """Binds a blob to a value of the graph that has so many channels."""
        if blob in self._blobs:
            raise layer.wrong(f"makes {blob}, which an earlier layer made")
        self._blobs[blob] = (value, channels)
        self._unread.add(blob)

    def read(self, layer: Layer, count: int | None = None) -> tuple[list[str], list[int]]:
        """Values and channels of a layer's inputs, of which there have to be `count`."""
        if not layer.inputs or (count is not None and len(layer.inputs) != count):
            raise layer.wrong(f"has {len(layer.inputs)} inputs", f"expected {count or 'some'}")
        if missing := [blob for blob in layer.inputs if blob not in self._blobs]:
            raise layer.wrong(f"reads {missing[0]}, which no earlier layer makes")
        self._unread.difference_update(layer.inputs)
        found = [self._blobs[blob] for blob in layer.inputs]
        return [value for value, _ in found], [channels for _, channels in found]

    def constant(self, name: str, value: NDArray[Any]) -> str:
        """Adds an initialiser."""
        self._constants.append(numpy_helper.from_array(value, name))
        return name

    def node(self, operator: str, inputs: list[str], output: str, **attributes: Any) -> str:  # noqa: ANN401
        """Adds a node and gives its output."""
        self._nodes.append(helper.make_node(operator, inputs, [output], name=output, **attributes))
        return output

    def result(self, layer: Layer, value: str, channels: int) -> None:
        """Binds the one output of a layer."""
        if len(layer.outputs) != 1:
            raise layer.wrong(f"has {len(layer.outputs)} outputs", "expected 1")
        self.define(layer, layer.outputs[0], value, channels)

    def model(self) -> onnx.ModelProto:
        """The whole graph, the picture that comes out clipped to 0–1.

        Raises:
            InvalidInput: It has not one output, or that is no picture.
        """
        if len(self._unread) != 1:
            raise InvalidInput.at(
                "network", f"has {len(self._unread)} blobs that no layer reads", "expected 1, its output"
            )
        value, channels = self._blobs[self._unread.pop()]
        if channels != COLOURS:
            raise InvalidInput.at("network", f"gives {channels} channels", f"expected {COLOURS}")
        bounds = [
            self.constant(f"{OUTPUT}.{name}", np.array(bound, np.float32)) for name, bound in (("low", 0), ("high", 1))
        ]
        self.node("Clip", [value, *bounds], OUTPUT)
        inputs = [_picture(INPUT, "height", "width")]
        outputs = [_picture(OUTPUT, "upscaled_height", "upscaled_width")]
        graph = helper.make_graph(self._nodes, "ncnn", inputs, outputs, self._constants)
        opset = [helper.make_opsetid("", OPSET)]
        return helper.make_model(graph, opset_imports=opset, ir_version=IR_VERSION, producer_name="firstframe")


def _picture(name: str, height: str, width: str) -> onnx.ValueInfoProto:
    return helper.make_tensor_value_info(name, TensorProto.FLOAT, ["batch", COLOURS, height, width])


def _add(draft: _Draft, layer: Layer) -> None:
    known = _LAYERS.get(layer.kind)
    if known is None:
        raise layer.wrong("is of a kind that is not known here", f"known are {', '.join(sorted(_LAYERS))}")
    translate, keys = known
    if unknown := set(layer.parameters) - keys:
        raise layer.wrong(f"has parameters that are not known here: {', '.join(map(str, sorted(unknown)))}")
    translate(draft, layer)


def _input(draft: _Draft, layer: Layer) -> None:
    draft.start(layer)


def _split(draft: _Draft, layer: Layer) -> None:
    (value,), (channels,) = draft.read(layer, 1)
    for blob in layer.outputs:
        draft.define(layer, blob, value, channels)


def _convolution(draft: _Draft, layer: Layer) -> None:
    (value,), (channels,) = draft.read(layer, 1)
    made, height, width = layer.integer(0, 0, low=1), *_kernel(layer)
    if layer.integer(6, 0, high=1 << 30) != made * channels * height * width:
        raise layer.wrong(f"has {layer.parameters.get(6)} weights", f"{made} × {channels} × {height} × {width} fit")
    kernel = draft.weights.tagged(layer, made * channels * height * width).reshape(made, channels, height, width)
    names = [value, draft.constant(f"{layer.name}.weight", kernel)]
    if layer.integer(5, 0, high=1):
        names.append(draft.constant(f"{layer.name}.bias", draft.weights.plain(layer, made)))
    output = draft.node("Conv", names, layer.name, **_geometry(layer))
    draft.result(layer, _activated(draft, layer, output), made)


def _kernel(layer: Layer) -> tuple[int, int]:
    width = layer.integer(1, 0, low=1, high=31)
    return layer.integer(11, width, low=1, high=31), width


def _geometry(layer: Layer) -> dict[str, list[int]]:
    dilation, stride = layer.integer(2, 1, low=1, high=31), layer.integer(3, 1, low=1, high=31)
    left = layer.integer(4, 0, high=63)
    top = layer.integer(14, left, high=63)
    return {
        "dilations": [layer.integer(12, dilation, low=1, high=31), dilation],
        "strides": [layer.integer(13, stride, low=1, high=31), stride],
        "pads": [top, left, layer.integer(16, top, high=63), layer.integer(15, left, high=63)],
    }


def _activated(draft: _Draft, layer: Layer, value: str) -> str:
    kind = layer.integer(9, 0, high=2)
    slopes = layer.numbers(10)
    if len(slopes) != (1 if kind == 2 else 0):
        raise layer.wrong(f"has {len(slopes)} activation parameters for activation {kind}")
    return value if kind == 0 else _rectified(draft, layer, value, slopes[0] if slopes else 0.0)


def _rectified(draft: _Draft, layer: Layer, value: str, slope: float) -> str:
    name = f"{layer.name}.activation"
    return draft.node("LeakyRelu", [value], name, alpha=slope) if slope else draft.node("Relu", [value], name)


def _relu(draft: _Draft, layer: Layer) -> None:
    (value,), (channels,) = draft.read(layer, 1)
    draft.result(layer, _rectified(draft, layer, value, layer.number(0, 0.0)), channels)


def _prelu(draft: _Draft, layer: Layer) -> None:
    (value,), (channels,) = draft.read(layer, 1)
    count = layer.integer(0, 0, low=1)
    if count not in {1, channels}:
        raise layer.wrong(f"has {count} slopes for {channels} channels")
    slopes = draft.weights.plain(layer, count).reshape(count, 1, 1)
    names = [value, draft.constant(f"{layer.name}.slope", slopes)]
    draft.result(layer, draft.node("PRelu", names, layer.name), channels)


def _interp(draft: _Draft, layer: Layer) -> None:
    (value,), (channels,) = draft.read(layer, 1)
    modes: dict[int, dict[str, Any]] = {
        1: {"mode": "nearest", "nearest_mode": "floor", "coordinate_transformation_mode": "asymmetric"},
        2: {"mode": "linear", "coordinate_transformation_mode": "half_pixel"},
        3: {"mode": "cubic", "cubic_coeff_a": -0.75, "coordinate_transformation_mode": "half_pixel"},
    }
    scales = [layer.number(1, 1.0), layer.number(2, 1.0)]
    if not all(1 / MAX_SCALE <= scale <= MAX_SCALE for scale in scales):
        raise layer.wrong(f"scales by {scales[0]} and {scales[1]}", f"expected 1/{MAX_SCALE:.0f} to {MAX_SCALE:.0f}")
    factors = draft.constant(f"{layer.name}.scales", np.array([1, 1, *scales], np.float32))
    mode = modes[layer.integer(0, 0, low=1, high=3)]
    draft.result(layer, draft.node("Resize", [value, "", factors], layer.name, **mode), channels)


def _pixel_shuffle(draft: _Draft, layer: Layer) -> None:
    (value,), (channels,) = draft.read(layer, 1)
    factor = layer.integer(0, 1, low=1, high=int(MAX_SCALE))
    if channels % factor**2:
        raise layer.wrong(f"spreads {channels} channels over {factor} × {factor} pixels")
    order = ("CRD", "DCR")[layer.integer(1, 0, high=1)]
    output = draft.node("DepthToSpace", [value], layer.name, blocksize=factor, mode=order)
    draft.result(layer, output, channels // factor**2)


def _binary(draft: _Draft, layer: Layer) -> None:
    operator = ("Add", "Sub", "Mul")[layer.integer(0, 0, high=2)]
    scalar = bool(layer.integer(1, 0, high=1))
    values, channels = draft.read(layer, 1 if scalar else 2)
    if scalar:
        values.append(draft.constant(f"{layer.name}.scalar", np.array(layer.number(2, 0.0), np.float32)))
    _alike(layer, channels)
    draft.result(layer, draft.node(operator, values, layer.name), channels[0])


def _eltwise(draft: _Draft, layer: Layer) -> None:
    values, channels = draft.read(layer, 2)
    _alike(layer, channels)
    operator = ("Mul", "Add")[layer.integer(0, 0, high=1)]
    factors = layer.numbers(1)
    if factors and (operator == "Mul" or len(factors) != 2):
        raise layer.wrong(f"has {len(factors)} factors", "two terms of a sum may have one each")
    terms = [_scaled(draft, layer, index, values[index], factor) for index, factor in enumerate(factors)] or values
    draft.result(layer, draft.node(operator, terms, layer.name), channels[0])


def _scaled(draft: _Draft, layer: Layer, index: int, value: str, factor: float) -> str:
    if factor == 1.0:
        return value
    name = f"{layer.name}.term{index}"
    return draft.node("Mul", [value, draft.constant(f"{name}.factor", np.array(factor, np.float32))], name)


def _alike(layer: Layer, channels: list[int]) -> None:
    if len(set(channels)) > 1:
        raise layer.wrong(f"joins {' and '.join(map(str, channels))} channels", "they have to be as many")


def _concat(draft: _Draft, layer: Layer) -> None:
    values, channels = draft.read(layer)
    layer.integer(0, 0, high=0)
    draft.result(layer, draft.node("Concat", values, layer.name, axis=1), sum(channels))


_Translate = Callable[[_Draft, Layer], None]
_LAYERS: dict[str, tuple[_Translate, frozenset[int]]] = {
    "Input": (_input, frozenset()),
    "Split": (_split, frozenset()),
    "Convolution": (_convolution, frozenset({*range(7), 9, 10, 11, 12, 13, 14, 15, 16})),
    "ReLU": (_relu, frozenset({0})),
    "PReLU": (_prelu, frozenset({0})),
    "Interp": (_interp, frozenset({0, 1, 2})),
    "PixelShuffle": (_pixel_shuffle, frozenset({0, 1})),
    "BinaryOp": (_binary, frozenset({0, 1, 2})),
    "Eltwise": (_eltwise, frozenset({0, 1})),
    "Concat": (_concat, frozenset({0})),
}
"""Translation and known parameters of each kind of layer."""
