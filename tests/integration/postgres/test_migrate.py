"""A database is brought to what a version needs before that version starts, from nothing and from an older one."""

from __future__ import annotations

import os
import subprocess
import sys

import psycopg
import pytest

PREFIX = "FIRSTFRAME_ORCHESTRATOR_"


def migrate(url: str, **settings: str) -> subprocess.CompletedProcess[str]:
    environment = os.environ | {f"{PREFIX}{name}": value for name, value in {"DATABASE_URL": url, **settings}.items()}
    command = [sys.executable, "-m", "firstframe.orchestrator.migrate"]
    return subprocess.run(command, env=environment, check=False, capture_output=True, text=True, timeout=100)


def plain(url: str) -> str:
    """libpq knows no drivers."""
    return url.replace("postgresql+psycopg://", "postgresql://")


def tables(url: str) -> set[str]:
    query = "SELECT table_schema || '.' || table_name FROM information_schema.tables WHERE table_schema IN ('public', 'dbos')"
    with psycopg.connect(plain(url)) as connection:
        return {row[0] for row in connection.execute(query)}


def test_tables_are_made_and_a_second_time_changes_nothing(database: str) -> None:
    url = database
    first = migrate(url)
    assert first.returncode == 0, first.stderr
    made = tables(url)
    assert {"public.campaigns", "public.lanes", "public.decisions", "dbos.workflow_status"} <= made

    assert migrate(url).returncode == 0
    assert tables(url) == made


def test_an_older_database_gets_what_it_lacks_and_keeps_what_it_has(database: str) -> None:
    url = database
    assert migrate(url).returncode == 0
    with psycopg.connect(plain(url)) as connection:
        connection.execute("ALTER TABLE decisions DROP COLUMN seal")
        connection.execute("INSERT INTO decisions (campaign, lane, approval) VALUES ('c', 'l', 'x')")

    assert migrate(url, APPROVAL_KEY="a secret of some length").returncode == 0

    with psycopg.connect(plain(url)) as connection:
        ((seal,),) = connection.execute("SELECT seal FROM decisions").fetchall()
    assert len(seal) == 64


@pytest.mark.parametrize(("url", "said"), [("", "DATABASE_URL"), ("mysql://a/b", "use postgresql://")])
def test_without_a_database_it_says_which_setting_is_wrong(url: str, said: str) -> None:
    refused = migrate(url)

    assert refused.returncode == 2
    assert said in refused.stderr
