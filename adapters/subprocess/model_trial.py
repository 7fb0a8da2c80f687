"""Trials in a process each, which limits itself before it opens what it was given."""
from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from time import monotonic

from adapters.subprocess.trial_files import PHASE, read_outcome, write_run
from application.ports.model_runner import ModelCrashed
from application.ports.model_trial import ModelTrial, TooSlow, TrialOutcome, TrialRun
from application.ports.table_files import TableFiles
from application.serving.wanted import go_on

# A trial ends its steps itself by the processor's time that they took; for one that gets hardly any, or none.
_PATIENCE_OF_STEPS = 20
_LOOK_EVERY_S = 0.2


class SubprocessModelTrial(ModelTrial):
    """arguments: of the interpreter, for the process that does the work; the folder, the number of this process and
    both limits are put behind them. patience_s: of a processor's time, for each step of a trial. memory_bytes: of
    addresses, the libraries' own among them."""

    def __init__(self, files: TableFiles, arguments: Sequence[str], environment: Mapping[str, str], patience_s: float,
                 memory_bytes: int) -> None:
        self._files, self._arguments, self._environment = files, arguments, environment
        self._patience_s, self._memory_bytes = patience_s, memory_bytes

    def run(self, run: TrialRun) -> TrialOutcome:
        write_run(run, self._files)
        code, said = self._ended(run)
        if (outcome := read_outcome(run.folder)) is not None:
            return outcome
        raise self._failure(run, code, said)

    def _ended(self, run: TrialRun) -> tuple[int, str]:
        """Returns: the code that the process ended with, and the end of what it said."""
        command = [sys.executable, *self._arguments, str(run.folder), str(os.getpid()), str(self._patience_s),
                   str(self._memory_bytes)]
        patience_s = self._patience_s * _PATIENCE_OF_STEPS
        with subprocess.Popen(command, env=dict(self._environment), stdin=subprocess.DEVNULL,
                              stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, start_new_session=True) as process:
            try:
                said = _said(process, monotonic() + patience_s)
            except subprocess.TimeoutExpired as failure:
                raise TooSlow(f"the trial of the model was not done within {patience_s:g} s, when it was given its "
                              f"time {_step(run)}: the task has many rows for it, or the machine is busy") from failure
            finally:
                process.kill()
        lines = said.decode("utf-8", "replace").strip().splitlines()
        return process.returncode, lines[-1] if lines else ""

    def _failure(self, run: TrialRun, code: int, said: str) -> Exception:
        step = _step(run)
        if code == -signal.SIGPROF:
            return TooSlow(f"the model needs more than {self._patience_s:g} s {step}, which is what it is given")
        if "MemoryError" in said or "bad_alloc" in said:
            return ModelCrashed(f"the model needs more than the {self._memory_bytes >> 20} MB that it is given, {step}")
        how = f"signal {signal.Signals(-code).name}" if code < 0 else f"exit code {code}"
        return ModelCrashed(f"the model took its process down with {how} {step}")


def _said(process: subprocess.Popen[bytes], until: float) -> bytes:
    """All of its errors, once it has ended. Raises: TimeoutExpired; NobodyWaits."""
    while True:
        go_on()
        try:
            return process.communicate(timeout=_LOOK_EVERY_S)[1]
        except subprocess.TimeoutExpired:
            if monotonic() >= until:
                raise


def _step(run: TrialRun) -> str:
    """What it was last given its time for, in words."""
    phase = run.folder / PHASE
    return phase.read_text(encoding="utf-8") if phase.exists() else "to begin"
