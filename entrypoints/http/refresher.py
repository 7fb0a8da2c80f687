"""Keeps a process's models in step with the deployments."""
from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from contextlib import suppress

from application.serving.serving_process import ServingProcess

_log = logging.getLogger("progon.serving")


class Refresher:
    """A thread that looks for newer deployments every `period_s`, once `prepare` has succeeded. While the database is
    away the models that are loaded go on answering; a process that starts then takes its models as soon as it is back.
    """

    def __init__(self, process: ServingProcess, period_s: float, prepare: Callable[[], None] = lambda: None) -> None:
        self._process, self._period_s, self._prepare = process, period_s, prepare
        self._prepared = False
        self._stop = threading.Event()
        self._beating, self._saying = (
            threading.Thread(target=self._repeat, args=[action], name=action.__name__, daemon=True)
            for action in (self._beat, self._say_alive))
        self._said: object = None

    def start(self) -> None:
        """Returns once the models deployed by now are loaded, or could not be."""
        # Who deploys while this process loads its first models does not know of it. The first beat makes it known; what
        # was deployed until then is seen by the second, and whoever deploys later waits for us.
        self._beat()
        self._saying.start()
        self._beat()
        self._beating.start()

    def stop(self) -> None:
        self._stop.set()
        self._beating.join()
        self._saying.join()
        try:
            self._process.leave()
        except Exception as failure:  # the others will take our silence for it
            _log.warning("could not say goodbye: %s", failure)

    def _repeat(self, action: Callable[[], None]) -> None:
        while not self._stop.wait(self._period_s):
            action()

    def _say_alive(self) -> None:
        # What is in the way is told by the beat that meets it too.
        with suppress(Exception):
            if self._prepared:
                self._process.say_alive()

    def _beat(self) -> None:
        try:
            if not self._prepared:
                self._prepare()
                self._prepared = True
            failures: object = {task: failure.reason for task, failure in self._process.beat().failures.items()}
        except Exception as failure:  # whatever it is, the loaded models go on serving
            failures = str(failure)
        if failures and failures != self._said:  # said once, not ten times a second
            _log.error("newer deployments could not be taken over: %s", failures)
        self._said = failures
