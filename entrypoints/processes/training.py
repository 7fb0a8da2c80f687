"""What the service does for trainings beside answering requests: it keeps an engine running and puts right what died.

Both run beside the processes that answer, never in them.
"""
from __future__ import annotations

import importlib.util
import logging
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager, nullcontext
from time import monotonic

from application.ports.clock import Clock
from application.ports.executor import Executor
from application.use_cases.recover_experiments import RecoverExperiments
from domain.errors import Busy
from entrypoints.processes.child import Child
from entrypoints.processes.describing import Describer
from entrypoints.processes.repeating import Repeater
from entrypoints.settings import Settings

STOPPED = "the service was stopped while it ran"
_STOP_PATIENCE_S = 10.0
# A writer counts as dead after an hour of silence, so one look at the start would miss the one that ended with it.
_SWEEP_EVERY_S = 1800.0
_LOOK_EVERY_S, _LONGEST_PAUSE_S = 2.0, 30.0
_log = logging.getLogger("progon.training")


@contextmanager
def training(settings: Settings, recovery: Recovery, executor: Executor, describer: Describer) -> Iterator[None]:
    """Trainings run while in the block; those that still do at its end are stopped and have failed."""
    engine = Child("entrypoints.processes.engine", "the engine that runs trainings", settings, _log, _STOP_PATIENCE_S)
    if not settings.dask_scheduler and _can_train():
        engine.start()
    try:
        with recovering(recovery, settings.recover_s), describing(describer):
            yield
    finally:
        executor.close()
        engine.stop()
        recovery.end_abandoned()


def _can_train() -> bool:
    if importlib.util.find_spec("distributed") is not None:
        return True
    _log.warning("the training libraries are not installed; what is queued waits for another service")
    return False


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


def describing(describer: Describer) -> AbstractContextManager[object]:
    """What can train on this machine is told to all while in the block; nothing can without the libraries."""
    if importlib.util.find_spec("distributed") is None:
        return nullcontext()
    return Repeater("trainers", describer.tell, _log, pause_s=_LOOK_EVERY_S, longest_pause_s=_LONGEST_PAUSE_S,
                    failing="the trainers could not be told of", at_once=True)


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
