from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import Field, SecretStr
from pydantic_settings import SettingsConfigDict

from firstframe.runtime.settings import StageSettings, load, reference
from support.certificates import Authority


class Settings(StageSettings):
    model_config = SettingsConfigDict(env_prefix="FIRSTFRAME_TEST_", env_nested_delimiter="__")


def test_values_come_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FIRSTFRAME_TEST_SLOTS", "3")
    monkeypatch.setenv("FIRSTFRAME_TEST_STORE__FOLDER", "/somewhere")
    settings = load(Settings)
    assert settings.slots == 3
    assert settings.store.values()["folder"] == Path("/somewhere")


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("SLOTS", "0", "FIRSTFRAME_TEST_SLOTS: Input should be greater than or equal to 1, it is '0'"),
        ("LISTEN", "nowhere", "FIRSTFRAME_TEST_LISTEN: use host:port"),
        ("LISTEN", "127.0.0.1:70000", "port from 0 to 65535"),
        ("STORE__KIND", "ftp", "FIRSTFRAME_TEST_STORE__KIND"),
        ("LOG_LEVEL", "loud", "FIRSTFRAME_TEST_LOG_LEVEL"),
    ],
)
def test_a_wrong_value_ends_the_process_with_its_name(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], name: str, value: str, words: str
) -> None:
    monkeypatch.setenv(f"FIRSTFRAME_TEST_{name}", value)
    with pytest.raises(SystemExit) as caught:
        load(Settings)
    assert caught.value.code == 2
    assert words in capsys.readouterr().err


def test_s3_needs_all_its_parts_and_secrets_are_never_shown(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("FIRSTFRAME_TEST_STORE__KIND", "s3")
    monkeypatch.setenv("FIRSTFRAME_TEST_STORE__S3_SECRET_KEY", "very-secret")
    with pytest.raises(SystemExit):
        load(Settings)
    printed = capsys.readouterr().err
    assert "kind s3 needs s3_endpoint, s3_bucket, s3_access_key" in printed
    assert "very-secret" not in printed
    assert "very-secret" not in repr(Settings.model_construct())


def test_the_reference_names_every_setting_with_its_meaning() -> None:
    table = reference(Settings)
    for name, field in StageSettings.model_fields.items():
        if name not in ("store", "tls"):
            assert f"`FIRSTFRAME_TEST_{name.upper()}`" in table
            assert field.description in table
    assert "FIRSTFRAME_TEST_STORE__S3_SECRET_KEY" in table
    assert "FIRSTFRAME_TEST_TLS__CERTIFICATE" in table


@pytest.mark.parametrize("name", ["STORE", "POOLS"])
def test_broken_json_is_one_line_without_its_value(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    class WithPools(Settings):
        pools: dict[str, str] = Field(default_factory=dict, description="Addresses, as JSON.")

    monkeypatch.setenv(f"FIRSTFRAME_TEST_{name}", '{"s3_secret_key": "very-secret"')
    with pytest.raises(SystemExit) as caught:
        load(WithPools)
    assert caught.value.code == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith(f"error: FIRSTFRAME_TEST_{name}: ")
    assert "JSON" in line
    assert "very-secret" not in line


class WithSecrets(Settings):
    password: SecretStr = Field(default=SecretStr("x" * 20), min_length=20, description="Password.")
    token: SecretStr | None = Field(default=None, min_length=20, description="Token.")


@pytest.mark.parametrize("name", ["PASSWORD", "TOKEN"])
def test_a_wrong_secret_is_named_but_not_shown(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    monkeypatch.setenv(f"FIRSTFRAME_TEST_{name}", "too-short")
    with pytest.raises(SystemExit):
        load(WithSecrets)
    printed = capsys.readouterr().err
    assert f"FIRSTFRAME_TEST_{name}: " in printed
    assert "too-short" not in printed


def test_each_wrong_setting_has_one_line(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("FIRSTFRAME_TEST_SLOTS", "many")
    monkeypatch.setenv("FIRSTFRAME_TEST_STORE__S3_SECURE", "maybe")
    with pytest.raises(SystemExit):
        load(Settings)
    secure, slots = capsys.readouterr().err.splitlines()
    assert slots.startswith("error: FIRSTFRAME_TEST_SLOTS: ")
    assert slots.endswith(", it is 'many'")
    assert secure.startswith("error: FIRSTFRAME_TEST_STORE__S3_SECURE: ")
    assert secure.endswith(", it is 'maybe'")


def refused(capsys: pytest.CaptureFixture[str]) -> str:
    with pytest.raises(SystemExit) as caught:
        load(Settings)
    assert caught.value.code == 2
    (line,) = capsys.readouterr().err.splitlines()
    return line


def test_mutual_tls_has_all_its_files_or_none(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert load(Settings).tls.certificates is None
    monkeypatch.setenv("FIRSTFRAME_TEST_TLS__CERTIFICATE", "tls.crt")
    assert refused(capsys) == (
        "error: FIRSTFRAME_TEST_TLS: mutual TLS needs key, ca as well; set all three files, or none"
    )


def test_files_of_mutual_tls_are_looked_at_when_settings_are_read(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    files = Authority(tmp_path / "authority").issue(tmp_path / "files", "DNS:imagegen.firstframe.svc")
    for name, path in zip(("CERTIFICATE", "KEY", "CA"), files.paths, strict=True):
        monkeypatch.setenv(f"FIRSTFRAME_TEST_TLS__{name}", str(path))
    certificates = load(Settings).tls.certificates
    assert certificates is not None
    assert certificates.current().names == ("imagegen.firstframe.svc",)
    files.key.unlink()
    assert refused(capsys) == f"error: FIRSTFRAME_TEST_TLS: {files.key}: cannot be read: No such file or directory"


def test_further_names_have_roles_that_exist(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("FIRSTFRAME_TEST_TLS__DOMAIN", "a.svc")
    monkeypatch.setenv("FIRSTFRAME_TEST_TLS__ROLES", '{"spiffe://a/batch": "client"}')
    assert load(Settings).tls.names.roles(["spiffe://a/batch", "operator.a.svc"]) == {"client", "operator"}
    monkeypatch.setenv("FIRSTFRAME_TEST_TLS__ROLES", '{"spiffe://a/batch": "king"}')
    line = refused(capsys)
    assert line.startswith("error: FIRSTFRAME_TEST_TLS__ROLES__")
    assert "'orchestrator', 'gateway', 'operator' or 'client'" in line
