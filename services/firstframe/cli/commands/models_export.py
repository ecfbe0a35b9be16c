"""`firstframe models export`: the modules of a pipeline as graphs."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from firstframe.cli.commands.options import JsonOption
from firstframe.cli.output import Output


def export(
    name: Annotated[str, typer.Argument(help="Name of a pack of the learned tier.", show_default=False)],
    *,
    home: Annotated[
        Path | None, typer.Option(help="Folder of installed packs; else $FIRSTFRAME_MODELS.", show_default=False)
    ] = None,
    packs: Annotated[Path | None, typer.Option(help="Folder of packs; else $PACKS_DIR.", show_default=False)] = None,
    as_json: JsonOption = False,
) -> None:
    """Exports an installed pipeline to ONNX and holds each graph against its module. Takes memory and minutes."""
    from firstframe.cli.models_extras import told_extras
    from firstframe.packs.shelf import find_shelf

    output = Output(as_json=as_json)
    shelf = find_shelf(packs, home)
    installed = shelf.home.find(shelf.get(name))
    with told_extras():
        from firstframe.packs.export import export_pack

        if adapter := installed.pack.adapter:
            from firstframe.packs.fuse import assemble

            changed = assemble(installed, shelf.home.find(shelf.get(adapter.base)))
            output.say(f"{', '.join(changed)} of {adapter.base} with the weights of {name}")
        exported = export_pack(installed, lambda graph, apart: output.say(f"{graph}: {apart:.2g} from its module"))
    if as_json:
        output.document({"pack": name, "files": dict(exported.files), "differences": dict(exported.differences)})
    else:
        output.results.print(f"{name}: {len(exported.graphs)} graphs in {installed.folder}", markup=False)
