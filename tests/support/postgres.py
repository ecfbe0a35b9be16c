"""A real Postgres of a test's own: a throw-away cluster on a loopback port, run by an unprivileged user."""

from __future__ import annotations

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from itertools import count
from pathlib import Path

import psutil
import psycopg
import pytest

START_SECONDS = 60
USER = "firstframe"
PASSWORD = "not-in-any-log"


def programs() -> Path:
    """Folder of `initdb` and `postgres`: from FIRSTFRAME_POSTGRES, the path, or Debian's place; else the test is skipped."""
    named = os.environ.get("FIRSTFRAME_POSTGRES")
    on_path = shutil.which("initdb")
    found = [Path(named)] if named else [Path(on_path).resolve().parent] if on_path else []
    found += sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: -float(path.parent.name))
    for folder in found:
        if all((folder / name).exists() for name in ("initdb", "postgres")):
            return folder
    reason = "initdb and postgres are neither in FIRSTFRAME_POSTGRES, nor on the path, nor in /usr/lib/postgresql/*/bin"
    if os.environ.get("CI"):
        pytest.fail(f"{reason}; in CI this is a failure")
    pytest.skip(reason)


def _account() -> str | None:
    """Postgres refuses to be run by root: whom root runs it as."""
    known = {entry.pw_name for entry in pwd.getpwall()}
    return None if os.geteuid() else next(name for name in ("postgres", "nobody") if name in known)


class Postgres:
    """A cluster that can be killed and started again, at the same address each time.

    Args:
        folder: Where it lives, readable by the account that runs it.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._programs = programs()
        self._account = _account()
        self._process: subprocess.Popen[bytes] | None = None
        self._databases = count()
        with socket.create_server(("127.0.0.1", 0)) as free:
            self._port = free.getsockname()[1]
        self._initialise()

    def _initialise(self) -> None:
        secret = self._folder / "password"
        secret.write_text(PASSWORD)
        if self._account:
            for path in (self._folder, secret):
                shutil.chown(path, self._account)
        options = ["--auth", "scram-sha-256", "--encoding", "UTF8", "--locale", "C", "--no-sync"]
        command = [*self._as_account(), self._programs / "initdb", "--pgdata", self._folder / "data", "--username", USER,
                   "--pwfile", secret, *options]  # fmt: skip
        subprocess.run(command, check=True, capture_output=True, timeout=120, cwd=self._folder)

    def _as_account(self) -> list[str]:
        """Not `Popen(user=…)`: that forks, and gRPC's threads in the test do not survive it every time."""
        if self._account is None:
            return []
        group = pwd.getpwnam(self._account).pw_gid
        return ["setpriv", f"--reuid={self._account}", f"--regid={group}", "--clear-groups"]

    def start(self) -> None:
        """Starts it and waits until it answers."""
        with (self._folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                [*self._as_account(), self._programs / "postgres", "-D", self._folder / "data", "-p", str(self._port),
                 "-c", "listen_addresses=127.0.0.1", "-c", f"unix_socket_directories={self._folder}",
                 "-c", "fsync=off"],
                stdout=log, stderr=log, cwd=self._folder,
            )  # fmt: skip
        end = time.monotonic() + START_SECONDS
        while not self._answers():
            assert self._process.poll() is None, self.log()
            assert time.monotonic() < end, self.log()
            time.sleep(0.05)

    def _answers(self) -> bool:
        try:
            self._connect("postgres").close()
        except psycopg.OperationalError:
            return False
        return True

    def _connect(self, database: str) -> psycopg.Connection:
        return psycopg.connect(host="127.0.0.1", port=self._port, user=USER, password=PASSWORD, dbname=database,
                               autocommit=True, connect_timeout=5)  # fmt: skip

    def kill(self) -> None:
        """SIGKILL to all its processes: what it had not written to its log is gone."""
        if self._process is None or self._process.poll() is not None:
            return
        family = [psutil.Process(self._process.pid), *psutil.Process(self._process.pid).children(recursive=True)]
        for process in family:
            with suppress(psutil.NoSuchProcess):  # they follow their head by themselves
                process.kill()
        self._process.wait(30)
        self._process = None
        end = time.monotonic() + 30
        while any(_alive(process) for process in family):
            assert time.monotonic() < end
            time.sleep(0.01)

    def new_database(self) -> str:
        """Makes an empty database; its URL for SQLAlchemy."""
        name = f"campaigns_{next(self._databases)}"
        with self._connect("postgres") as connection:
            connection.execute(f"CREATE DATABASE {name}")  # type: ignore[arg-type]
        return f"postgresql+psycopg://{USER}:{PASSWORD}@127.0.0.1:{self._port}/{name}"

    def drop_connections(self) -> int:
        """Ends every other session, as a failover does; how many there were."""
        others = "usename = %s AND pid <> pg_backend_pid()"
        return self._number(
            "postgres", f"SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE {others}", USER
        )

    def connections(self, database: str) -> int:
        """Sessions in a database, given by its URL."""
        query = "SELECT count(*) FROM pg_stat_activity WHERE datname = %s AND backend_type = 'client backend'"
        return self._number("postgres", query, database.rsplit("/", 1)[1])

    def rows(self, database: str, table: str) -> int:
        """Rows in a table."""
        return self._number(database.rsplit("/", 1)[1], f"SELECT count(*) FROM {table}")

    def _number(self, database: str, query: str, *values: object) -> int:
        with self._connect(database) as connection:
            row = connection.execute(query, values).fetchone()  # type: ignore[arg-type]
        assert row is not None
        return int(row[0])

    def log(self) -> str:
        """What it logged."""
        return (self._folder / "log").read_text(errors="replace")[-4000:]


def _alive(process: psutil.Process) -> bool:
    """Orphans may stay as zombies where process 1 does not bury them."""
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


@contextmanager
def running_postgres() -> Iterator[Postgres]:
    """A cluster that serves while the block runs."""
    programs()
    # Not in pytest's folder, which nobody else may enter.
    with tempfile.TemporaryDirectory(prefix="firstframe-postgres-", ignore_cleanup_errors=True) as folder:
        made = Postgres(Path(folder))
        try:
            made.start()
            yield made
        finally:
            made.kill()
