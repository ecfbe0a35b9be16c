"""Repositories that an image writes, where there is no checkout."""

from __future__ import annotations

from pathlib import Path

import pytest

from firstframe.adapters.triton.repository import BACKEND_MODEL
from firstframe.cli.models_repository import write
from support.installed_packs import install_add


@pytest.mark.parametrize("beside", [True, False])
def test_what_the_backend_runs_stands_beside_the_packs_of_an_image(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, beside: bool
) -> None:
    pack = install_add(tmp_path, "adder")
    share = tmp_path / "share"
    (share / "packs").mkdir(parents=True)
    monkeypatch.setenv("PACKS_DIR", str(share / "packs"))
    if beside:
        (share / "triton" / "onnx").mkdir(parents=True)
        (share / "triton" / "onnx" / "model.py").write_text("# the image's own")

    write([pack], pack.served(), tmp_path / "repository", link=False)

    script = (tmp_path / "repository" / "adder" / "1" / "model.py").read_text()
    assert script == ("# the image's own" if beside else BACKEND_MODEL.read_text())
