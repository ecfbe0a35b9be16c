"""What an engine depends on, and the key that names it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from firstframe.core.canonical import digest_of, plain
from firstframe.packs.build.profiles import Profile


@dataclass(frozen=True, slots=True)
class EngineParts:
    """All that an engine depends on."""

    onnx: str
    """SHA-256 of the exported graph and its weights, before its precision is lowered."""
    tensorrt: str
    """Version of TensorRT, `11.1.0.106`."""
    arch: str
    """GPU architecture, `sm_90`."""
    precision: str
    profiles: tuple[Profile, ...]

    @property
    def key(self) -> str:
        """SHA-256 of the canonical JSON of the parts, 64 lower-case hexadecimal digits."""
        return digest_of(self.as_json())

    def as_json(self) -> dict[str, Any]:
        """The parts as JSON types, by name."""
        profiles = [
            {name: {"min": shapes.min, "opt": shapes.opt, "max": shapes.max} for name, shapes in profile.inputs.items()}
            for profile in self.profiles
        ]
        whole = {
            "onnx": self.onnx,
            "tensorrt": self.tensorrt,
            "arch": self.arch,
            "precision": self.precision,
            "profiles": profiles,
        }
        return dict(plain(whole))


def changed_parts(old: Mapping[str, Any], new: Mapping[str, Any]) -> tuple[str, ...]:
    """Names of the parts that differ, in the order in which they are explained.

    Args:
        old: Parts of an engine that exists, as its record has them.
        new: Parts of the engine that is wanted, as JSON types.
    """
    return tuple(name for name in ("arch", "tensorrt", "precision", "profiles", "onnx") if old.get(name) != new[name])
