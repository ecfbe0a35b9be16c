"""Writes `Chart.yaml`, `values.yaml`, `values.schema.json` and `README.md` of every chart from `chart_values.py`.

`python scripts/gen_charts.py [FOLDER]`: FOLDER is the checkout, or another place to compare with it.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml
from chart_values import CHARTS, Global, Umbrella, Workload
from pydantic import BaseModel

ROOT = Path(__file__).parents[1]
VERSION = "0.1.0"
UMBRELLA = "deploy/helm"
ABOUT = {
    "imagegen": "Hero stills, on GPU nodes of their own.",
    "animation": "Clips of heroes, on GPU nodes of their own.",
    "upscaling": "Upscaling and frame interpolation, on GPU nodes of their own.",
    "stitching": "Delivery files, on GPU nodes of their own.",
    "orchestrator": "Campaigns: plans, durable workflows, dispatch.",
}
NOTE = "# Written by scripts/gen_charts.py from scripts/chart_values.py.\n"


def main(folder: Path = ROOT) -> None:
    """Writes all files below a folder."""
    for name, values in CHARTS.items():
        write_chart(folder / "charts" / name, name, values)
    write_umbrella(folder / UMBRELLA)


def write_chart(folder: Path, name: str, values: Workload) -> None:
    """Writes what is generated of one service's chart."""
    folder.mkdir(parents=True, exist_ok=True)
    chart = _chart(name, ABOUT[name], [{"name": "common", "version": VERSION, "repository": "file://../common"}])
    _write(folder / "Chart.yaml", NOTE + _yaml(chart))
    own = values.model_dump(mode="json", by_alias=True)
    globals_ = Global().model_dump(mode="json")
    _write(folder / "values.yaml", NOTE + _commented(type(values), own) + "global:\n" + _commented(Global, globals_, 1))
    _write(folder / "values.schema.json", _json(_schema_of(type(values))))
    rows = [*_rows(type(values), own), *_rows(Global, globals_, "global.")]
    _write(folder / "README.md", _readme(name, ABOUT[name], rows))


def write_umbrella(folder: Path) -> None:
    """Writes what is generated of the release's chart."""
    folder.mkdir(parents=True, exist_ok=True)
    needed = [{"name": "common", "version": VERSION, "repository": "file://../../charts/common"}]
    needed += [
        {"name": name, "version": VERSION, "repository": f"file://../../charts/{name}", "condition": f"{name}.enabled"}
        for name in CHARTS
    ]
    about = "firstframe: from a campaign brief to a library of finished videos."
    _write(folder / "Chart.yaml", NOTE + _yaml(_chart("firstframe", about, needed)))
    values = Umbrella().model_dump(mode="json", by_alias=True)
    charts = "".join(f"{name}: {{}}  # charts/{name}\n" for name in CHARTS)
    _write(folder / "values.yaml", NOTE + _commented(Umbrella, values) + charts)
    _write(folder / "values.schema.json", _json(_umbrella_schema()))
    rows = [*_rows(Umbrella, values), *((name, f"`charts/{name}`", "see its README") for name in CHARTS)]
    _write(folder / "README.md", _readme("firstframe", about, rows))


def _chart(name: str, about: str, needed: list[dict[str, str]]) -> dict[str, Any]:
    return {
        "apiVersion": "v2",
        "name": name,
        "description": about,
        "type": "application",
        "version": VERSION,
        "appVersion": VERSION,
        "kubeVersion": ">=1.30.0-0",
        "dependencies": needed,
    }


def _schema_of(kind: type[BaseModel]) -> dict[str, Any]:
    """A chart's own values, and `global`, which Helm hands down to it."""
    schema = kind.model_json_schema(by_alias=True)
    own = Global.model_json_schema()
    definitions = schema.setdefault("$defs", {}) | own.pop("$defs", {}) | {"Global": own}
    schema["$defs"] = dict(sorted(definitions.items()))
    schema["properties"]["global"] = {"$ref": "#/$defs/Global"}
    # Helm hands the same down to the library chart.
    schema["properties"]["common"] = {"type": "object", "properties": {"global": {}}, "additionalProperties": False}
    # Everything has a default: what is left out is not missing.
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **_without_required(schema)}


def _umbrella_schema() -> dict[str, Any]:
    schema = Umbrella.model_json_schema(by_alias=True)
    for name in (*CHARTS, "common"):
        # Each chart's own schema says what is in it.
        schema["properties"][name] = {"type": "object"}
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **_without_required(schema)}


def _without_required(node: Any) -> Any:  # noqa: ANN401
    if isinstance(node, dict):
        return {
            key: _without_required(value) for key, value in node.items() if key not in ("required", "title", "default")
        }
    return [_without_required(one) for one in node] if isinstance(node, list) else node


def _commented(kind: type[BaseModel], values: Mapping[str, Any], depth: int = 0) -> str:
    """Values as YAML, each under what it means."""
    pad = "  " * depth
    lines: list[str] = []
    for name, field in kind.model_fields.items():
        key = field.alias or name
        about = field.description or ""
        inner = field.annotation
        if about:
            lines.append(f"{pad}# {about}")
        if isinstance(inner, type) and issubclass(inner, BaseModel):
            lines.append(f"{pad}{key}:")
            lines.append(_commented(inner, values[key], depth + 1).rstrip("\n"))
        else:
            lines.append(f"{pad}{key}: {json.dumps(values[key])}")
    return "\n".join(lines) + "\n"


def _rows(kind: type[BaseModel], values: Mapping[str, Any], path: str = "") -> Iterator[tuple[str, str, str]]:
    for name, field in kind.model_fields.items():
        key = field.alias or name
        inner = field.annotation
        if isinstance(inner, type) and issubclass(inner, BaseModel):
            yield from _rows(inner, values[key], f"{path}{key}.")
        else:
            yield f"{path}{key}", f"`{json.dumps(values[key])}`", field.description or ""


def _readme(name: str, about: str, rows: list[tuple[str, str, str]]) -> str:
    head = f"# {name}\n\n{about} How it is installed: [docs/operations](../../docs/operations/install.md).\n\n"
    body = "".join(f"| `{path}` | {default} | {text} |\n" for path, default, text in rows)
    return head + "| value | default | meaning |\n|---|---|---|\n" + body


def _yaml(content: Any) -> str:  # noqa: ANN401
    return str(yaml.safe_dump(content, sort_keys=False, width=120))


def _json(content: Any) -> str:  # noqa: ANN401
    return json.dumps(content, indent=2) + "\n"


def _write(path: Path, text: str) -> None:
    path.write_text(text, "utf-8")


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:2]))
