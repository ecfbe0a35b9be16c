"""The charts, rendered by the real Helm."""

from __future__ import annotations

import atexit
import shutil
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

import helm_python
import yaml

ROOT = Path(__file__).parents[2]
SERVICES = ("imagegen", "animation", "upscaling", "stitching", "orchestrator")
STAGES = SERVICES[:-1]
ENVIRONMENTS = ("local", "staging", "production")
NAMESPACE = "campaigns"
RELEASE = "ff"

Object = dict[str, Any]


@cache
def built() -> Path:
    """A copy of the charts with what each depends on; gives the release's folder."""
    folder = Path(mkdtemp(prefix="firstframe-charts-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    ignored = shutil.ignore_patterns("*.tgz", "Chart.lock", "tmpcharts-*")
    shutil.copytree(ROOT / "charts", folder / "charts", ignore=ignored)
    shutil.copytree(ROOT / "deploy" / "helm", folder / "deploy" / "helm", ignore=ignored)
    for name in SERVICES:
        helm_python.dependency_update(folder / "charts" / name, skip_refresh=True)
    helm_python.dependency_update(folder / "deploy" / "helm", skip_refresh=True)
    return folder / "deploy" / "helm"


def values_of(environment: str, changes: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """Values of an environment, and changes by path: `{"imagegen.gpu.count": 0}`."""
    values = yaml.safe_load((ROOT / "deploy" / "helm" / f"values-{environment}.yaml").read_text())
    for path, value in (changes or {}).items():
        *parents, last = path.split(".")
        place = values
        for parent in parents:
            place = place.setdefault(parent, {})
        place[last] = value
    return dict(values)


def render(environment: str, changes: Mapping[str, Any] | None = None) -> list[Object]:
    """All objects of a release."""
    return list(_objects(render_text(environment, changes).values()))


def render_text(environment: str, changes: Mapping[str, Any] | None = None) -> dict[str, str]:
    """Rendered files by their path."""
    # Rendering changes the loaded chart.
    chart = helm_python.Chart.load(built())
    try:
        found: dict[str, str] = chart.render(
            values_of(environment, changes), name=RELEASE, namespace=NAMESPACE, is_install=True
        )
        return found
    finally:
        chart.close()


def _objects(texts: Any) -> Iterator[Object]:
    for text in texts:
        yield from (one for one in yaml.safe_load_all(text) if one)


def of_kind(objects: list[Object], kind: str) -> dict[str, Object]:
    """Objects of a kind by name."""
    return {one["metadata"]["name"]: one for one in objects if one["kind"] == kind}


def pod_templates(objects: list[Object]) -> dict[str, Object]:
    """Pod templates by `Kind/name`, Pods among them."""
    found = {}
    for one in objects:
        name = f"{one['kind']}/{one['metadata']['name']}"
        if one["kind"] in {"Deployment", "StatefulSet", "Job"}:
            found[name] = one["spec"]["template"]
        elif one["kind"] == "Pod":
            found[name] = {"metadata": one["metadata"], "spec": one["spec"]}
    return found


def containers(template: Object) -> list[Object]:
    """All containers of a pod template."""
    return [*template["spec"].get("initContainers", []), *template["spec"]["containers"]]
