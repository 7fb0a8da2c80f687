"""Keeps a process's models in step with the deployments."""
from __future__ import annotations

import logging
import threading

from application.model_registry import ModelRegistry

_log = logging.getLogger("progon.serving")


class Refresher:
    """A thread that looks for newer deployments every `period_s`. While the database is away the models that are
    loaded go on answering."""

    def __init__(self, registry: ModelRegistry, period_s: float) -> None:
        self._registry, self._period_s = registry, period_s
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="refresher", daemon=True)
        self._failure = ""

    def start(self) -> None:
        """Returns once the models deployed by now are loaded, or could not be."""
        self._refresh()
        self._thread.start()

    def stop(self) -> None:
        self._stop.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._stop.wait(self._period_s):
            self._refresh()

    def _refresh(self) -> None:
        try:
            self._registry.refresh()
            self._failure = ""
        except Exception as failure:  # whatever it is, the loaded models go on serving; said once, not ten times a second
            if str(failure) != self._failure:
                _log.error("the models could not be refreshed: %s", failure)
            self._failure = str(failure)
