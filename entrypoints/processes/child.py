"""A process of the service's own beside the one that answers, started anew when it dies."""
from __future__ import annotations

import logging
import os
import subprocess
import sys
from threading import Event, Thread
from time import monotonic

from entrypoints.settings import Settings

_FIRST_PAUSE_S, _LONGEST_PAUSE_S = 0.2, 30.0


class Child:
    """`python -m MODULE PARENT EARLIER`: our pid, and how many of its like came before it. It ends at SIGTERM, within
    `patience_s`, and dies with us. what: its name in the log."""

    def __init__(self, module: str, what: str, settings: Settings, log: logging.Logger, patience_s: float) -> None:
        self._module, self._what, self._settings = module, what, settings
        self._log, self._patience_s = log, patience_s
        self._stop = Event()
        self._thread = Thread(target=self._run, name=module.rpartition(".")[2], daemon=True)

    def __enter__(self) -> Child:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def start(self) -> None:
        """Returns at once."""
        self._thread.start()

    def stop(self) -> None:
        """Returns when it has ended."""
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join()

    def _run(self) -> None:
        pause_s, earlier = _FIRST_PAUSE_S, 0
        while not self._stop.is_set():
            began = monotonic()
            try:
                code: object = self._live_through(earlier)
            except OSError as failure:  # no process can be started now
                code = failure
            if self._stop.is_set():
                return
            earlier += 1
            pause_s = _FIRST_PAUSE_S if monotonic() - began > _LONGEST_PAUSE_S else min(pause_s * 2, _LONGEST_PAUSE_S)
            self._log.error("%s ended with %s; another starts in %.1f s", self._what, code, pause_s)
            self._stop.wait(pause_s)

    def _live_through(self, earlier: int) -> int:
        """One process from its start to its end. It is killed by the kernel when this thread ends. Its session is its
        own, so that Ctrl-C on a terminal reaches us alone."""
        process = subprocess.Popen(
            [sys.executable, "-m", self._module, str(os.getpid()), str(earlier)], stdin=subprocess.DEVNULL,
            start_new_session=True, env=dict(os.environ) | self._settings.for_children())
        while process.poll() is None and not self._stop.wait(0.1):
            pass
        process.terminate()
        try:
            return process.wait(self._patience_s)
        except subprocess.TimeoutExpired:
            process.kill()
            return process.wait()
