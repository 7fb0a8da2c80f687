"""A service that is broken in every way, with all that it stands on."""
from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import psutil

from tests.builders import ROW
from tests.e2e.server import Server, web
from tests.faults.clock import SettableClock
from tests.faults.database import PostgresqlCluster
from tests.faults.disk import SmallDisk
from tests.faults.wire import Wire

RUN = "entrypoints.processes.run_experiment"
STAGES = ("dvc", "extract-data", "train-model", "inference-model")


@dataclass
class World:
    """home: as this process sees it. wire: between the clients and the service. postgresql, database_wire, store_wire:
    None where the service keeps all in its HOME. What it is started with, and what it may use, is in `server`."""

    server: Server
    home: Path
    clock: SettableClock
    disk: SmallDisk | None = None
    postgresql: PostgresqlCluster | None = None
    database_wire: Wire | None = None
    store_wire: Wire | None = None
    wire: Wire = field(init=False)
    url: str = field(init=False)

    def __post_init__(self) -> None:
        self.wire = Wire(partial(asyncio.open_connection, "127.0.0.1", self.server.port))
        self.url = f"http://127.0.0.1:{self.wire.listen()}"

    def has(self) -> set[str]:
        """What of all that faults need there is."""
        there = {"disk": self.disk, "postgresql": self.postgresql, "store": self.store_wire,
                 "sqlite": self.postgresql is None,
                 "workers": "PROGON_WORKERS" in self.server.environment}
        return {name for name, value in there.items() if value}

    def is_well(self) -> bool:
        """It is ready, and answers over the wire. Raises: AssertionError if it ended by itself."""
        if not self.server.answers("/readyz"):
            return False
        try:
            answer = web.post(f"{self.url}/forward?task=small", json=ROW, timeout=5)
        except OSError:
            return False
        return answer.status_code == 200

    def find(self, is_it: Callable[[psutil.Process, list[str]], bool]) -> psutil.Process | None:
        """The newest process of this service of which that is so."""
        found = [process for process in processes(self.server.home) if is_it(process, command_of(process))]
        return max(found, key=lambda process: (_began(process), process.pid), default=None)

    def close(self) -> None:
        for wire in (self.wire, self.database_wire, self.store_wire):
            if wire is not None:
                wire.close()
        if self.disk is not None:
            self.disk.close()


def processes(home: Path) -> list[psutil.Process]:
    """Those that live, of one HOME."""
    return [process for process in psutil.process_iter() if _environment(process).get("PROGON_HOME") == str(home)]


def command_of(process: psutil.Process) -> list[str]:
    """Empty for one that ended since it was listed."""
    try:
        return process.cmdline()
    except psutil.Error:
        return []


def _environment(process: psutil.Process) -> Mapping[str, str]:
    try:
        return {} if process.status() == psutil.STATUS_ZOMBIE else process.environ()
    except (psutil.Error, OSError):
        return {}


def _began(process: psutil.Process) -> float:
    try:
        return process.create_time()
    except psutil.Error:
        return 0.0
