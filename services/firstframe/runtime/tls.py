"""Certificates of mutual TLS: read from files, checked as the other side would, read again when the files change."""

from __future__ import annotations

import math
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import grpc
import structlog
from prometheus_client import Counter, Gauge

_LOG = structlog.get_logger(__name__)
_EXPIRY = Gauge(
    "firstframe_tls_certificate_expiry_timestamp_seconds",
    "When the certificate that is in use ends, in seconds since 1970.",
)
_RELOADS = Counter(
    "firstframe_tls_reloads_total", "Changes of the certificate's files that were taken or refused.", ["outcome"]
)
_READINGS = 5
_RETRY_S = 1.0
_FLIGHTS = 4
"""More turns than a handshake has; one of TLS 1.3 takes two for each side."""


class UnusableCertificate(ValueError):
    """Files that no connection can be made with; the message names the file and what is wrong."""


@dataclass(frozen=True, slots=True)
class TlsFiles:
    """Files in PEM form."""

    certificate: Path
    """Own certificate, then those that lead from it to the CA."""
    key: Path
    """Its key, without a password."""
    ca: Path
    """Certificates that the other side's must lead to."""

    @property
    def paths(self) -> tuple[Path, Path, Path]:
        """All three."""
        return self.certificate, self.key, self.ca


@dataclass(frozen=True, slots=True)
class Material:
    """What the files held at one moment: a pair that belongs together, and the CA."""

    certificate: bytes
    key: bytes
    ca: bytes
    names: tuple[str, ...]
    """Own DNS and URI names (SAN)."""
    end_s: float
    """When the own certificate ends, in seconds since 1970."""


def read(files: TlsFiles, *, serving: bool = True) -> Material:
    """Reads and checks the files; they may be replaced meanwhile, what is returned belongs together.

    Args:
        files: Where to read.
        serving: Whether the certificate must do for a server as well as for a client.

    Raises:
        UnusableCertificate: A file is missing or broken, the key is another's, or the certificate has ended, is not of the
            CA, or is not made for its use.
    """
    for _ in range(_READINGS):
        before = _contents(files)
        try:
            material = _checked(files, before, serving)
        except UnusableCertificate:
            if _contents(files) == before:
                raise
        else:
            if _contents(files) == before:
                return material
    raise UnusableCertificate(f"{files.certificate}: is being replaced all the time")


def _contents(files: TlsFiles) -> tuple[bytes, bytes, bytes]:
    return _content(files.certificate), _content(files.key), _content(files.ca)


def _content(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise UnusableCertificate(f"{path}: cannot be read: {error.strerror}") from None


def _checked(files: TlsFiles, contents: tuple[bytes, bytes, bytes], serving: bool) -> Material:
    """Makes a connection from the files to themselves: whatever fails there would fail with every other service."""
    server = _context(ssl.PROTOCOL_TLS_SERVER, files)
    client = _context(ssl.PROTOCOL_TLS_CLIENT, files)
    if not serving:
        client.verify_mode = ssl.CERT_NONE
    with _named(files.certificate, f"the CA of {files.ca} refuses it: "):
        found = _shake_hands(server, client)
    names = tuple(value for kind, value in found.get("subjectAltName", ()) if kind in ("DNS", "URI"))
    return Material(*contents, names, ssl.cert_time_to_seconds(found["notAfter"]))


def _context(protocol: int, files: TlsFiles) -> ssl.SSLContext:
    context = ssl.SSLContext(protocol)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.check_hostname = False
    context.verify_mode = ssl.CERT_REQUIRED
    context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN  # as gRPC does: the CA need not be a root
    with _named(files.ca, "holds no certificate: "):
        context.load_verify_locations(files.ca)
    with _named(files.certificate, "holds no certificate: "):
        ssl.SSLContext(protocol).load_verify_locations(files.certificate)
    with _named(files.key, f"is not the key of {files.certificate}, or has a password: "):
        context.load_cert_chain(files.certificate, files.key, password="")  # else OpenSSL asks on the terminal
    return context


@contextmanager
def _named(path: Path, meaning: str) -> Iterator[None]:
    """Gives OpenSSL's errors the name of the file and what they mean."""
    try:
        yield
    except OSError as error:  # an SSLError is one
        said = getattr(error, "verify_message", None) or getattr(error, "reason", None) or error.strerror or error
        raise UnusableCertificate(f"{path}: {meaning}{said}") from None


def _shake_hands(server: ssl.SSLContext, client: ssl.SSLContext) -> dict[str, Any]:
    """A handshake in memory; returns the client's certificate as the server sees it.

    Raises:
        ssl.SSLError: One side refuses the other.
    """
    inward, outward = ssl.MemoryBIO(), ssl.MemoryBIO()
    caller = client.wrap_bio(outward, inward, server_side=False)
    callee = server.wrap_bio(inward, outward, server_side=True)
    for _ in range(_FLIGHTS):
        for end in (caller, callee):
            _advance(end)
    return callee.getpeercert() or {}


def _advance(end: ssl.SSLObject) -> None:
    try:
        end.do_handshake()
    except ssl.SSLWantReadError:
        return


class Certificates:
    """What the files hold now, or held when they were last in order. Safe to use from several threads.

    Args:
        files: The files; cert-manager and others replace them while the process runs.
        serving: See `read`.

    Raises:
        UnusableCertificate: They are not in order at the start.
    """

    def __init__(self, files: TlsFiles, *, serving: bool = True) -> None:
        self._files = files
        self._serving = serving
        self._lock = threading.Lock()
        self._seen = self._look()
        self._material = read(files, serving=serving)
        self._problem = ""
        self._again_s = math.inf
        _EXPIRY.set(self._material.end_s)

    def current(self) -> Material:
        """Looks at the files and reads them when they changed; when they are broken, the last good ones stay."""
        with self._lock:
            seen = self._look()
            if seen != self._seen or time.monotonic() >= self._again_s:
                self._seen = seen
                self._reload()
            return self._material

    def _look(self) -> tuple[tuple[int, int, int] | None, ...]:
        return tuple(_identity(path) for path in self._files.paths)

    def _reload(self) -> None:
        try:
            material = read(self._files, serving=self._serving)
        except UnusableCertificate as error:
            self._refuse(str(error))
        else:
            self._take(material)

    def _refuse(self, problem: str) -> None:
        """Tells each problem once, and looks again soon: a file may change without its time and size doing so."""
        self._again_s = time.monotonic() + _RETRY_S
        if problem != self._problem:
            self._problem = problem
            _RELOADS.labels("refused").inc()
            _LOG.warning("new certificate is unusable, keeping the old one", problem=problem)

    def _take(self, material: Material) -> None:
        self._problem, self._again_s = "", math.inf
        if material == self._material:
            return
        self._material = material
        _RELOADS.labels("taken").inc()
        _EXPIRY.set(material.end_s)
        _LOG.info("new certificate", names=material.names, valid_for_s=round(material.end_s - time.time()))


def _identity(path: Path) -> tuple[int, int, int] | None:
    """What differs when a file, or a link on the way to it, was replaced; None while it is missing."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_ino, found.st_mtime_ns, found.st_size


def server_credentials(certificates: Certificates) -> grpc.ServerCredentials:
    """Credentials of a server that wants a certificate from every client; each new connection gets the current ones."""

    def now() -> grpc.ServerCertificateConfiguration:
        return _configuration(certificates.current())

    return grpc.dynamic_ssl_server_credentials(now(), now, require_client_authentication=True)


def _configuration(material: Material) -> grpc.ServerCertificateConfiguration:
    return grpc.ssl_server_certificate_configuration([(material.key, material.certificate)], material.ca)


def channel_credentials(material: Material) -> grpc.ChannelCredentials:
    """Credentials of one channel."""
    return grpc.ssl_channel_credentials(material.ca, material.key, material.certificate)
