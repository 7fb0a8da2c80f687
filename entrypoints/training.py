"""What the service does for trainings beside answering requests: it keeps an engine running and puts right what died.

Both run in the process that `progon serve` starts in, not in each of those that answer.
"""
from __future__ import annotations

import importlib.util
import logging
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from threading import Event, Thread
from time import monotonic
from typing import TYPE_CHECKING

from application.use_cases.recover_experiments import RecoverExperiments
from domain.errors import Busy
from entrypoints.settings import Settings

if TYPE_CHECKING:
    from entrypoints.container import Container

STOPPED = "the service was stopped while it ran"
_STOP_PATIENCE_S = 10.0
# A writer counts as dead after an hour of silence, so one look at the start would miss the one that ended with it.
_SWEEP_EVERY_S = 1800.0
_FIRST_PAUSE_S, _LONGEST_PAUSE_S = 0.2, 30.0
_log = logging.getLogger("progon.training")


@contextmanager
def training(container: Container) -> Iterator[None]:
    """Trainings run while in the block; those that still do at its end are stopped and have failed."""
    settings = container.settings()
    recovery = Recovery(container)
    engine = Engine(settings)
    if not settings.dask_scheduler:
        engine.start()
    recovery.start()
    try:
        yield
    finally:
        recovery.stop()
        container.executor().close()
        engine.stop()
        try:
            container.recover_experiments().end_abandoned(STOPPED)
        except Busy as failure:
            _log.warning("what was stopped could not be recorded; the next start will: %s", failure)


class Engine:
    """The process with the local cluster, started anew when it dies."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._stop = Event()
        self._thread = Thread(target=self._run, name="engine", daemon=True)
        self._process: subprocess.Popen | None = None

    def start(self) -> None:
        """Returns at once."""
        if importlib.util.find_spec("distributed") is None:
            _log.warning("the training libraries are not installed; what is queued waits for another service")
            return
        self._thread.start()

    def stop(self) -> None:
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join()

    def _run(self) -> None:
        pause_s = _FIRST_PAUSE_S
        while not self._stop.is_set():
            began = monotonic()
            code = self._live_through()
            if self._stop.is_set():
                return
            pause_s = _FIRST_PAUSE_S if monotonic() - began > _LONGEST_PAUSE_S else min(pause_s * 2, _LONGEST_PAUSE_S)
            _log.error("the engine that runs trainings ended with %s; another starts in %.1f s", code, pause_s)
            self._stop.wait(pause_s)

    def _live_through(self) -> int:
        """One process from its start to its end. It is killed by the kernel when this thread ends. Its session is its
        own, so that Ctrl-C on a terminal reaches us alone."""
        process = subprocess.Popen(
            [sys.executable, "-m", "entrypoints.engine", str(os.getpid())], stdin=subprocess.DEVNULL,
            start_new_session=True, env=dict(os.environ) | self._settings.for_children())
        while process.poll() is None and not self._stop.wait(0.1):
            pass
        process.terminate()
        try:
            return process.wait(_STOP_PATIENCE_S)
        except subprocess.TimeoutExpired:
            process.kill()
            return process.wait()


class Recovery:
    """A thread that recovers experiments every `recover_s`."""

    def __init__(self, container: Container) -> None:
        self._container = container
        self._stop = Event()
        self._thread = Thread(target=self._run, name="recovery", daemon=True)
        self._said: dict[str, str] = {}
        self._sweep_at = 0.0

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stop.set()
        self._thread.join()

    def _run(self) -> None:
        container = self._container
        recover, clock = container.recover_experiments(), container.clock()
        listening_since = clock.now()
        while True:
            recovered = self._succeeds(lambda: self._recover(recover, listening_since),
                                       "experiments could not be recovered")
            if not recovered:
                listening_since = clock.now()
            self._succeeds(self._sweep, "what killed writers left could not be removed")
            if self._stop.wait(container.settings().recover_s):
                return

    def _recover(self, recover: RecoverExperiments, listening_since: datetime) -> None:
        for experiment in recover.execute(listening_since).lost:
            _log.error("experiment %s: %s", experiment.id, experiment.error)

    def _sweep(self) -> None:
        if monotonic() >= self._sweep_at:
            self._container.feature_store().sweep()
            self._container.artifact_store().sweep()
            self._sweep_at = monotonic() + _SWEEP_EVERY_S

    def _succeeds(self, action: Callable[[], None], otherwise: str) -> bool:
        try:
            action()
        except Exception as failure:  # whatever it is, the next round may go better
            if str(failure) != self._said.get(otherwise):  # said once, not every two seconds
                _log.error("%s: %s", otherwise, failure)
            self._said[otherwise] = str(failure)
            return False
        self._said.pop(otherwise, None)
        return True
