"""The library: finished videos with their manifests, stills, a contact sheet, a gallery and an index.

Files come before what refers to them; `library.json` is last, so that it never names a file that is not there.
"""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

from firstframe.api.campaigns.v1 import campaigns_pb2
from firstframe.cli.checks import overlay_path
from firstframe.cli.gallery import render_gallery
from firstframe.cli.index import Index, build_index, manifest_path, still_path, video_path
from firstframe.cli.shelf import PARTIAL, Shelf
from firstframe.core.canonical import digest_of
from firstframe.core.errors import InvalidInput, PreconditionFailed
from firstframe.ports.blobstore import BlobStore

INDEX = "library.json"
GALLERY = "index.html"
GALLERY_MARK = b'<meta name="generator" content="firstframe">'
"""What a gallery of ours is told by."""
SHEET_VERSION = 2
"""Raised whenever the contact sheet's look changes."""


@dataclass(frozen=True, slots=True)
class Export:
    """What an export did."""

    folder: Path
    videos: int
    written: tuple[str, ...]
    kept: tuple[str, ...]
    stale: tuple[str, ...]
    """Files of an earlier version of the campaign that are no longer part of it. They are left where they are."""

    def json(self) -> dict[str, object]:
        """The export as one JSON object."""
        return {
            "event": "library",
            "folder": str(self.folder),
            "index": str(self.folder / INDEX),
            "gallery": str(self.folder / GALLERY),
            "videos": self.videos,
            "files_written": len(self.written),
            "files_kept": len(self.kept),
            "stale": list(self.stale),
        }


def chosen_folder(words: str) -> Path:
    """The output folder that the caller names.

    Raises:
        InvalidInput: It is no name, or the root of the file system.
    """
    if not words.strip():
        raise InvalidInput.at("--out", "is empty", "name a folder, for example out/first-light")
    if os.path.realpath(words) == os.sep:
        raise InvalidInput.at("--out", f"{words} is the root of the file system", "name a folder of its own")
    return Path(words)


def check_folder(folder: Path, campaign: str) -> None:
    """Makes the output folder and proves that it can be written.

    Raises:
        InvalidInput: It cannot, or it holds the library of another campaign or a page of somebody else.
    """
    check_writable(folder)
    _check_owner(folder, campaign)


def check_writable(folder: Path, argument: str = "--out") -> None:
    """Makes a folder and proves that it can be written.

    Args:
        folder: Where something is going to be written.
        argument: What names it.

    Raises:
        InvalidInput: It cannot.
    """
    try:
        if folder.exists() and not folder.is_dir():
            raise InvalidInput.at(argument, f"{folder} is a file", "name a folder")
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        raise InvalidInput.at(
            argument, f"{folder} cannot be written: {error.strerror}", "choose another folder"
        ) from None


def _check_owner(folder: Path, campaign: str) -> None:
    earlier = _earlier(folder)
    other = earlier.get("campaign", campaign)
    if other != campaign:
        raise InvalidInput.at("--out", f"{folder} has the library of campaign {other}", "choose another folder")
    # A run that was killed before its index was written leaves a gallery of ours alone; that one is written over.
    if not earlier and _is_of_somebody_else(folder / GALLERY):
        text = f"{folder} has an {GALLERY} that is not a gallery of firstframe and would be written over"
        raise InvalidInput.at("--out", text, "choose another folder")


def _is_of_somebody_else(gallery: Path) -> bool:
    return gallery.is_file() and GALLERY_MARK not in gallery.read_bytes()


def export(campaign: campaigns_pb2.Campaign, store: BlobStore, folder: Path) -> Export:
    """Writes everything that the campaign has so far. Files that are there already are left alone.

    Raises:
        Conflict: Another run writes into the folder now.
        NotFound, DataCorrupted, Unavailable: From the store.
        InvalidInput: The folder cannot be written.
        PreconditionFailed: The disk is full, or a file is in the way.
    """
    check_folder(folder, campaign.brief.campaign)
    shelf = Shelf(folder)
    try:
        with shelf.locked():
            return _export(campaign, store, shelf)
    except OSError as error:
        where = folder if PARTIAL in str(error.filename or PARTIAL) else error.filename
        text = f"{where} cannot be written: {error.strerror}; make room, then run the same again"
        raise PreconditionFailed(text, reason="LIBRARY_NOT_WRITABLE") from error


def _export(campaign: campaigns_pb2.Campaign, store: BlobStore, shelf: Shelf) -> Export:
    earlier = _earlier(shelf.folder)
    index = build_index(campaign)
    for digest, path in _artifacts(campaign):
        shelf.fetch(store, digest, path)
    index["contact_sheet"] = _contact_sheet(index, earlier, shelf)
    index["files"] = sorted({*shelf.written, *shelf.kept, GALLERY})
    index["stale"] = _stale(earlier, index["files"], shelf)
    shelf.write(render_gallery(index).encode(), GALLERY)
    shelf.write((json.dumps(index, indent=2, ensure_ascii=False) + "\n").encode(), INDEX)
    stale = tuple(index["stale"])
    return Export(shelf.folder, len(index["videos"]), tuple(shelf.written), tuple(shelf.kept), stale)


def _artifacts(campaign: campaigns_pb2.Campaign) -> Iterable[tuple[str, str]]:
    """Digest and path of each file that comes from the store; manifests before the videos that they speak of."""
    for lane in campaign.lanes:
        if lane.hero.image.digest:
            yield lane.hero.image.digest, still_path(lane)
        for check in lane.preflight.checks:
            if path := overlay_path(lane, check):
                yield check.overlay.digest, path
    for lane in campaign.lanes:
        for item in lane.deliverables:
            yield item.manifest.digest, manifest_path(item)
            yield item.video.digest, video_path(item)


def _earlier(folder: Path) -> Index:
    """The index of the library that is there, empty when there is none."""
    try:
        found = json.loads((folder / INDEX).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def _stale(earlier: Index, files: list[str], shelf: Shelf) -> list[str]:
    known = {path for path in (*earlier.get("files", ()), *earlier.get("stale", ())) if isinstance(path, str)}
    return sorted(path for path in known - set(files) if path != INDEX and shelf.exists(path))


def _contact_sheet(index: Index, earlier: Index, shelf: Shelf) -> Index:
    """Draws the contact sheet, unless the one that is there shows the same."""
    key = digest_of({"version": SHEET_VERSION, "index": index})
    last = earlier.get("contact_sheet", {})
    files = last.get("files", {})
    if last.get("key") == key and all(shelf.digest(path) == digest for path, digest in files.items()):
        shelf.kept.extend(files)
        return {"key": key, "files": files}
    return {"key": key, "files": _draw(index, shelf)}


def _draw(index: Index, shelf: Shelf) -> dict[str, str | None]:
    # Pillow and the decoder are needed only where something has changed.
    from firstframe.cli.contact_sheet import draw_sheets
    from firstframe.cli.sheet_lanes import sheet_heading, sheet_lanes

    lanes = sheet_lanes(index, shelf.folder)
    digests = {}
    for number, sheet in enumerate(draw_sheets(index["campaign"], sheet_heading(index), lanes), start=1):
        data = BytesIO()
        sheet.save(data, "PNG", optimize=False)
        path = "contact-sheet.png" if number == 1 else f"contact-sheet-{number}.png"
        shelf.write(data.getvalue(), path)
        digests[path] = shelf.digest(path)
    return digests
