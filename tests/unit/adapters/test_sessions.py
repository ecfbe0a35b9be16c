from __future__ import annotations

import dataclasses
import os
from pathlib import Path

import numpy as np
import pytest

from firstframe.adapters.sessions import Stop, no_chatter, open_session
from firstframe.core.errors import Internal, PreconditionFailed
from firstframe.core.models import Dtype, Runtime, ServedModel, TensorSpec
from support import tiny_models


def made(runtime: Runtime, folder: Path) -> ServedModel:
    return tiny_models.doubled(folder) if runtime is Runtime.TFLITE else tiny_models.step(folder)


@pytest.mark.parametrize("runtime", Runtime)
@pytest.mark.parametrize("side", ["inputs", "outputs"])
def test_a_graph_without_what_its_pack_says_is_not_opened(runtime: Runtime, side: str, tmp_path: Path) -> None:
    odd = dataclasses.replace(made(runtime, tmp_path), **{side: (TensorSpec("nobody", Dtype.FP32, ("batch",)),)})

    with pytest.raises(PreconditionFailed) as caught:
        open_session(odd, 1)

    assert caught.value.reason == "MODEL_MISMATCH"
    assert "nobody" in caught.value.message


@pytest.mark.parametrize("runtime", Runtime)
@pytest.mark.parametrize("content", [b"", b"not a graph" * 100, None])
def test_a_file_that_is_no_graph_is_a_failure(runtime: Runtime, content: bytes | None, tmp_path: Path) -> None:
    model = made(runtime, tmp_path)
    model.file.unlink() if content is None else model.file.write_bytes(content)

    with pytest.raises(Internal) as caught:
        open_session(model, 1)

    assert (caught.value.reason, caught.value.metadata["model"]) == ("MODEL_FAILED", model.name)
    assert str(model.file) in caught.value.message


def test_a_run_that_was_stopped_before_it_began_ends(tmp_path: Path) -> None:
    stop = Stop()
    stop.ask()

    for model, inputs in (
        (tiny_models.slow(tmp_path), {"steps": np.array([1 << 40])}),
        (tiny_models.doubled(tmp_path), {"x": np.ones((1, 4), np.float32)}),
    ):
        with pytest.raises(Internal):
            open_session(model, 1).run(inputs, stop)


def test_outputs_that_a_pack_leaves_out_are_not_given(tmp_path: Path) -> None:
    model = tiny_models.add(tmp_path)
    row = np.ones((1, 3), np.float32)

    assert set(open_session(model, 1).run({"a": row, "b": row}, Stop())) == {"c"}


def test_what_a_library_says_for_information_stays_off_the_terminal(
    capfd: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    with no_chatter():
        os.write(2, b"INFO: Created TensorFlow Lite XNNPACK delegate for CPU.\nERROR: out of memory\n")
    os.write(2, b"INFO: of ours\n")
    assert capfd.readouterr().err == "ERROR: out of memory\nINFO: of ours\n"
    open_session(made(Runtime.TFLITE, tmp_path), 1)
    assert capfd.readouterr().err == ""
