"""Opens the sources of packs: this is where packs and the adapters that fetch meet."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

from firstframe.adapters.fetch.folder import FolderFiles
from firstframe.adapters.fetch.registries import NpmArchives, PipArchives
from firstframe.cli.models_extras import told_extras
from firstframe.core.errors import PreconditionFailed
from firstframe.packs.ports import Archives, Files, FilesSource
from firstframe.packs.spec import HubSource, RegistrySource, S3Source

if TYPE_CHECKING:
    from firstframe.adapters.fetch.hub import ModelHub


class BucketSettings(BaseSettings):
    """The S3 server of `s3://` sources: `FIRSTFRAME_MODELS_STORE__S3_ENDPOINT` and so on."""

    model_config = SettingsConfigDict(env_prefix="FIRSTFRAME_MODELS_STORE__")

    s3_endpoint: str = ""
    s3_region: str = "us-east-1"
    s3_access_key: SecretStr = SecretStr("")
    s3_secret_key: SecretStr = SecretStr("")
    s3_secure: bool = True


class LiveOrigins:
    """Sources as the environment of this process has them; see `firstframe.packs.ports.Origins`."""

    def files(self, source: FilesSource) -> Files:
        """See `Origins.files`."""
        if isinstance(source, HubSource):
            return _repository(source)
        if isinstance(source, S3Source):
            return _bucket(source.url)
        return FolderFiles(Path(source.path).expanduser())

    def archives(self, source: RegistrySource) -> Archives:
        """See `Origins.archives`."""
        return PipArchives() if source.kind == "pypi" else NpmArchives()


def open_hub() -> ModelHub:
    """The hub of `HF_ENDPOINT`, with the token of `HF_TOKEN`."""
    with told_extras():
        from firstframe.adapters.fetch.hub import DEFAULT_ENDPOINT, ModelHub

    return ModelHub(os.environ.get("HF_ENDPOINT") or DEFAULT_ENDPOINT, os.environ.get("HF_TOKEN", ""))


def _repository(source: HubSource) -> Files:
    hub = open_hub()
    from firstframe.adapters.fetch.hub import HubFiles

    return HubFiles(hub, source.repo, source.revision)


def _bucket(url: str) -> Files:
    settings = BucketSettings()
    if not settings.s3_endpoint:
        text = "FIRSTFRAME_MODELS_STORE__S3_ENDPOINT is not set; it names the S3 server of s3:// sources"
        raise PreconditionFailed(text, reason="STORE_NOT_SET")
    with told_extras():
        from firstframe.adapters.fetch.s3 import S3Files

    return S3Files(
        url,
        endpoint=settings.s3_endpoint,
        region=settings.s3_region,
        access_key=settings.s3_access_key.get_secret_value(),
        secret_key=settings.s3_secret_key.get_secret_value(),
        secure=settings.s3_secure,
    )
