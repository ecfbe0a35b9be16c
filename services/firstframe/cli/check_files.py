"""Overlays of a check as files."""

from __future__ import annotations

from pathlib import Path

from PIL import Image

from firstframe.cli.check_tables import headline
from firstframe.core.errors import InvalidInput
from firstframe.preflight.run import Report
from firstframe.preflight.sheet import card, files_of, sheet

SHEET = "sheet.png"


def write_overlays(report: Report, name: str, folder: Path) -> dict[str, Path]:
    """Writes a card for each check and one sheet; returns where each is, by the check's name and `sheet`.

    Raises:
        InvalidInput: The folder cannot be made or written to.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        written = {}
        for check in report.checks:
            written[check.name] = folder / files_of(report.checks)[check.name]
            Image.fromarray(card(check, report.still.image)).save(written[check.name], compress_level=4)
        written["sheet"] = folder / SHEET
        subtitle = headline(report, name).removeprefix(name).lstrip(" ·,")
        Image.fromarray(sheet(report, name, subtitle)).save(written["sheet"], compress_level=4)
    except OSError as error:
        raise InvalidInput.at("--out", f"{folder}: {error.strerror}", "name a folder that can be written to") from None
    return written
