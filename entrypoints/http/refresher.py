"""Keeps a process's models in step with the deployments."""
from __future__ import annotations

import logging
import threading

from application.serving_process import ServingProcess

_log = logging.getLogger("progon.serving")


class Refresher:
    """A thread that looks for newer deployments every `period_s`. While the database is away the models that are
    loaded go on answering."""

    def __init__(self, process: ServingProcess, period_s: float) -> None:
        self._process, self._period_s = process, period_s
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="refresher", daemon=True)
        self._said: object = None

    def start(self) -> None:
        """Returns once the models deployed by now are loaded, or could not be."""
        self._beat()
        self._thread.start()

    def stop(self) -> None:
        self._stop.set()
        self._thread.join()
        try:
            self._process.leave()
        except Exception as failure:  # the others will take our silence for it
            _log.warning("could not say goodbye: %s", failure)

    def _run(self) -> None:
        while not self._stop.wait(self._period_s):
            self._beat()

    def _beat(self) -> None:
        try:
            failures: object = dict(self._process.beat().failures)
        except Exception as failure:  # whatever it is, the loaded models go on serving
            failures = str(failure)
        if failures and failures != self._said:  # said once, not ten times a second
            _log.error("newer deployments could not be taken over: %s", failures)
        self._said = failures
