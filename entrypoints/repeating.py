"""Work that is done again and again beside the processes that answer."""
from __future__ import annotations

import logging
from collections.abc import Callable
from threading import Event, Thread


class Repeater:
    """A thread that calls `work` every `pause_s`, more rarely while it fails. A failure is logged once, as `failing`,
    and its end as `caught_up`. at_end: it is called once more when it stops, for what would be lost otherwise."""

    def __init__(self, name: str, work: Callable[[], None], log: logging.Logger, *, pause_s: float,
                 longest_pause_s: float, failing: str, caught_up: str, at_end: bool) -> None:
        self._work, self._log, self._failing, self._caught_up = work, log, failing, caught_up
        self._pause_s, self._longest_pause_s = pause_s, longest_pause_s
        self._stop, self._said, self._at_end = Event(), "", at_end
        self._thread = Thread(target=self._run, name=name, daemon=True)

    def __enter__(self) -> Repeater:
        self._thread.start()
        return self

    def __exit__(self, *_) -> None:
        self._stop.set()
        self._thread.join()

    def _run(self) -> None:
        pause_s = self._pause_s
        while not self._stop.wait(pause_s):
            pause_s = self._pause_s if self._pass() else min(pause_s * 2, self._longest_pause_s)
        if self._at_end:
            self._pass()

    def _pass(self) -> bool:
        try:
            self._work()
        except Exception as failure:  # whatever it is, the next pass may go better
            if str(failure) != self._said:
                self._log.error("%s: %s", self._failing, failure)
            self._said = str(failure)
            return False
        if self._said:
            self._log.info(self._caught_up)
        self._said = ""
        return True
