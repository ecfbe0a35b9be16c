"""Settings: read from the environment once, checked at boot, documented where they are defined."""

from __future__ import annotations

import re
import sys
from functools import cached_property
from pathlib import Path
from typing import Any, ClassVar, Literal, Self, TypeVar, get_args

from pydantic import BaseModel, Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsError

from firstframe.runtime.roles import Role, RoleNames
from firstframe.runtime.tls import Certificates, TlsFiles

_FIELD = re.compile(r'field "(\w+)"')
_ADDRESS = re.compile(r"[^\s:]+:\d{1,5}|\[[0-9a-fA-F:]+\]:\d{1,5}")


class StoreSettings(BaseModel):
    """Where artifacts are."""

    kind: Literal["folder", "s3"] = Field(default="folder", description="`folder` on one machine, `s3` in a cluster.")
    folder: Path = Field(default=Path(".firstframe/store"), description="Folder of the artifacts, for kind `folder`.")
    s3_endpoint: str = Field(default="", description="`host:port` of the S3 server.")
    s3_bucket: str = Field(default="", description="Bucket; it must exist.")
    s3_region: str = Field(default="us-east-1", description="Region of the bucket.")
    s3_access_key: SecretStr = Field(default=SecretStr(""), description="Access key.")
    s3_secret_key: SecretStr = Field(default=SecretStr(""), description="Secret key.")
    s3_secure: bool = Field(default=True, description="Whether the S3 server speaks TLS.")

    @model_validator(mode="after")
    def _s3_is_complete(self) -> StoreSettings:
        names = ("s3_endpoint", "s3_bucket", "s3_access_key", "s3_secret_key")
        missing = [name for name in names if not _reveal(getattr(self, name))]
        if self.kind == "s3" and missing:
            raise ValueError(f"kind s3 needs {', '.join(missing)}")
        return self

    def values(self) -> dict[str, Any]:
        """Arguments for `firstframe.adapters.stores.open_store`, secrets in the clear."""
        return {name: _reveal(getattr(self, name)) for name in type(self).model_fields}


class ClientTlsSettings(BaseModel):
    """Mutual TLS of a program that only calls; without files it speaks plain gRPC."""

    serves: ClassVar[bool] = False
    """Whether the certificate must do for a server as well."""

    certificate: Path | None = Field(
        default=None, description="Own certificate and its chain, PEM; read again when it changes."
    )
    key: Path | None = Field(default=None, description="Key of the certificate, PEM, without a password.")
    ca: Path | None = Field(default=None, description="CA that the certificates of all services come from, PEM.")
    domain: str = Field(
        default="firstframe.svc",
        min_length=1,
        description="Domain of the names in certificates: `orchestrator.<domain>` may do what an orchestrator may, and a"
        " caller of imagegen wants to see `imagegen.<domain>`.",
    )

    @model_validator(mode="after")
    def _is_usable(self) -> Self:
        files = {name: getattr(self, name) for name in ("certificate", "key", "ca")}
        missing = [name for name, path in files.items() if path is None]
        if 0 < len(missing) < len(files):
            raise ValueError(f"mutual TLS needs {', '.join(missing)} as well; set all three files, or none")
        _ = self.certificates
        return self

    @property
    def files(self) -> TlsFiles | None:
        """The three files; None for plain gRPC."""
        if self.certificate is None or self.key is None or self.ca is None:
            return None
        return TlsFiles(self.certificate, self.key, self.ca)

    @cached_property
    def certificates(self) -> Certificates | None:
        """What the files hold, followed from now on; None for plain gRPC."""
        return Certificates(self.files, serving=self.serves) if self.files else None

    @property
    def names(self) -> RoleNames:
        """Which names stand for which role."""
        return RoleNames(self.domain)


class TlsSettings(ClientTlsSettings):
    """Mutual TLS between services; without files the service speaks plain gRPC."""

    serves: ClassVar[bool] = True

    roles: dict[str, Role] = Field(
        default_factory=dict,
        description="Further names (DNS or URI SAN) and their roles, as JSON: `orchestrator`, `gateway`, `operator`"
        " or `client`.",
    )

    @property
    def names(self) -> RoleNames:
        """Which names stand for which role."""
        return RoleNames(self.domain, self.roles)


def checked_address(value: str) -> str:
    """`value` if it is `host:port`.

    Raises:
        ValueError: It is not.
    """
    if not _ADDRESS.fullmatch(value) or int(value.rsplit(":", 1)[1]) > 65535:
        raise ValueError("use host:port with a port from 0 to 65535")
    return value


def _reveal(value: object) -> object:
    return value.get_secret_value() if isinstance(value, SecretStr) else value


class ServiceSettings(BaseSettings):
    """What every service is told at its start."""

    listen: str = Field(default="127.0.0.1:0", description="`host:port` of the gRPC server; port 0 takes a free one.")
    metrics_listen: str = Field(
        default="127.0.0.1:0",
        description="`host:port` of `/metrics`, `/healthz` and `/readyz`; port 0 takes a free one.",
    )
    drain_grace_s: float = Field(
        default=600, ge=0, description="Time that running work gets to finish after SIGTERM, in seconds."
    )
    default_deadline_s: float = Field(
        default=3600, gt=0, description="Deadline of calls that come without one, in seconds."
    )
    log_level: Literal["debug", "info", "warning", "error"] = Field(
        default="info", description="Least level that is logged."
    )
    log_format: Literal["json", "console"] = Field(
        default="json", description="`json` for machines, `console` for people."
    )
    reflection: bool = Field(default=True, description="Whether the server describes its API to any client.")
    address_file: Path | None = Field(
        default=None,
        description="File that gets the bound addresses and the process id as JSON once the server serves.",
    )
    parent_pid: int | None = Field(
        default=None, gt=0, description="Process that started this one; when it is gone, the service stops at once."
    )
    store: StoreSettings = Field(default_factory=StoreSettings, description="Where artifacts are.")
    tls: TlsSettings = Field(default_factory=TlsSettings, description="Mutual TLS between services.")

    @field_validator("listen", "metrics_listen")
    @classmethod
    def _is_address(cls, value: str) -> str:
        return checked_address(value)


class StageSettings(ServiceSettings):
    """What every stage service is told besides."""

    slots: int = Field(default=1, ge=1, le=1024, description="Pieces of work done at the same time.")
    scratch_dir: Path | None = Field(
        default=None, description="Folder for work in progress; the system's own by default."
    )


S = TypeVar("S", bound=BaseSettings)


def load(kind: type[S]) -> S:
    """Reads settings from the environment; wrong ones end the process with one line each and exit code 2."""
    try:
        return kind()
    except ValidationError as error:
        raise _refuse(problems(kind, error)) from None
    except SettingsError as error:
        raise _refuse([_not_json(kind, error)]) from None


def _refuse(lines: list[str]) -> SystemExit:
    for line in lines:
        print(f"error: {line}", file=sys.stderr)  # noqa: T201  (nothing is set up yet)
    return SystemExit(2)


def _not_json(kind: type[BaseSettings], error: SettingsError) -> str:
    """The one thing that fails before validation: JSON that cannot be read. It may hold secrets and is not shown."""
    named = _FIELD.search(str(error))
    name = variable(kind, named[1]) if named else f"{kind.model_config.get('env_prefix', '')}…"
    return f"{name}: must be JSON"


def problems(kind: type[BaseSettings], error: ValidationError) -> list[str]:
    """One line for each wrong setting: the variable's name, what is wrong, and the value unless it may be secret."""
    return [_problem(kind, item) for item in error.errors()]


def _problem(kind: type[BaseSettings], item: Any) -> str:  # noqa: ANN401  (pydantic's own shape)
    message = str(item["msg"]).removeprefix("Value error, ")
    if not item["loc"]:
        return f"{kind.model_config.get('env_prefix', '')}…: {message}"
    name = variable(kind, *map(str, item["loc"]))
    hidden = isinstance(item["input"], dict) or _is_secret(kind, list(map(str, item["loc"])))
    return f"{name}: {message}" + ("" if hidden else f", it is {item['input']!r}")


def _is_secret(kind: type[BaseModel], path: list[str]) -> bool:
    """Whether a setting may hold a secret; one that is not known may."""
    field = kind.model_fields.get(path[0])
    inner = field.annotation if field else SecretStr
    if isinstance(inner, type) and issubclass(inner, BaseModel) and len(path) > 1:
        return _is_secret(inner, path[1:])
    return SecretStr in (inner, *get_args(inner))


def variable(kind: type[BaseSettings], *path: str) -> str:
    """Name of the environment variable of a setting."""
    return str(kind.model_config.get("env_prefix", "")) + "__".join(part.upper() for part in path)


def reference(kind: type[BaseSettings]) -> str:
    """The settings as a Markdown table: variable, default, meaning."""
    rows = ["| variable | default | meaning |", "|---|---|---|"]
    for name, field in kind.model_fields.items():
        inner = field.annotation
        if isinstance(inner, type) and issubclass(inner, BaseModel):
            rows += [_row(variable(kind, name, part), item) for part, item in inner.model_fields.items()]
        else:
            rows.append(_row(variable(kind, name), field))
    return "\n".join(rows) + "\n"


def _row(name: str, field: Any) -> str:  # noqa: ANN401  (pydantic's FieldInfo)
    default = field.get_default(call_default_factory=True)
    shown = "" if default in (None, "", {}) or isinstance(default, SecretStr) else f"`{default}`"
    return f"| `{name}` | {shown} | {field.description} |"
