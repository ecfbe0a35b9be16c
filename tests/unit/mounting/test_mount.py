"""Models of a stage, in this process."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pydantic import ValidationError

from firstframe.core.errors import NotFound, PreconditionFailed
from firstframe.mounting.mount import Mount
from firstframe.mounting.settings import ModelSettings
from support.installed_packs import install_add

ROW = np.ones((1, 3), np.float32)


def settings(folder: Path, *packs: str, **others: Any) -> ModelSettings:
    return ModelSettings(packs=list(packs), home=folder / "home", catalogue=folder / "packs", threads=1, **others)


@pytest.fixture
def installed(tmp_path: Path) -> Path:
    for name in ("matting", "face"):
        install_add(tmp_path, name, ("first", "second"))
    return tmp_path


async def test_opened_models_are_warm_and_run(installed: Path) -> None:
    mount = Mount(settings(installed, "matting"))
    assert await mount.warm() == []

    await mount.open()
    answer = await asyncio.to_thread(mount.blocking.infer, "matting-first", {"a": ROW, "b": ROW})

    np.testing.assert_array_equal(answer["c"], 2 * ROW)
    assert await mount.warm() == ["matting-first", "matting-second"]
    assert await anext(mount.health()) is True
    await mount.close()


async def test_memory_holds_what_was_used_last(installed: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for path in (installed / "packs").glob("*.yaml"):
        path.write_text(path.read_text().replace("file: add.onnx", "file: add.onnx\n  gpu_memory_mb: 40"))
    mount = Mount(settings(installed, "matting", "face", memory_mb=100))

    await mount.open()
    assert await mount.warm() == ["matting-first", "matting-second"]
    await asyncio.to_thread(mount.blocking.infer, "face-first", {"a": ROW, "b": ROW})

    assert await mount.warm() == ["face-first", "matting-second"]
    await mount.close()


async def test_a_model_larger_than_the_memory_says_so(installed: Path) -> None:
    path = installed / "packs" / "matting.yaml"
    path.write_text(path.read_text().replace("file: add.onnx", "file: add.onnx\n  gpu_memory_mb: 400"))
    mount = Mount(settings(installed, "matting", memory_mb=100))
    await mount.open()

    with pytest.raises(PreconditionFailed) as caught:
        await asyncio.to_thread(mount.blocking.infer, "matting-first", {"a": ROW, "b": ROW})

    assert caught.value.reason == "MODEL_MEMORY_FULL"
    await mount.close()


async def test_a_pack_that_is_not_installed_tells_the_command(tmp_path: Path) -> None:
    install_add(tmp_path, "matting")
    (tmp_path / "home" / "matting").rename(tmp_path / "gone")

    with pytest.raises(NotFound, match="firstframe models pull matting") as caught:
        Mount(settings(tmp_path, "matting"))

    assert caught.value.reason == "PACK_NOT_INSTALLED"


async def test_a_canary_that_nobody_serves_is_refused(installed: Path) -> None:
    with pytest.raises(NotFound, match="MODELS__CANARY"):
        Mount(settings(installed, "matting", triton="127.0.0.1:1", canary="face-first"))


@pytest.mark.parametrize("wrong", [{"triton": "http://triton:8001"}, {"packs": ["sdxl", "sdxl"]}, {"memory_mb": -1}])
def test_wrong_settings_are_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        ModelSettings(**wrong)


async def test_models_may_wait_for_their_first_run(installed: Path) -> None:
    mount = Mount(settings(installed, "matting", preload=False))
    await mount.open()
    assert await mount.warm() == []

    answer = await asyncio.to_thread(mount.blocking.infer, "matting-first", {"a": ROW, "b": ROW})

    np.testing.assert_array_equal(answer["c"], 2 * ROW)
    assert await mount.warm() == ["matting-first"]
    await mount.close()
