"""What the service does for trainings beside answering requests: it keeps an engine running and puts right what died.

Both run in the process that `progon serve` starts in, not in each of those that answer.
"""
from __future__ import annotations

import importlib.util
import logging
import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from threading import Event, Thread
from time import monotonic

from application.ports.clock import Clock
from application.ports.executor import Executor
from application.use_cases.recover_experiments import RecoverExperiments
from domain.errors import Busy
from entrypoints.processes.repeating import Repeater
from entrypoints.settings import Settings

STOPPED = "the service was stopped while it ran"
_STOP_PATIENCE_S = 10.0
# A writer counts as dead after an hour of silence, so one look at the start would miss the one that ended with it.
_SWEEP_EVERY_S = 1800.0
_FIRST_PAUSE_S, _LONGEST_PAUSE_S = 0.2, 30.0
_log = logging.getLogger("progon.training")


@contextmanager
def training(settings: Settings, recovery: Recovery, executor: Executor) -> Iterator[None]:
    """Trainings run while in the block; those that still do at its end are stopped and have failed."""
    engine = Engine(settings)
    if not settings.dask_scheduler:
        engine.start()
    try:
        with recovering(recovery, settings.recover_s):
            yield
    finally:
        executor.close()
        engine.stop()
        recovery.end_abandoned()


class Engine:
    """The process with the local cluster, started anew when it dies."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._stop = Event()
        self._thread = Thread(target=self._run, name="engine", daemon=True)
        self._process: subprocess.Popen[bytes] | None = None

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
            try:
                code: object = self._live_through()
            except OSError as failure:  # no process can be started now
                code = failure
            if self._stop.is_set():
                return
            pause_s = _FIRST_PAUSE_S if monotonic() - began > _LONGEST_PAUSE_S else min(pause_s * 2, _LONGEST_PAUSE_S)
            _log.error("the engine that runs trainings ended with %s; another starts in %.1f s", code, pause_s)
            self._stop.wait(pause_s)

    def _live_through(self) -> int:
        """One process from its start to its end. It is killed by the kernel when this thread ends. Its session is its
        own, so that Ctrl-C on a terminal reaches us alone."""
        process = subprocess.Popen(
            [sys.executable, "-m", "entrypoints.processes.engine", str(os.getpid())], stdin=subprocess.DEVNULL,
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
    """What is done for experiments whose processes died. sweeps: each removes what killed writers left somewhere."""

    def __init__(self, recover: RecoverExperiments, clock: Clock, sweeps: Sequence[Callable[[], object]]) -> None:
        self._recover, self._clock, self._sweeps = recover, clock, sweeps
        self._listening_since = clock.now()
        self._sweep_at = 0.0

    def recover(self) -> None:
        """Only an outage of the record itself makes the patience with silent runs begin anew."""
        try:
            recovered = self._recover.execute(self._listening_since)
        except Exception:
            self._listening_since = self._clock.now()
            raise
        for experiment in recovered.lost:
            _log.error("experiment %s: %s", experiment.id, experiment.error)

    def end_abandoned(self) -> None:
        """What the service stopped has failed."""
        try:
            self._recover.end_abandoned(STOPPED)
        except Busy as failure:
            _log.warning("what was stopped could not be recorded; the next start will: %s", failure)

    def sweep(self) -> None:
        if monotonic() >= self._sweep_at:
            for sweep in self._sweeps:
                sweep()
            self._sweep_at = monotonic() + _SWEEP_EVERY_S


@contextmanager
def recovering(recovery: Recovery, every_s: float) -> Iterator[None]:
    """Experiments are recovered while in the block, and what killed writers left is removed."""
    with ExitStack() as stack:
        for name, work, failing in (
                ("recovery", recovery.recover, "experiments could not be recovered"),
                ("sweeper", recovery.sweep, "what killed writers left could not be removed")):
            stack.enter_context(Repeater(
                name, work, _log, pause_s=every_s, longest_pause_s=every_s, failing=failing, at_once=True))
        yield
