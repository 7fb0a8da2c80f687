"""Experiments as tasks of a Dask scheduler.

Dask only carries the work. A task starts a process, waits for it and does nothing else: Dask cannot cancel what runs,
and it knows of no task once its scheduler is gone, while a process can be ended and the record knows everything.
"""
from __future__ import annotations

import logging
import os
import subprocess
import sys
from collections.abc import Callable, Sequence
from threading import Lock
from typing import TYPE_CHECKING

from adapters.dask import credentials
from application.ports.executor import Executor, ExecutorUnavailable

if TYPE_CHECKING:
    from distributed import Client

CONNECT_TIMEOUT_S = 5.0


class DaskExecutor(Executor):
    """`submit` returns at once. Imports Dask when it is called first: a process that serves and never submits does
    without.

    scheduler: its address, and the credentials that it wants to be shown; asked at each submission, since a restarted
    one has others. An empty address while there is none, empty credentials if Dask's own settings say.
    command: arguments for the Python of the worker; the id of the experiment and the pid of the
    parent follow."""

    def __init__(self, scheduler: Callable[[], tuple[str, str]], command: Sequence[str]) -> None:
        self._scheduler, self._command = scheduler, tuple(command)
        self._lock = Lock()
        self._client: Client | None = None
        self._connected_to = ("", "")

    def submit(self, experiment_id: int) -> None:
        # Each submission comes after all before it (fifo_timeout), and no retry ever runs it a second time: what became
        # of a run, its record says.
        with self._lock:
            try:
                self._send(experiment_id)
            # RuntimeError: of a client that was closed meanwhile. ImportError: an installation that cannot train.
            except (OSError, TimeoutError, RuntimeError, ImportError) as failure:
                self._disconnect()
                raise ExecutorUnavailable("nothing takes trainings at the moment") from failure

    def close(self) -> None:
        # Sends what is still on its way.
        with self._lock:
            self._disconnect()

    def _send(self, experiment_id: int) -> None:
        client, key = self._connection(), f"experiment-{experiment_id}"
        if client.scheduler is None:
            raise ConnectionError("the scheduler has gone")
        # Sending is not waiting: what is sent again while the first run ends would arrive after it, and run once more.
        status = client.sync(client.scheduler.get_task_status, keys=[key], callback_timeout=CONNECT_TIMEOUT_S)
        if status[key] is None:
            from distributed import fire_and_forget
            fire_and_forget(client.submit(
                run_process, self._command, experiment_id, key=key, retries=0, fifo_timeout=0, pure=False))

    def _connection(self) -> Client:
        scheduler = self._scheduler()
        if not scheduler[0]:
            raise ConnectionError("there is no scheduler")
        if self._client is None or self._client.status != "running" or self._connected_to != scheduler:
            self._disconnect()
            self._client, self._connected_to = _connect(*scheduler), scheduler
        return self._client

    def _disconnect(self) -> None:
        if self._client is not None:
            self._client.close(timeout=CONNECT_TIMEOUT_S)
            self._client = None


def _connect(address: str, shown: str) -> Client:
    from distributed import Client
    # A scheduler that goes away is told by whoever keeps it; the client would add a traceback.
    logging.getLogger("distributed.client").setLevel(logging.CRITICAL)
    return Client(address, timeout=CONNECT_TIMEOUT_S, set_as_default=False, security=credentials.security(shown))


def run_process(command: Sequence[str], experiment_id: int) -> int:
    """The task, on a worker. The process is told who its parent is, so that it can die with it; the thread that started
    it waits here as long as it lives, which Linux wants for that. Returns: the exit code."""
    arguments = [sys.executable, *command, str(experiment_id), str(os.getpid())]
    return subprocess.run(arguments, stdin=subprocess.DEVNULL, start_new_session=True).returncode
