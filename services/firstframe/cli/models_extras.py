"""Libraries that only some of the commands need, and which extra of the package brings them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from firstframe.core.errors import PreconditionFailed

_EXTRAS = {
    "httpx": "packs",
    "onnx": "packs",
    "yaml": "packs",
    "minio": "s3",
    "onnxruntime": "embedded",
    "ai_edge_litert": "embedded",
    "tritonclient": "triton",
    "torch": "export",
    "safetensors": "export",
    "onnxscript": "export",
    "peft": "adapters",
    "diffusers": "adapters",
}


@contextmanager
def told_extras() -> Iterator[None]:
    """Turns a library that is missing into `EXTRA_MISSING`, with what to install."""
    try:
        yield
    except ModuleNotFoundError as error:
        library = (error.name or "").partition(".")[0]
        if library not in _EXTRAS:
            raise
        text = f"this needs {library}, which is not installed; pip install 'firstframe[{_EXTRAS[library]}]'"
        raise PreconditionFailed(text, reason="EXTRA_MISSING", metadata={"library": library}) from error
