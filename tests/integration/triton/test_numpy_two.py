"""The Python backend of the development server cannot read arrays of NumPy 2; this environment has them."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import numpy as np
import pytest

from firstframe.adapters.triton import TritonInference
from firstframe.adapters.triton.config import Target
from firstframe.adapters.triton.repository import BACKEND_MODEL, write_repository
from firstframe.core.errors import Internal
from support import tiny_models
from support.triton import running_triton
from support.triton_models import replace_script

ROW = np.ones((1, 3), np.float32)
NUMPY_2 = {"PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"}
"""The backend takes the packages of the first Python on the path."""


async def test_our_model_refuses_to_load_and_says_why(tmp_path: Path) -> None:
    model = tiny_models.add(tmp_path)
    write_repository([model], Target(), tmp_path / "repository")

    with running_triton(tmp_path / "repository", tmp_path, environment=NUMPY_2) as server:
        inference = TritonInference(server.address)
        with pytest.raises(Internal) as caught:
            await inference.load("add")
        assert await inference.ready() == frozenset()
        await inference.close()

    assert caught.value.reason == "MODEL_FAILED"
    assert f"NumPy {np.__version__}" in server.log.read_text()


async def test_the_client_notices_what_that_backend_does_without_the_check(tmp_path: Path) -> None:
    text = BACKEND_MODEL.read_text()
    unchecked = text.replace("        _check_numpy()\n", "")
    assert unchecked != text
    model = tiny_models.add(tmp_path)
    write_repository([model], Target(), tmp_path / "repository")
    replace_script(tmp_path / "repository", "add", unchecked)

    with running_triton(tmp_path / "repository", tmp_path, environment=NUMPY_2) as server:
        inference = TritonInference(server.address, models=[model])
        with pytest.raises(Internal) as caught:
            await inference.infer("add", {"a": ROW, "b": ROW}, deadline_s=60)
        await inference.close()

    assert (caught.value.reason, "0 bytes" in caught.value.message) == ("EMPTY_OUTPUT", True)
