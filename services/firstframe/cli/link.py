"""How the commands speak with an orchestrator, and what is wrong when the two sides will never agree."""

from __future__ import annotations

import asyncio
import ssl
from typing import NoReturn

import grpc

from firstframe.core.errors import InvalidInput
from firstframe.runtime.client import ClientTls, connect
from firstframe.runtime.settings import ClientTlsSettings
from firstframe.runtime.tls import TlsFiles

_HANDSHAKE_S = 2.0
_MOST_SILENT = 3
"""Connections that end without a word before that is taken for an answer: a server that stops does the same once."""
_WRONG_NAME = 62
"""OpenSSL's X509_V_ERR_HOSTNAME_MISMATCH, <https://docs.openssl.org/3.0/man3/X509_STORE_CTX_get_error/>, 2026-11-23."""


class Link:
    """Plain gRPC, or mutual TLS where the settings name files.

    gRPC says of any handshake that fails that the server is unavailable. So that a person learns why, a handshake of our
    own is tried when it does.

    Args:
        tls: The settings.
    """

    def __init__(self, tls: ClientTlsSettings) -> None:
        self._files = tls.files
        self._name = tls.names.of("orchestrator")
        self._tls = ClientTls(tls.certificates, self._name) if tls.certificates else None
        self._silent = 0

    def open(self, address: str) -> grpc.aio.Channel:
        """A channel to `host:port`."""
        return connect(address, self._tls)

    async def check(self, address: str) -> None:
        """Returns when waiting may help.

        Raises:
            InvalidInput: `TLS_REFUSED`: one side refuses the other, and will until a setting is changed.
        """
        try:
            context = _context(self._files)
        except OSError:  # the files are being replaced; the channel keeps what it had
            return
        try:
            answered = await _shake_hands(address, context, self._name)
        except ssl.SSLError as error:
            self._explain(address, error)
        except (OSError, TimeoutError):
            self._silent = 0
        else:
            self._wants_tls(address)
            self._count(address, answered)

    def _count(self, address: str, answered: bool) -> None:
        self._silent = 0 if answered else self._silent + 1
        if self._silent == _MOST_SILENT:
            self._unwanted(address, "it ends the connection")

    def _unwanted(self, address: str, words: str) -> NoReturn:
        fix = "use one of the orchestrator's CA that is made for clients"
        _refuse("CERTIFICATE", f"{address} refuses the certificate: {words}", fix)

    def _explain(self, address: str, error: ssl.SSLError) -> None:
        if isinstance(error, ssl.SSLCertVerificationError):
            self._distrust(address, error)
        if "ALERT" in str(error.reason):
            self._wants_tls(address)
            self._unwanted(address, str(error.reason).lower().replace("_", " "))
        if self._files is not None and error.reason in {"WRONG_VERSION_NUMBER", "RECORD_LAYER_FAILURE"}:
            _refuse("CERTIFICATE", f"{address} speaks no TLS", "unset FIRSTFRAME_CLI_TLS__…, or set the orchestrator's")

    def _distrust(self, address: str, error: ssl.SSLCertVerificationError) -> NoReturn:
        if error.verify_code == _WRONG_NAME:
            problem = f"the certificate of {address} does not name {self._name}"
            _refuse("DOMAIN", problem, "use the domain of its release, or check the address")
        problem = f"the certificate of {address} is refused: {error.verify_message}"
        _refuse("CA", problem, "use the CA that the orchestrator's certificate comes from")

    def _wants_tls(self, address: str) -> None:
        if self._files is None:
            _refuse("CERTIFICATE", f"is not set, and {address} speaks TLS", "set it, __KEY and __CA to files")


def _refuse(setting: str, problem: str, fix: str) -> NoReturn:
    variable = f"FIRSTFRAME_CLI_TLS__{setting}"
    raise InvalidInput(f"{variable}: {problem}; {fix}", reason="TLS_REFUSED", metadata={"field": variable})


def _context(files: TlsFiles | None) -> ssl.SSLContext:
    """As gRPC would: a context of the files; without any, one that only tells whether TLS is spoken."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.set_alpn_protocols(["h2"])
    if files is None:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        return context
    context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
    context.load_verify_locations(files.ca)
    context.load_cert_chain(files.certificate, files.key, password="")
    return context


async def _shake_hands(address: str, context: ssl.SSLContext, name: str) -> bool:
    """A handshake, and whether the server then says anything: with TLS 1.3 it judges the caller's certificate after it.

    Raises:
        ssl.SSLError: One side refuses the other.
        OSError: Nobody answers.
        TimeoutError: Nobody answers in time.
    """
    host, port = address.rsplit(":", 1)
    async with asyncio.timeout(_HANDSHAKE_S):
        reader, writer = await asyncio.open_connection(host.strip("[]"), int(port), ssl=context, server_hostname=name)
        try:
            return bool(await reader.read(1))
        finally:
            writer.close()


PLAIN = Link(ClientTlsSettings())
"""Plain gRPC."""
