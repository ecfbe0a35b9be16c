from __future__ import annotations

import pytest
from sqlalchemy import make_url

from firstframe.orchestrator.settings import OrchestratorSettings
from firstframe.runtime.settings import load

SERVICES = '{"imagegen": "media/imagegen:grpc"}'


@pytest.fixture
def in_a_pod(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KUBERNETES_SERVICE_HOST", "10.96.0.1")
    monkeypatch.setenv("KUBERNETES_SERVICE_PORT", "443")


@pytest.mark.usefixtures("in_a_pod")
def test_services_are_read_with_the_api_server_of_the_pod(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FIRSTFRAME_ORCHESTRATOR_POOLS_SERVICES", SERVICES)
    settings = load(OrchestratorSettings)
    assert settings.services()["imagegen"].namespace == "media"
    assert settings.api_server().url == "https://10.96.0.1:443"


@pytest.mark.usefixtures("in_a_pod")
@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({}, "set POOLS_SERVICES, POOLS_FOLDER or POOLS"),
        ({"POOLS_SERVICES": SERVICES, "POOLS_FOLDER": "run"}, "POOLS_FOLDER and POOLS_SERVICES contradict each other"),
        ({"POOLS_SERVICES": '{"imagen": "a/b:1"}'}, "there is no stage imagen; there are imagegen, animation"),
        ({"POOLS_SERVICES": '{"imagegen": "imagegen"}'}, "use namespace/service:port"),
        ({"POOLS_SERVICES": SERVICES, "KUBERNETES_SERVICE_HOST": ""}, "KUBERNETES_SERVICE_PORT are not set"),
    ],
)
def test_pools_that_cannot_be_followed_are_refused(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], values: dict[str, str], words: str
) -> None:
    for name, value in values.items():
        prefix = "" if name.startswith("KUBERNETES") else "FIRSTFRAME_ORCHESTRATOR_"
        monkeypatch.setenv(prefix + name, value)
    with pytest.raises(SystemExit) as caught:
        load(OrchestratorSettings)
    assert caught.value.code == 2
    assert words in capsys.readouterr().err


@pytest.mark.parametrize(
    ("given", "used"),
    [
        ("postgres://ada:pass%40word@db:5432/ff", "postgresql+psycopg://ada:pass%40word@db:5432/ff"),
        ("postgresql://ada@db/ff?sslmode=verify-full", "postgresql+psycopg://ada@db/ff?sslmode=verify-full"),
        ("postgresql+psycopg:///ff?host=/run/postgresql", "postgresql+psycopg:///ff?host=/run/postgresql"),
    ],
)
def test_a_database_is_named_as_usual(monkeypatch: pytest.MonkeyPatch, given: str, used: str) -> None:
    monkeypatch.setenv("FIRSTFRAME_ORCHESTRATOR_POOLS_FOLDER", "run")
    monkeypatch.setenv("FIRSTFRAME_ORCHESTRATOR_DATABASE_URL", given)
    url = load(OrchestratorSettings).database_url
    assert url is not None
    assert make_url(url.get_secret_value()) == make_url(used)


@pytest.mark.parametrize(
    "url", ["mysql://ada:very-secret@db/ff", "sqlite:///very-secret", "very-secret", "postgresql://ada:very-secret@db"]
)
def test_another_database_is_refused_and_its_url_not_shown(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], url: str
) -> None:
    monkeypatch.setenv("FIRSTFRAME_ORCHESTRATOR_POOLS_FOLDER", "run")
    monkeypatch.setenv("FIRSTFRAME_ORCHESTRATOR_DATABASE_URL", url)
    with pytest.raises(SystemExit):
        load(OrchestratorSettings)
    printed = capsys.readouterr().err
    assert "FIRSTFRAME_ORCHESTRATOR_DATABASE_URL: use postgresql://user:password@host:port/database" in printed
    assert "very-secret" not in printed
