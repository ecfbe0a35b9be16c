"""The canary is the same file everywhere and its answer is exact."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx

from firstframe.adapters.embedded import EmbeddedInference
from firstframe.packs import canary


async def test_its_answer_is_exact(tmp_path: Path) -> None:
    inference = EmbeddedInference([canary.make(tmp_path)])

    answer = await inference.infer(canary.NAME, canary.inputs(), deadline_s=30)
    await inference.close()

    np.testing.assert_array_equal(answer["y"], canary.expected()["y"])
    assert len(np.unique(answer["y"])) > 4


def test_it_is_the_same_file_each_time(tmp_path: Path) -> None:
    one, other = canary.make(tmp_path / "one"), canary.make(tmp_path / "other")

    assert one.digest == other.digest
    assert one.file.read_bytes() == other.file.read_bytes()
    onnx.checker.check_model(str(one.file), full_check=True)


def test_its_sums_are_exact_in_ten_bits_of_mantissa() -> None:
    # TF32 keeps ten bits of each factor; sums are kept in FP32.
    for values in (canary.weights(), canary.inputs()["x"]):
        np.testing.assert_array_equal(values, values.astype(np.float16).astype(np.float32))
        assert np.abs(values).max() < 2**10
