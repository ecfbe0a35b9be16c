from __future__ import annotations

from pathlib import Path

import pytest

from firstframe.render import llvm
from firstframe.render.llvm import find_libllvm, newest, searched, version_of


@pytest.mark.parametrize(
    ("name", "version"),
    [
        ("libLLVM-19.so", 19),
        ("libLLVM.so.19.1", 19),
        ("libLLVM-15.so.1", 15),
        ("libLLVM.so", 0),
        ("libLLVMSupport.so", 0),
    ],
)
def test_version_by_name(name: str, version: int) -> None:
    assert version_of(Path(name)) == version


def touched(folder: Path, *names: str) -> list[Path]:
    folder.mkdir(parents=True, exist_ok=True)
    paths = [folder / name for name in names]
    for path in paths:
        path.touch()
    return paths


def test_the_newest_usable_one_wins(tmp_path: Path) -> None:
    old, good, better = touched(tmp_path, "libLLVM-15.so", "libLLVM-17.so", "libLLVM.so.19.1")
    assert newest([old, better, good]) == better
    assert newest([old]) is None
    assert newest([tmp_path / "libLLVM-18.so"]) is None, "it must exist"


def test_the_environment_goes_before_the_cache(tmp_path: Path) -> None:
    (cached,) = touched(tmp_path / ".cache" / "llvm" / "usr" / "lib", "libLLVM.so.19.1")
    (named,) = touched(tmp_path / "mine", "whatever.so")
    assert find_libllvm({"DRJIT_LIBLLVM_PATH": str(named)}, tmp_path) == named
    assert find_libllvm({}, tmp_path) == cached
    assert find_libllvm({"DRJIT_LIBLLVM_PATH": str(tmp_path / "gone.so")}, tmp_path) == cached


def test_a_checkouts_library_is_found_from_any_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (cached,) = touched(tmp_path / "checkout" / ".cache" / "llvm", "libLLVM.so.19.1")
    monkeypatch.setattr(llvm, "CHECKOUT", tmp_path / "checkout")
    monkeypatch.chdir(tmp_path)
    assert find_libllvm({}) == cached
    assert str(cached.parent) in searched()
