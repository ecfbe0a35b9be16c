"""Locks: the files of a hub's repository at one commit, each by size and digest.

Packs of the learned tier list no downloads: `models/locks/<pack>.json` does, made by `firstframe models lock` on a machine that
reaches the hub, and kept with the packs.
"""

from __future__ import annotations

from collections.abc import Iterator
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from firstframe.core.errors import InvalidInput, NotFound
from firstframe.packs.pickles import refuse_names
from firstframe.packs.ports import Hub, HubFile
from firstframe.packs.spec import Download, HubSource, Name, Pack, Source

DIFFUSERS_FILES = (
    "model_index.json",
    "*/*.json",
    "*/*.txt",
    "*/*.model",
    "*/*.safetensors",
    "!*.fp16.*",
    "!*.bf16.*",
    "!*.non_ema.*",
)
"""What diffusers loads of a repository, without the variants that it loads only when asked."""
_BLANK = "0" * 64


class Lock(BaseModel):
    """A lock file."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    pack: Name
    repo: str
    commit: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{40}$")]
    files: tuple[Download, ...] = Field(min_length=1)


def locks_folder(packs: Path) -> Path:
    """Where the locks of a folder of packs are."""
    return packs.parent / "locks"


def with_lock(pack: Pack, folder: Path) -> Pack:
    """A pack with the downloads of its lock, its hub source pinned to the commit; the same when it has none or needs none.

    Raises:
        InvalidInput: The lock file is no lock, or that of another pack; the message names file and field.
    """
    path = folder / f"{pack.pack}.json"
    if pack.downloads or not path.is_file():
        return pack
    lock = read_lock(path)
    if lock.pack != pack.pack:
        raise InvalidInput.at(f"{path}: pack", f"says {lock.pack}", f"run `firstframe models lock {pack.pack}`")
    return pack.model_copy(update={"downloads": lock.files, "sources": tuple(_pinned(pack, lock))})


def _pinned(pack: Pack, lock: Lock) -> Iterator[Source]:
    for source in pack.sources:
        ours = isinstance(source, HubSource) and source.repo == lock.repo
        yield source.model_copy(update={"revision": lock.commit}) if ours else source


def read_lock(path: Path) -> Lock:
    """Reads a lock file. Raises InvalidInput: it is none."""
    try:
        return Lock.model_validate_json(path.read_bytes())
    except ValidationError as error:
        problems = "; ".join(f"{'.'.join(map(str, one['loc']))}: {one['msg']}" for one in error.errors())
        raise InvalidInput.at(str(path), problems) from error


def write_lock(lock: Lock, folder: Path) -> Path:
    """Writes a lock file; what is in it is in a fixed order, so that a change shows as one."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{lock.pack}.json"
    new = path.with_suffix(".json.new")
    new.write_text(lock.model_dump_json(indent=2, exclude_defaults=True) + "\n", "utf-8")
    return new.replace(path)


def make_lock(pack: Pack, hub: Hub) -> Lock:
    """Asks a hub for the files of a pack, at the commit that its revision names now.

    Raises:
        NotFound: `NO_HUB_SOURCE`, the pack has no hub among its sources; `NOTHING_TO_LOCK`, no file matches.
        PreconditionFailed: `PICKLE_REFUSED`.
        FirstframeError: The hub cannot be reached or refuses.
    """
    source = next((source for source in pack.sources if isinstance(source, HubSource)), None)
    if source is None:
        raise NotFound(f"{pack.pack} has no hub among its sources, so there is nothing to lock", reason="NO_HUB_SOURCE")
    commit, files = hub.list_files(source.repo, source.revision)
    wanted = [file for file in files if _matches(file.name, source.include or DIFFUSERS_FILES)]
    if not wanted:
        text = f"{source.repo}@{source.revision} has no file that matches; look at `include` of the pack's hub source"
        raise NotFound(text, reason="NOTHING_TO_LOCK")
    refuse_names(pack.pack, (file.name for file in wanted))
    downloads = [_download(file, source.repo, commit, hub) for file in sorted(wanted, key=lambda file: file.name)]
    return Lock(pack=pack.pack, repo=source.repo, commit=commit, files=tuple(downloads))


def _matches(name: str, patterns: tuple[str, ...]) -> bool:
    left_out = any(fnmatchcase(name, pattern[1:]) for pattern in patterns if pattern.startswith("!"))
    return not left_out and any(fnmatchcase(name, pattern) for pattern in patterns)


def _download(file: HubFile, repo: str, commit: str, hub: Hub) -> Download:
    try:
        # The name is looked at before anything is fetched by it.
        blank = Download(name=file.name, sha256=file.sha256 or _BLANK, size_bytes=file.size_bytes)
    except ValidationError as error:
        raise InvalidInput.at(file.name, f"cannot be kept in a pack: {error.errors()[0]['msg']}") from error
    if file.sha256:
        return blank
    return blank.model_copy(update={"sha256": hub.digest_of(repo, commit, file.name, size_bytes=file.size_bytes)})
