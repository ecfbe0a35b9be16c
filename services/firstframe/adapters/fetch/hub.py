"""A model hub that speaks `<endpoint>/<repo>/resolve/<revision>/<path>` and `<endpoint>/api/models/<repo>`."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx

from firstframe.adapters.fetch.http import PLAIN, download, open_client, status_error
from firstframe.adapters.fetch.part import Part
from firstframe.core.errors import DataCorrupted, InvalidInput, PermissionDenied, Unavailable

DEFAULT_ENDPOINT = "https://huggingface.co"
MAX_PLAIN_BYTES = 64 << 20
"""Largest file that is read only to know its digest; larger ones are kept by digest on the hub."""
MAX_PAGES = 1000


@dataclass(frozen=True, slots=True)
class FileOnHub:
    """One file of a repository."""

    name: str
    size_bytes: int
    sha256: str | None
    """64 lower-case hexadecimal digits; None for small files, of which the hub keeps no SHA-256."""


class ModelHub:
    """A hub.

    Args:
        endpoint: Its address.
        token: Access token, empty for what is public. It is sent to the endpoint's host alone, and is in no message.
    """

    def __init__(self, endpoint: str = DEFAULT_ENDPOINT, token: str = "") -> None:
        self._endpoint = endpoint.rstrip("/")
        self._headers = {"authorization": f"Bearer {token}"} if token else {}

    def fetch(
        self, repo: str, revision: str, name: str, target: Path, *, size_bytes: int, report: Callable[[int], None]
    ) -> bool:
        """Fetches one file; see `firstframe.adapters.fetch.http.download`."""
        url = self._address(repo, revision, name)
        with _explained(repo), open_client(self._headers) as client:
            return download(client, url, Part(target, url, size_bytes, report))

    def list_files(self, repo: str, revision: str) -> tuple[str, list[FileOnHub]]:
        """The commit that a revision names now, and all its files.

        Raises:
            NotFound: `FILE_NOT_FOUND`, there is no such repository or revision.
            PermissionDenied: `SOURCE_REFUSED`.
            Unavailable: `SOURCE_UNREACHABLE`.
        """
        with _explained(repo), open_client(self._headers) as client:
            about = _get(client, f"{self._endpoint}/api/models/{repo}/revision/{quote(revision, safe='')}").json()
            commit = str(about["sha"])
            return commit, [_file(entry) for entry in self._tree(client, repo, commit) if entry["type"] == "file"]

    def digest_of(self, repo: str, commit: str, name: str, *, size_bytes: int) -> str:
        """SHA-256 of a small file, which is read for that.

        Raises:
            InvalidInput: `FILE_TOO_LARGE`.
            DataCorrupted: `DOWNLOAD_WRONG_SIZE`.
            FirstframeError: See `list_files`.
        """
        if size_bytes > MAX_PLAIN_BYTES:
            text = f"{name} has {size_bytes} bytes and the hub keeps no SHA-256 of it; leave it out with `include`"
            raise InvalidInput(text, reason="FILE_TOO_LARGE")
        with _explained(repo), open_client(self._headers) as client:
            return _digest(client, self._address(repo, commit, name), size_bytes)

    def _tree(self, client: httpx.Client, repo: str, commit: str) -> Iterator[dict[str, Any]]:
        url: str | None = f"{self._endpoint}/api/models/{repo}/tree/{commit}?recursive=true"
        for _ in range(MAX_PAGES):
            if url is None:
                return
            response = _get(client, url)
            yield from response.json()
            url = response.links.get("next", {}).get("url")

    def _address(self, repo: str, revision: str, name: str) -> str:
        return f"{self._endpoint}/{repo}/resolve/{quote(revision, safe='')}/{quote(name)}"


class HubFiles:
    """The files of one repository at one revision.

    Args:
        hub: The hub.
        repo: `owner/name`.
        revision: Commit, tag or branch.
    """

    def __init__(self, hub: ModelHub, repo: str, revision: str) -> None:
        self._hub = hub
        self._repo = repo
        self._revision = revision

    def fetch(self, name: str, target: Path, *, size_bytes: int, report: Callable[[int], None]) -> bool:
        """See `firstframe.adapters.fetch.http.download`."""
        return self._hub.fetch(self._repo, self._revision, name, target, size_bytes=size_bytes, report=report)


def _get(client: httpx.Client, url: str) -> httpx.Response:
    response = client.get(url)
    if response.is_error:
        raise status_error(response.status_code, url)
    return response


def _digest(client: httpx.Client, url: str, size_bytes: int) -> str:
    hasher, left = hashlib.sha256(), size_bytes
    with client.stream("GET", url, headers=PLAIN) as response:
        if response.is_error:
            raise status_error(response.status_code, url)
        for chunk in response.iter_raw():
            left -= len(chunk)
            if left < 0:
                break
            hasher.update(chunk)
    if left:
        raise DataCorrupted(f"{url} has not the {size_bytes} bytes that the hub says", reason="DOWNLOAD_WRONG_SIZE")
    return hasher.hexdigest()


def _file(entry: dict[str, Any]) -> FileOnHub:
    large = entry.get("lfs") or {}
    return FileOnHub(str(entry["path"]), int(entry["size"]), large.get("oid"))


@contextmanager
def _explained(repo: str) -> Iterator[None]:
    """Turns what the hub answers into errors that tell what to do."""
    try:
        yield
    except PermissionDenied as error:
        fix = "accept the terms on the repository's page, and set HF_TOKEN to a token that may read it"
        raise PermissionDenied(f"{error.message}: {repo} is gated or private; {fix}", reason=error.reason) from error
    except httpx.TransportError as error:
        text = (
            f"the hub cannot be reached ({str(error) or type(error).__name__}); look at the network and at HF_ENDPOINT"
        )
        raise Unavailable(text, reason="SOURCE_UNREACHABLE") from error
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        text = f"what answers for {repo} is no model hub ({error!r}); look at HF_ENDPOINT"
        raise Unavailable(text, reason="SOURCE_UNREACHABLE") from error
