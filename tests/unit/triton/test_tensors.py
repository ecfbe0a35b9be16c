from __future__ import annotations

import numpy as np
import pytest
from tritonclient.grpc import service_pb2

from firstframe.adapters.triton.tensors import decode, encode
from firstframe.core.errors import Internal, InvalidInput
from firstframe.core.models import Dtype

NONE: frozenset[str] = frozenset()


def response(datatype: str, shape: list[int], *raw: bytes) -> service_pb2.ModelInferResponse:
    made = service_pb2.ModelInferResponse(model_name="matting")
    made.outputs.add(name="matte", datatype=datatype, shape=shape)
    made.raw_output_contents.extend(raw)
    return made


@pytest.mark.parametrize("dtype", Dtype)
def test_every_type_comes_back_as_it_was(dtype: Dtype) -> None:
    value = np.array([[0, 1], [1, 0]]).astype(dtype.numpy)
    (sent,) = encode({"matte": value}, NONE)

    back = decode(response(sent.datatype(), sent.shape(), sent._get_content()), NONE)

    np.testing.assert_array_equal(back["matte"], value, strict=True)


def test_a_type_that_no_model_takes_is_refused_with_its_field() -> None:
    with pytest.raises(InvalidInput) as caught:
        encode({"picture": np.zeros(2, np.complex64)}, NONE)

    assert caught.value.metadata["field"] == "picture"


def test_a_bare_tensor_has_an_axis_on_the_wire_alone() -> None:
    (sent,) = encode({"timestep": np.zeros(3, np.float32)}, frozenset({"timestep"}))
    assert sent.shape() == [3, 1]

    back = decode(response("FP32", [3, 1], bytes(12)), frozenset({"matte"}))
    assert back["matte"].shape == (3,)


@pytest.mark.parametrize("raw", [(), (b"",), (bytes(8),), (bytes(16),), (bytes(12), bytes(12))])
def test_an_output_without_its_bytes_is_empty(raw: tuple[bytes, ...]) -> None:
    with pytest.raises(Internal) as caught:
        decode(response("FP32", [3], *raw), NONE)

    assert caught.value.reason == "EMPTY_OUTPUT"


def test_an_answer_without_outputs_is_empty() -> None:
    with pytest.raises(Internal) as caught:
        decode(service_pb2.ModelInferResponse(model_name="matting"), NONE)

    assert (caught.value.reason, caught.value.metadata["model"]) == ("EMPTY_OUTPUT", "matting")


def test_nothing_found_is_not_nothing_answered() -> None:
    assert decode(response("FP32", [0, 4], b""), NONE)["matte"].shape == (0, 4)


def test_an_output_of_a_strange_type_is_a_failure() -> None:
    with pytest.raises(Internal) as caught:
        decode(response("BYTES", [1], b"text"), NONE)

    assert caught.value.reason == "MODEL_FAILED"
