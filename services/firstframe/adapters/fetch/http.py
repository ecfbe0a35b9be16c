"""Downloads over HTTP that go on where they were cut off (RFC 9110, sections 13 and 14)."""

from __future__ import annotations

import re
import time
from http import HTTPStatus

import httpx

from firstframe.adapters.fetch.part import Part
from firstframe.core.errors import FirstframeError, NotFound, PermissionDenied, Unavailable

TIMEOUT_S = 30.0
"""Bound on connecting and on each wait for bytes, in seconds."""
FRUITLESS_TRIES = 4
"""Connections in a row that bring no byte before the server counts as unreachable."""
MAX_CONNECTIONS = 1000
BACKOFF_S = 0.5
_RANGE = re.compile(r"bytes (\d+)-\d+/(\d+)")
_REFUSED = (401, 403, 407, 451)
_MISSING = (404, 410)
_TRANSIENT = (408, 425, 429)
PLAIN = {"accept-encoding": "identity"}
"""Compressed bytes could not be counted against the size, or continued."""


class CutOffError(Exception):
    """The server failed in a way that may pass."""


def open_client(headers: dict[str, str]) -> httpx.Client:
    """A client that follows redirects; `headers` stay with the host that they are for where they carry credentials."""
    return httpx.Client(timeout=TIMEOUT_S, follow_redirects=True, headers=headers)


def download(client: httpx.Client, url: str, part: Part) -> bool:
    """Brings a file, over as many connections as it takes.

    Args:
        client: See `open_client`.
        url: The file's address.
        part: Where its bytes go; what it holds of the same version is kept.

    Returns:
        Whether bytes of an earlier connection were kept.

    Raises:
        NotFound: `FILE_NOT_FOUND`.
        PermissionDenied: `SOURCE_REFUSED`.
        Unavailable: `SOURCE_UNREACHABLE`; what was fetched is kept for the next call.
        DataCorrupted: `DOWNLOAD_WRONG_SIZE`.
        PreconditionFailed: `DISK_FULL` or `DISK_NOT_WRITABLE`.
    """
    continued, fruitless = part.held > 0, 0
    for _ in range(MAX_CONNECTIONS):
        before = part.held
        try:
            _go_on(client, url, part)
            if part.validator and not part.whole:
                raise CutOffError("the server ended too early")
        except (httpx.TransportError, CutOffError) as error:
            fruitless = 0 if part.held > before else fruitless + 1
            if fruitless == FRUITLESS_TRIES:
                raise _unreachable(url, error) from error
            continued = True
            time.sleep(BACKOFF_S * 2**fruitless)
        else:
            part.finish()
            return continued
    raise _unreachable(url, CutOffError(f"cut off {MAX_CONNECTIONS} times"))


def _go_on(client: httpx.Client, url: str, part: Part) -> None:
    if part.whole:
        return
    with client.stream("GET", url, headers=PLAIN | _wish(part)) as response:
        _check_status(response, url, part)
        if response.status_code == HTTPStatus.PARTIAL_CONTENT:
            _check_range(response, part)
        else:
            _check_length(response, part)
            part.start(_validator(response))
        # As they come: pieces of a fixed size would lose the last one when the connection is cut.
        part.append(response.iter_raw())


def _wish(part: Part) -> dict[str, str]:
    held = part.held
    return {"range": f"bytes={held}-", "if-range": part.validator} if held else {}


def _check_status(response: httpx.Response, url: str, part: Part) -> None:
    status = response.status_code
    if status == HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE:
        part.drop()
        raise CutOffError("the server has fewer bytes than were fetched before")
    if status in _TRANSIENT or status >= 500:
        raise CutOffError(f"answered {status}")
    if status not in {HTTPStatus.OK, HTTPStatus.PARTIAL_CONTENT}:
        raise status_error(status, url)


def _check_range(response: httpx.Response, part: Part) -> None:
    found = _RANGE.fullmatch(response.headers.get("content-range", ""))
    if found is None or int(found[1]) != part.held:
        part.drop()
        raise CutOffError("the server answered with another range than it was asked for")
    part.check_size(int(found[2]))


def _check_length(response: httpx.Response, part: Part) -> None:
    if "content-length" in response.headers:
        part.check_size(int(response.headers["content-length"]))


def _validator(response: httpx.Response) -> str:
    """What `If-Range` may be given: a strong ETag, else the date, which the final digest makes up for."""
    etag: str = response.headers.get("etag", "")
    return etag if etag and not etag.startswith("W/") else response.headers.get("last-modified", "")


def status_error(status: int, url: str) -> FirstframeError:
    """The error that a status of HTTP other than success means."""
    if status in _MISSING:
        return NotFound(
            f"{url} does not exist (HTTP {status}); look at the source in the pack", reason="FILE_NOT_FOUND"
        )
    if status in _REFUSED:
        return PermissionDenied(
            f"{url} is refused (HTTP {status}); set the credentials that its source needs", reason="SOURCE_REFUSED"
        )
    return Unavailable(f"{url} answered HTTP {status}; try again later", reason="SOURCE_UNREACHABLE")


def _unreachable(url: str, error: Exception) -> Unavailable:
    text = f"{url} cannot be fetched ({str(error) or type(error).__name__}); look at the network, then pull again"
    return Unavailable(text, reason="SOURCE_UNREACHABLE")
