"""`firstframe check`: is a picture good enough to be moved?"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from firstframe.cli.commands.options import JsonOption
from firstframe.cli.output import FAILED, Output

if TYPE_CHECKING:
    from firstframe.cli.check_arguments import Marks
    from firstframe.core.media import Rgb8
    from firstframe.preflight.plan import ShotPlan
    from firstframe.preflight.run import Report


def check(
    image: Annotated[Path, typer.Argument(help="A JPEG, PNG, WebP or TIFF picture.", show_default=False)],
    format_name: Annotated[
        str,
        typer.Option("--format", help="16:9, 9:16, 1:1 or 4:5; else the nearest to the picture.", show_default=False),
    ] = "",
    motion: Annotated[str, typer.Option(help="Recipe of the planned motion.")] = "slow-push",
    platform: Annotated[
        list[str] | None,
        typer.Option(
            help="Where it will be shown; may be repeated; else everywhere that takes the format.", show_default=False
        ),
    ] = None,
    focus: Annotated[str, typer.Option(metavar="X,Y", help="A point on the subject, shares from 0 to 1.")] = "",
    copy: Annotated[
        list[str] | None,
        typer.Option(metavar="X,Y,W,H", help="Where words stand, in pixels; may be repeated.", show_default=False),
    ] = None,
    out: Annotated[
        Path | None, typer.Option(help="Folder for a picture of each check and one sheet.", show_default=False)
    ] = None,
    quick: Annotated[bool, typer.Option("--quick", help="Do without installed models.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Measures whether a picture is ready to be moved: framing, light, depth, sharpness, words, faces, resolution.

    Exit status: 0 when all checks pass or warn, 1 when one fails, 2 when an argument is wrong.
    """
    from firstframe.cli.check_arguments import marks_of, plan_of, read_picture
    from firstframe.cli.check_tables import report_document, report_table
    from firstframe.core.media import PixelSize
    from firstframe.preflight.verdict import Verdict

    output = Output(as_json=as_json)
    picture = read_picture(image)
    size = PixelSize(picture.shape[1], picture.shape[0])
    plan = plan_of(format_name, motion, platform or (), size)
    marks = marks_of(focus, copy or (), size)
    report = _examined(picture, plan, marks, quick=quick)
    files = _written(report, image.name, out)
    if as_json:
        output.document(report_document(report, image, files))
    else:
        output.results.print(report_table(report, image.name))
        if out is not None:
            output.results.print(f"pictures: {out}", markup=False)
    if report.verdict is Verdict.FAIL:
        raise typer.Exit(FAILED)


def _examined(picture: Rgb8, plan: ShotPlan, marks: Marks, *, quick: bool) -> Report:
    from dataclasses import replace

    from firstframe.cli.check_models import CheckModels
    from firstframe.preflight.run import examine
    from firstframe.preflight.still import still_of_picture

    models = CheckModels(wanted=not quick)
    matte = models.matte(picture) if marks.focus is None else None
    still = still_of_picture(picture, plan.delivery, focus=marks.focus, matte=matte, copy=marks.copy)
    return examine(replace(still, faces=models.faces(still.image)), plan)


def _written(report: Report, name: str, folder: Path | None) -> dict[str, Path]:
    if folder is None:
        return {}
    from firstframe.cli.check_files import write_overlays

    return write_overlays(report, name, folder)
