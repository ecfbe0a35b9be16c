"""Tiny pipelines as installed packs with exported graphs, made once for each state of the exporting code."""

from __future__ import annotations

import asyncio
import fcntl
import hashlib
import importlib.metadata
import shutil
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from firstframe.adapters.blocking import LoopInference
from firstframe.adapters.embedded import EmbeddedInference
from firstframe.core.models import ServedModel
from firstframe.packs.export import Job, export_modules, open_source
from firstframe.packs.export_record import FOLDER, RECORD, with_exports
from firstframe.packs.installed import InstalledPack
from firstframe.packs.spec import FileSource, Licence, Native, Pack, Pipeline
from firstframe.ports.inference import BlockingInference, Inference
from support.tiny_endings import ENDINGS
from support.tiny_pipelines import TINY, Tiny

ROOT = Path(__file__).parents[2]
CACHE = ROOT / "build" / "tiny-graphs"
_PACKAGES = ("torch", "diffusers", "transformers", "onnx", "onnxscript", "onnxruntime")
DEADLINE_S = 60.0
DIGITS = 16


def tiny_pack(tiny: Tiny) -> Pack:
    """The pack of a tiny pipeline."""
    sizes = dict(zip(("1:1", "16:9"), tiny.sizes, strict=True))
    native = Native(
        sizes=sizes,
        multiple_of=2,
        frames=tiny.rule,
        default_frames=tiny.frames[1] if tiny.rule else 0,
        max_frames=tiny.frames[1] if tiny.rule else 0,
        fps=7 if tiny.rule else 0,
    )
    return Pack(
        pack=f"tiny-{tiny.name}",
        version=1,
        purpose="tests",
        licence=Licence(spdx="Apache-2.0", commercial=True, url="https://example.test"),
        sources=(FileSource(kind="file", path="."),),
        pipeline=Pipeline(
            class_name=type(tiny.made()).__name__,
            modules=dict(tiny.modules),
            steps=3,
            guidance=3.0,
            guidance_argument="max_guidance_scale" if tiny.name == "svd" else "guidance_scale",
            arguments=dict(tiny.call),
            native=native,
        ),
    )


def exported_pack(name: str) -> InstalledPack:
    """A tiny pipeline, saved and exported; seconds to minutes the first time."""
    tiny = (TINY | ENDINGS)[name]
    folder = CACHE / f"{name}-{_digest(name)}"
    CACHE.mkdir(parents=True, exist_ok=True)
    with (CACHE / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (folder / FOLDER / RECORD).is_file():
            _make(tiny, folder)
    return with_exports(InstalledPack(tiny_pack(tiny), folder, {}))


def _make(tiny: Tiny, folder: Path) -> None:
    for old in CACHE.glob(f"{tiny.name}-{'?' * DIGITS}"):
        shutil.rmtree(old)
    partial = folder.with_suffix(".partial")
    shutil.rmtree(partial, ignore_errors=True)
    tiny.made().save_pretrained(partial, safe_serialization=True)
    pipeline = tiny_pack(tiny).pipeline
    assert pipeline is not None
    trials = [(*size, frames) for size, frames in zip(tiny.sizes, tiny.frames, strict=True)]
    (partial / FOLDER).mkdir()
    # One pipeline goes the whole way; the others do without what takes half of the time and changes no number.
    job = Job(open_source(partial, pipeline), pipeline, {}, trials, optimise=tiny.name == "sd")
    export_modules(job, partial / FOLDER, lambda *_: None)
    partial.rename(folder)


def _digest(name: str) -> str:
    packs = ROOT / "services" / "firstframe" / "packs"
    sources = [*packs.glob("export*.py"), packs / "diffusers_folder.py", Path(__file__).with_name("tiny_pipelines.py")]
    sources += [Path(__file__).with_name("tiny_endings.py")] if name in ENDINGS else []
    found = hashlib.sha256(" ".join(map(importlib.metadata.version, _PACKAGES)).encode())
    for path in sorted(sources):
        found.update(path.read_bytes())
    return found.hexdigest()[:DIGITS]


@contextmanager
def blocking(inference: Inference) -> Iterator[BlockingInference]:
    """Use of an inference from threads, on a loop of its own; closed at the end."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    try:
        yield LoopInference(inference, loop, DEADLINE_S)
    finally:
        asyncio.run_coroutine_threadsafe(inference.close(), loop).result(30)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(30)
        loop.close()


@contextmanager
def embedded(models: Iterable[ServedModel]) -> Iterator[BlockingInference]:
    """Graphs that run in this process."""
    with blocking(EmbeddedInference(models, threads=1)) as inference:
        yield inference
