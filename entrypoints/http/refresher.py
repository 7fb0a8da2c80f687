"""Keeps a process's models in step with the deployments."""
from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from contextlib import suppress

from application.serving.serving_process import ServingProcess
from entrypoints.processes.repeating import Repeater

_log = logging.getLogger("progon.serving")
_FAILING = "newer deployments could not be taken over"


class Refresher:
    """A thread that looks for newer deployments every `period_s`, once `prepare` has succeeded. While the database is
    away the models that are loaded go on answering; a process that starts then takes its models as soon as it is back.
    """

    def __init__(self, process: ServingProcess, period_s: float, prepare: Callable[[], None] = lambda: None,
                 settle: Callable[[], None] = lambda: None) -> None:
        """settle: called when other models are loaded than before."""
        self._process, self._prepare, self._prepared = process, prepare, False
        self._settle = settle
        self._serving: Mapping[str, int] = {}
        self._beating, self._saying = (
            Repeater(name, work, _log, pause_s=period_s, longest_pause_s=period_s, failing=_FAILING)
            for name, work in (("beat", self._beat), ("say alive", self._say_alive)))

    def start(self) -> None:
        """Returns once the models deployed by now are loaded, or could not be."""
        # Who deploys while this process loads its first models does not know of it. The first beat makes it known; what
        # was deployed until then is seen by the second, and whoever deploys later waits for us.
        self._beating.once()
        self._saying.start()
        self._beating.once()
        self._beating.start()

    def stop(self) -> None:
        self._saying.stop()
        self._beating.stop()
        try:
            self._process.leave()
        except Exception as failure:  # the others will take our silence for it
            _log.warning("could not say goodbye: %s", failure)

    def _beat(self) -> None:
        if not self._prepared:
            self._prepare()
            self._prepared = True
        refreshed = self._process.beat()
        serving = {task: served.generation for task, served in refreshed.served.items()}
        if serving != self._serving:
            self._serving = serving
            self._settle()
        if failures := refreshed.failures:
            raise _NotTakenOver({task: failure.reason for task, failure in failures.items()})

    def _say_alive(self) -> None:
        # What is in the way is told by the beat that meets it too.
        with suppress(Exception):
            if self._prepared:
                self._process.say_alive()


class _NotTakenOver(Exception):
    """Of which tasks, and why; the models that are loaded go on serving."""
