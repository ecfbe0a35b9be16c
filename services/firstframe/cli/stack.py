"""The local stack: every service a process of its own on this machine, started, watched and stopped by one command.

Whoever has the lock of the home runs the stack; other commands on the same home use it. When its owner goes, the next
command that needs the stack takes over: everything that matters is in the home.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType

import psutil

from firstframe.cli.home import ORCHESTRATOR, Home, StackLock, read_json, write_json
from firstframe.cli.picture_models import motion_models, picture_models
from firstframe.cli.supervisor import Launch, Supervisor, last_line
from firstframe.core.errors import FirstframeError, Unavailable

START_TIMEOUT_S = 60.0
POLL_S = 0.03
ORCHESTRATOR_GRACE_S = 3.0
STAGE_GRACE_S = 4.0
DRAIN_GRACE_S = 1.0
"""Work that is cut off is done again, and the local stack is stopped because someone wants the machine back."""
MAX_WORKERS = 4
IMAGEGEN = "imagegen"
ANIMATION = "animation"


def cores() -> int:
    """Processor cores that this process may use."""
    return len(os.sched_getaffinity(0))


def stage_processes(count: int) -> dict[str, tuple[str, int]]:
    """Service and slots of each stage process by its name, for a machine with `count` cores.

    Rendering and warping use one core each and are bit-stable only so: a process for each core. The others share.
    """
    workers = max(1, min(count, MAX_WORKERS))
    one_each = {f"{stage}-{n}": (stage, 1) for stage in ("imagegen", "animation") for n in range(1, workers + 1)}
    return {**one_each, "upscaling-1": ("upscaling", workers), "stitching-1": ("stitching", workers)}


def service_environment(home: Home, service: str, name: str, slots: int) -> dict[str, str]:
    """Settings of a process, as `firstframe.runtime.settings` reads them."""
    values = {
        "LISTEN": "127.0.0.1:0",
        "METRICS_LISTEN": "127.0.0.1:0",
        "ADDRESS_FILE": str(home.address_file(name)),
        "PARENT_PID": str(os.getpid()),
        "DRAIN_GRACE_S": str(DRAIN_GRACE_S),
        "SLOTS": str(slots),
        "STORE__KIND": "folder",
        "STORE__FOLDER": str(home.store),
    }
    if service == ORCHESTRATOR:
        values |= {"POOLS_FOLDER": str(home.run), "STATE_FOLDER": str(home.state)}
    if service in (ORCHESTRATOR, ANIMATION):
        values["CONSENT_KEY_FILE"] = str(home.state / "consent.key")
    if service == IMAGEGEN:
        values |= picture_models()
    if service == ANIMATION:
        values |= motion_models()
    return {f"FIRSTFRAME_{service.upper()}_{key}": value for key, value in values.items()}


def _launch(home: Home, service: str, name: str, slots: int) -> Launch:
    return Launch(
        name=name,
        command=(sys.executable, "-m", "firstframe.cli.main", "serve", service),
        environment=service_environment(home, service, name, slots),
        address_file=home.address_file(name),
        log_file=home.logs / f"{name}.log",
    )


class LocalStack:
    """The stack of a home, ours or another command's.

    Use it as an asynchronous context manager: what this command started ends with it.
    """

    def __init__(self, home: Home) -> None:
        self.home = home
        self._lock = StackLock(home)
        self._owner = False
        self._stages_wanted = False
        self._supervisors: dict[str, Supervisor] = {}
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._failure: FirstframeError | None = None
        self.failed = asyncio.Event()
        """Set once a part of it was given up."""

    @property
    def logs(self) -> Path | None:
        """Where its processes log."""
        return self.home.logs

    @property
    def is_owner(self) -> bool:
        """Whether this command runs the stack."""
        return self._owner

    async def __aenter__(self) -> LocalStack:
        self.home.prepare()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()

    async def address(self) -> str:
        """The orchestrator's address; starts the orchestrator when nobody runs the stack.

        Raises:
            InvalidInput: It refuses its settings.
            Unavailable: It does not come up.
        """
        deadline = time.monotonic() + START_TIMEOUT_S
        while time.monotonic() < deadline:
            self._own_or_attach()
            # Also when another part was given up: what that leaves behind has to be cancelled.
            if found := self.home.address(ORCHESTRATOR):
                return found
            self.check()
            await asyncio.sleep(POLL_S)
        log = self.home.logs / f"{ORCHESTRATOR}.log"
        raise Unavailable(f"the orchestrator does not come up; look into {log} (last line: {last_line(log)})")

    def _own_or_attach(self) -> None:
        if self._owner or not self._lock.take():
            return
        self._owner = True
        clear_leftovers(self.home)
        self._supervise(ORCHESTRATOR, ORCHESTRATOR, slots=1)
        if self._stages_wanted:
            self.start_stages()

    def start_stages(self) -> None:
        """Starts the stage services, now if the stack is ours, else once it is. Does not wait for them."""
        self._stages_wanted = True
        if not self._owner:
            return
        for name, (service, slots) in stage_processes(cores()).items():
            if name not in self._supervisors:
                self._supervise(service, name, slots)

    def _supervise(self, service: str, name: str, slots: int) -> None:
        supervisor = Supervisor(_launch(self.home, service, name, slots), self._write_stack_file)
        self._supervisors[name] = supervisor
        self._tasks[name] = asyncio.create_task(self._keep(supervisor), name=f"supervise {name}")

    async def _keep(self, supervisor: Supervisor) -> None:
        try:
            await supervisor.run()
        except FirstframeError as error:
            self._failure = self._failure or error
            self.failed.set()

    def check(self) -> None:
        """Raises the failure of the part that was given up, if one was."""
        if self._failure is not None:
            raise self._failure

    def processes(self) -> Mapping[str, int]:
        """Process ids of what this command runs, by name."""
        return {name: item.pid for name, item in self._supervisors.items() if item.pid is not None}

    async def until_up(self) -> None:
        """Waits until every process that this command keeps has told its address."""
        waiting = list(self._supervisors)
        while waiting:
            await asyncio.sleep(POLL_S)
            waiting = [name for name in waiting if self.home.address(name) is None]

    def describe(self) -> dict[str, dict[str, object]]:
        """Process id, addresses and log of what this command runs, by name."""
        return {
            name: {**read_json(self.home.address_file(name)), "pid": pid, "log": str(self._log(name))}
            for name, pid in self.processes().items()
        }

    def _log(self, name: str) -> Path:
        return self.home.logs / f"{name}.log"

    def _write_stack_file(self) -> None:
        write_json(self.home.stack_file, {"owner": os.getpid(), "processes": self.describe()})

    async def stop(self) -> None:
        """Stops what this command started, the orchestrator first: it would take stages that go for failing ones."""
        for task in self._tasks.values():
            task.cancel()
        await asyncio.gather(*self._tasks.values(), return_exceptions=True)
        if ORCHESTRATOR in self._supervisors:
            await self._supervisors[ORCHESTRATOR].stop(ORCHESTRATOR_GRACE_S)
        await asyncio.gather(*(item.stop(STAGE_GRACE_S) for item in self._supervisors.values()))
        if self._owner:
            self.home.stack_file.unlink(missing_ok=True)
        self._supervisors.clear()
        self._tasks.clear()
        self._lock.release()
        self._owner = False


def clear_leftovers(home: Home) -> None:
    """Ends processes of a stack whose owner is gone and removes address files. Only for who has the lock."""
    entries = read_json(home.stack_file).get("processes", {})
    found = [entry.get("pid") for entry in entries.values() if isinstance(entry, dict)]
    found += [read_json(path).get("pid") for path in home.run.glob("*.json")]
    living = [process for pid in set(found) if isinstance(pid, int) and (process := _ours(pid, home))]
    for path in home.run.glob("*.json"):  # first: nobody may read the address of a process that is being ended
        path.unlink(missing_ok=True)
    for process in living:
        with contextlib.suppress(psutil.NoSuchProcess):
            process.kill()
    psutil.wait_procs(living, timeout=STAGE_GRACE_S)


def _ours(pid: int, home: Home) -> psutil.Process | None:
    """The process of that id if it is a service of this home; ids are used again by others."""
    with contextlib.suppress(psutil.Error):
        process = psutil.Process(pid)
        serves = process.cmdline()[1:4] == ["-m", "firstframe.cli.main", "serve"]
        store = str(home.store)
        if serves and store in process.environ().values():
            return process
    return None
