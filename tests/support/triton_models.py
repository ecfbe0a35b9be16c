"""Models of Triton's Python backend that misbehave on command."""

from __future__ import annotations

from pathlib import Path

from firstframe.adapters.triton.repository import BACKEND_MODEL

SPOILT = '''"""Answers a + b until a request brings `a` below zero; from then on every run fails."""
import triton_python_backend_utils as pb_utils


class TritonPythonModel:
    def initialize(self, args):
        self.spoilt = False

    def execute(self, requests):
        return [self.answer(request) for request in requests]

    def answer(self, request):
        a, b = (pb_utils.get_input_tensor_by_name(request, name).as_numpy() for name in "ab")
        self.spoilt = self.spoilt or bool((a < 0).any())
        if self.spoilt:
            return pb_utils.InferenceResponse(error=pb_utils.TritonError("an illegal memory access was encountered"))
        return pb_utils.InferenceResponse([pb_utils.Tensor("c", a + b)])
'''

EMPTY = '''"""Answers with success and nothing else."""
import triton_python_backend_utils as pb_utils


class TritonPythonModel:
    def execute(self, requests):
        return [pb_utils.InferenceResponse([]) for _ in requests]
'''

CRASHING = '''"""Ends its own process in every run."""
import os


class TritonPythonModel:
    def execute(self, requests):
        os._exit(1)
'''


WITNESS = (
    BACKEND_MODEL.read_text()
    + """

_run = OnnxGraph.run


def _run_and_tell(self, inputs, requests):
    with open("SEEN", "a") as seen:
        seen.write(f"{inputs['picture'].shape}\\n")
    return _run(self, inputs, requests)


OnnxGraph.run = _run_and_tell
"""
)
"""Our own model, which also writes the shape of the pictures of every run into the file `SEEN`."""


def replace_script(repository: Path, model: str, text: str) -> None:
    """Puts another script into a repository."""
    (repository / model / "1" / "model.py").write_text(text)


def with_faults(folder: Path) -> str:
    """The usual script, which fails while `<folder>/fail` exists and answers nothing while `<folder>/empty` does."""
    return (
        BACKEND_MODEL.read_text()
        + f"""

_execute = TritonPythonModel.execute


def _execute_with_faults(self, requests):
    if os.path.exists({str(folder / "fail")!r}):
        error = pb_utils.TritonError("an illegal memory access was encountered")
        return [pb_utils.InferenceResponse(error=error) for _ in requests]
    if os.path.exists({str(folder / "empty")!r}):
        return [pb_utils.InferenceResponse([]) for _ in requests]
    return _execute(self, requests)


TritonPythonModel.execute = _execute_with_faults
"""
    )
