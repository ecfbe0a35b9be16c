"""Images hold what the extras of `pyproject.toml` ask for: locked, hashed, and nothing of models."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[3]
LOCKS = ROOT / "deploy" / "docker" / "requirements"
SERVED = ("packs", "triton", "embedded")
IMAGES: dict[str, tuple[str, ...]] = {
    "imagegen": ("imagegen", *SERVED),
    "animation": ("animation",),
    "animation-scene": ("animation", "scene"),
    "upscaling": ("upscaling",),
    "stitching": ("stitching",),
    "orchestrator": ("orchestrator",),
    "cli": ("cli",),
    "imagegen-diffusers": ("imagegen", "diffusers"),
    "animation-diffusers": ("animation", "diffusers"),
    "models": ("cli", "packs", "triton", "export"),
}
"""Extras of each image."""
TORCH = {"imagegen-diffusers", "animation-diffusers", "models"}
"""Images with torch, which has a lock of its own."""
PINNED = re.compile(r"^(?P<name>[a-z0-9][a-z0-9.-]*)==(?P<version>[^ ;\\]+)", re.MULTILINE)
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]


def direct(extra: str) -> Iterator[Requirement]:
    """What an extra asks for, those that it names of ours included."""
    for text in PROJECT["optional-dependencies"][extra]:
        found = Requirement(text)
        if found.name == "firstframe":
            for inner in found.extras:
                yield from direct(inner)
        else:
            yield found


def locked(image: str) -> dict[str, str]:
    text = (LOCKS / f"{image}.txt").read_text()
    return {canonicalize_name(found["name"]): found["version"] for found in PINNED.finditer(text)}


@pytest.mark.parametrize("image", IMAGES)
def test_every_requirement_is_locked_within_its_range(image: str) -> None:
    versions = locked(image) | (locked("torch") if image in TORCH else {})
    extras = [wanted for extra in IMAGES[image] for wanted in direct(extra)]
    for wanted in (*map(Requirement, PROJECT["dependencies"]), *extras):
        assert versions.get(canonicalize_name(wanted.name), "0") in wanted.specifier, wanted


@pytest.mark.parametrize("image", [*IMAGES, "torch", "triton"])
def test_every_line_has_hashes(image: str) -> None:
    blocks = re.split(r"\n(?=\S)", (LOCKS / f"{image}.txt").read_text().strip())
    assert len(blocks) == len(locked(image))
    assert all("--hash=sha256:" in block for block in blocks)


@pytest.mark.parametrize("image", sorted(set(IMAGES) - TORCH))
def test_no_image_of_the_cpu_tier_holds_torch(image: str) -> None:
    assert not {"torch", "diffusers", "transformers"} & set(locked(image))


def test_no_image_holds_what_belongs_to_another() -> None:
    assert "mitsuba" not in locked("animation")
    assert "dbos" not in locked("imagegen")
    assert {"opencv-python-headless", "numba", "mitsuba"} & set(locked("stitching")) == set()


def test_the_dockerfile_has_a_target_for_each() -> None:
    text = (ROOT / "deploy" / "docker" / "service.Dockerfile").read_text()
    assert set(re.findall(r"^FROM (?:runtime|renderer) AS ([\w-]+)$", text, re.MULTILINE)) - {"renderer"} == set(IMAGES)
    assert set(re.findall(r"install.sh ([\w-]+)$", text, re.MULTILINE)) == set(IMAGES)
    assert text.count("USER 10001:10001") == 2


def test_the_servers_image_keeps_the_numpy_that_its_backend_was_built_with() -> None:
    assert {"onnxruntime", "ai-edge-litert"} <= set(locked("triton"))
    assert "numpy" not in locked("triton")
