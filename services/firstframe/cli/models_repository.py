"""Model repositories of installed packs, for this machine or for a GPU."""

from __future__ import annotations

import os
import shutil
from collections.abc import Sequence
from pathlib import Path

from firstframe.adapters.triton.config import Target
from firstframe.adapters.triton.repository import BACKEND_MODEL, write_repository
from firstframe.core.models import Runtime, ServedModel
from firstframe.packs import canary
from firstframe.packs.build.builder import Wishes
from firstframe.packs.installed import InstalledPack


def write(
    installed: Sequence[InstalledPack],
    chosen: Sequence[ServedModel],
    folder: Path,
    *,
    arch: str = "",
    link: bool = True,
) -> list[str]:
    """Writes a repository of some models and the canary.

    Args:
        installed: The packs that the models are of.
        chosen: What is served.
        folder: The repository; the canary and fetched engines come into a folder beside it.
        arch: GPU architecture, empty for a CPU.
        link: Whether weights are links or copies.

    Returns:
        Names of the models that are served.

    Raises:
        PreconditionFailed: `ENGINE_MISSING`.
        FirstframeError: See `write_repository`.
    """
    # Installed packs may be on a volume that cannot be written.
    parts = folder.parent / f".{folder.name}.parts"
    models = [*chosen, canary.make(parts)]
    if arch:
        plans = _plans(installed, chosen, parts, arch)
        write_repository(models, Target("tensorrt", arch), folder, plans=plans, link=link)
    else:
        write_repository(models, Target(warm_up=False), folder, script=_script(), link=link)
    if not link:
        shutil.rmtree(parts)
    return sorted(model.name for model in models)


def _script() -> Path:
    """What the Python backend runs: beside the packs where PACKS_DIR names them, as in an image, else the checkout's."""
    packs = os.environ.get("PACKS_DIR")
    beside = Path(packs).parent / "triton" / "onnx" / BACKEND_MODEL.name if packs else BACKEND_MODEL
    return beside if beside.is_file() else BACKEND_MODEL


def _plans(
    installed: Sequence[InstalledPack], chosen: Sequence[ServedModel], folder: Path, arch: str
) -> dict[str, Path]:
    from firstframe.cli.models_engines import open_engines, orders_of
    from firstframe.packs.build.architectures import parse_architecture
    from firstframe.packs.build.engines import fetch_engines

    names = {model.name for model in chosen if model.runtime is Runtime.ONNX}
    wishes = Wishes(parse_architecture(arch))
    packs = [one for one in installed if any(graph.runtime is Runtime.ONNX for graph in one.pack.graphs)]
    orders = [order for one in packs for order in orders_of(one.pack, (), one.folder, wishes)]
    return fetch_engines([order for order in orders if order.model in names], open_engines(), folder)
