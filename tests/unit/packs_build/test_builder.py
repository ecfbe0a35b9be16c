"""Builds with stand-ins for NVIDIA's programs, run as real processes."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from firstframe.adapters.local_folder import LocalFolderStore
from firstframe.core.errors import (
    DeadlineExceeded,
    FirstframeError,
    Internal,
    InvalidInput,
    NotFound,
    PreconditionFailed,
)
from firstframe.packs.build.builder import Builder, Order
from firstframe.packs.build.decision import Action
from firstframe.packs.build.store import EngineStore
from firstframe.packs.build.toolchain import Toolchain, find_toolchain

Make = Callable[..., Order]


@pytest.fixture
def toolchain(nvidia: Path) -> Toolchain:
    return find_toolchain("sm_90", casts=True)


@pytest.fixture
def builder(engines: EngineStore, toolchain: Toolchain, folder: Path) -> Builder:
    return Builder(engines, toolchain, folder, timeout_s=30)


def said(calls: Path) -> list[list[str]]:
    return [json.loads(line) for line in calls.read_text().splitlines()]


def blobs(tmp_path: Path) -> int:
    return sum(path.is_file() for path in (tmp_path / "store/blobs").rglob("*"))


def test_an_engine_is_built_stored_and_found(
    builder: Builder, engines: EngineStore, order: Make, calls: Path, folder: Path, tmp_path: Path
) -> None:
    plan = builder.plan(order())
    assert plan.decision.action is Action.BUILD
    record = builder.build(plan)
    assert engines.find(plan.wanted.parts.key) == record
    cast, built = said(calls)
    assert cast[0] == "autocast"
    assert "--low_precision_type=fp16" in cast
    assert "--keep_io_types" in cast
    lowered = next(part for part in cast if part.startswith("--output_path=")).partition("=")[2]
    assert f"--onnx={lowered}" in built
    assert [part for part in built if "Shapes" in part] == [
        "--minShapes=x:1x4",
        "--optShapes=x:4x4",
        "--maxShapes=x:8x4",
    ]
    engines.fetch(record.key, tmp_path / "fetched.plan")
    assert (tmp_path / "fetched.plan").read_bytes().startswith(b"engine of cast:")
    assert (folder / "kernels-sm_90-11.1.0.106.cache").read_bytes() == b"kernels"
    assert "RUNNING TensorRT.trtexec" in builder.log_of(plan).read_text()


def test_what_is_stored_is_not_built_again(builder: Builder, order: Make, calls: Path, tmp_path: Path) -> None:
    first = builder.build(builder.plan(order()))
    plan = builder.plan(order())
    assert plan.decision.action is Action.REUSE
    assert builder.build(plan) == first
    assert len(said(calls)) == 2
    assert blobs(tmp_path) == 1


def test_a_rebuild_can_be_asked_for(builder: Builder, order: Make, calls: Path) -> None:
    builder.build(builder.plan(order()))
    plan = builder.plan(order(rebuild=True))
    assert (plan.decision.action, plan.decision.reason) == (Action.REBUILD, "a rebuild was asked for")
    builder.build(plan)
    assert len(said(calls)) == 4


def test_full_precision_is_built_as_it_was_exported(builder: Builder, order: Make, calls: Path) -> None:
    plan = builder.plan(order(precision="fp32"))
    builder.build(plan)
    assert len(said(calls)) == 1
    assert f"--onnx={plan.order.onnx}" in said(calls)[0]


@pytest.mark.parametrize(
    ("how", "error", "message"),
    [
        ("fails", Internal, r"trtexec failed with 1 .*no implementation for node conv_in"),
        ("killed", Internal, "trtexec was killed by SIGKILL"),
        ("silent", Internal, "ended without an engine"),
    ],
)
def test_a_failed_build_stores_nothing_and_keeps_its_log(
    builder: Builder,
    engines: EngineStore,
    order: Make,
    how: str,
    error: type[FirstframeError],
    message: str,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    monkeypatch.setenv("FAKE_TRTEXEC", how)
    plan = builder.plan(order())
    with pytest.raises(error, match=message) as caught:
        builder.build(plan)
    assert caught.value.reason == "ENGINE_BUILD_FAILED"
    assert engines.find(plan.wanted.parts.key) is None
    assert blobs(tmp_path) == 0
    assert Path(caught.value.metadata["log"]) == builder.log_of(plan)
    assert "RUNNING TensorRT.trtexec" in builder.log_of(plan).read_text()
    monkeypatch.delenv("FAKE_TRTEXEC")
    assert builder.build(builder.plan(order())).key == plan.wanted.parts.key


def test_a_build_that_hangs_is_ended_with_all_that_it_started(
    engines: EngineStore,
    toolchain: Toolchain,
    folder: Path,
    order: Make,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    monkeypatch.setenv("FAKE_TRTEXEC", "hangs")
    builder = Builder(engines, toolchain, folder, timeout_s=6)
    with pytest.raises(DeadlineExceeded, match="longer than 6 s") as caught:
        builder.build(builder.plan(order(precision="fp32")))
    assert caught.value.reason == "ENGINE_BUILD_TIMEOUT"
    assert blobs(tmp_path) == 0
    child = int((tmp_path / "child.pid").read_text())
    assert gone(child)


def gone(pid: int) -> bool:
    """Whether a process has ended, or is about to be reaped."""
    for _ in range(100):
        try:
            os.kill(pid, 0)
            if Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] == "Z":
                return True
        except (ProcessLookupError, FileNotFoundError):
            return True
        time.sleep(0.05)
    return False


def test_new_weights_in_the_same_graph_are_exchanged(
    builder: Builder, engines: EngineStore, order: Make, calls: Path, tmp_path: Path
) -> None:
    builder.build(builder.plan(order(refittable=True)))
    plan = builder.plan(order(refittable=True, scale=2))
    assert plan.decision.action is Action.REFIT
    assert "onnx; only weights, and the engine takes new ones" in plan.decision.reason
    record = builder.build(plan)
    engines.fetch(record.key, tmp_path / "new.plan")
    assert b" refitted with cast:" in (tmp_path / "new.plan").read_bytes()
    assert record.refittable
    assert [call[0] for call in said(calls)].count("autocast") == 2
    assert len(said(calls)) == 3
    assert builder.plan(order(refittable=True, scale=3)).latest == record


def test_weights_that_were_built_in_take_a_rebuild(builder: Builder, order: Make) -> None:
    builder.build(builder.plan(order()))
    plan = builder.plan(order(scale=2))
    assert plan.decision.action is Action.REBUILD
    assert plan.decision.reason.endswith("onnx; only weights, but the engine was built without --refittable")


def test_another_graph_takes_a_rebuild(builder: Builder, order: Make) -> None:
    builder.build(builder.plan(order(refittable=True, precision="fp32")))
    plan = builder.plan(order(refittable=True, precision="fp32", name="z"))
    assert plan.decision.action is Action.REBUILD
    assert plan.decision.reason.endswith("onnx; the graph itself is another, not only its weights")


def test_the_parts_that_changed_are_told(builder: Builder, order: Make) -> None:
    builder.build(builder.plan(order(refittable=True)))
    plan = builder.plan(order(refittable=True, precision="bf16", scale=2))
    assert plan.decision.action is Action.REBUILD
    assert plan.decision.reason.endswith(": precision, onnx")


def test_a_stored_engine_that_cannot_be_refitted_is_no_refittable_one(builder: Builder, order: Make) -> None:
    builder.build(builder.plan(order()))
    plan = builder.plan(order(refittable=True))
    assert plan.decision.action is Action.REBUILD
    assert builder.build(plan).refittable
    assert builder.plan(order()).decision.action is Action.REUSE


def test_an_engine_whose_file_is_gone_is_built_again(builder: Builder, order: Make, tmp_path: Path) -> None:
    builder.build(builder.plan(order()))
    reuse = builder.plan(order())
    for path in (tmp_path / "store/blobs").rglob("*"):
        if path.is_file():
            path.unlink()
    with pytest.raises(NotFound, match="models build"):
        builder.build(reuse)
    assert builder.plan(order()).decision.action is Action.BUILD


def test_records_are_shared_by_whoever_uses_the_store(builder: Builder, order: Make, tmp_path: Path) -> None:
    record = builder.build(builder.plan(order()))
    assert EngineStore(LocalFolderStore(tmp_path / "store")).latest("toy", "sm_90") == record
    assert EngineStore(LocalFolderStore(tmp_path / "store")).latest("toy", "sm_89") is None


def test_quantised_precisions_need_calibration(builder: Builder, order: Make, calls: Path) -> None:
    with pytest.raises(InvalidInput, match="--calibration: fp8 needs inputs"):
        builder.build(builder.plan(order(precision="fp8")))
    assert said(calls) == []


def test_a_machine_without_trtexec_says_what_to_install(nvidia: Path) -> None:
    (nvidia / "trtexec").unlink()
    with pytest.raises(PreconditionFailed, match=r"trtexec is not on the path; .*nvcr.io/nvidia/tensorrt") as caught:
        find_toolchain("sm_90", casts=False)
    assert caught.value.reason == "TENSORRT_MISSING"


def test_a_machine_without_a_gpu_says_so(nvidia: Path) -> None:
    (nvidia / "nvidia-smi").unlink()
    with pytest.raises(PreconditionFailed, match="there is no GPU"):
        find_toolchain("sm_90", casts=False)


def test_a_gpu_of_another_architecture_is_refused(nvidia: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FAKE_CAPABILITY", "8.9")
    with pytest.raises(PreconditionFailed, match=r"the GPU is sm_89, the engine is for sm_90 \(H100") as caught:
        find_toolchain("sm_90", casts=False)
    assert caught.value.reason == "GPU_ARCHITECTURE_DIFFERS"


def test_casting_needs_modelopt(nvidia: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PYTHONPATH")
    assert find_toolchain("sm_90", casts=False).tensorrt == "11.1.0.106"
    with pytest.raises(PreconditionFailed, match=r"pip install 'nvidia-modelopt\[onnx\]'") as caught:
        find_toolchain("sm_90", casts=True)
    assert caught.value.reason == "TENSORRT_MISSING"


def test_a_trtexec_without_a_version_is_none(nvidia: Path) -> None:
    (nvidia / "trtexec").write_text("#!/bin/sh\necho hello\n")
    with pytest.raises(PreconditionFailed, match="does not tell its version"):
        find_toolchain("sm_90", casts=False)
