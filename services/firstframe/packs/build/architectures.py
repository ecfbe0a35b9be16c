"""GPU architectures that engines are built for."""

from __future__ import annotations

from firstframe.core.errors import InvalidInput

ARCHITECTURES = {
    "sm_80": "A100, A30",
    "sm_86": "A10, A40",
    "sm_89": "L4, L40S, RTX 4090",
    "sm_90": "H100, H200",
    "sm_100": "B200",
    "sm_120": "RTX 5090, RTX PRO 6000",
}
"""Cards by compute capability (developer.nvidia.com/cuda-gpus, read 2026-11)."""


def parse_architecture(text: str, *, field: str = "--arch") -> str:
    """An architecture by its name, `sm_90`.

    Raises:
        InvalidInput: It is none of those that are known; the message lists them.
    """
    if text not in ARCHITECTURES:
        known = ", ".join(f"{name} ({cards})" for name, cards in ARCHITECTURES.items())
        raise InvalidInput.at(field, f"{text!r} is no architecture that engines are built for", f"use one of {known}")
    return text


def architecture_of(capability: str) -> str:
    """The name that belongs to a compute capability as the driver writes it: `9.0` is `sm_90`."""
    return f"sm_{capability.strip().replace('.', '')}"
