"""Work that is done again and again beside the processes that answer."""
from __future__ import annotations

import logging
from collections.abc import Callable
from threading import Event, Thread

from application.serving.wanted import NobodyWaits, gone


class Repeater:
    """A thread that calls `work` every `pause_s`, more rarely while it fails, up to `longest_pause_s`. A failure is
    logged once, as `failing`, and its end as `caught_up`, if that has words. at_once: the first call waits for nothing.
    at_end: it is called once more when it stops, for what would be lost otherwise. wake: ends the wait of a call that
    waits for something to do, when it is to stop."""

    def __init__(self, name: str, work: Callable[[], object], log: logging.Logger, *, pause_s: float,
                 longest_pause_s: float, failing: str, caught_up: str = "", at_once: bool = False,
                 at_end: bool = False, wake: Callable[[], None] = lambda: None) -> None:
        self._work, self._log, self._failing, self._caught_up = work, log, failing, caught_up
        self._pause_s, self._longest_pause_s = pause_s, longest_pause_s
        self._at_once, self._at_end, self._wake = at_once, at_end, wake
        self._stop, self._said = Event(), ""
        self._thread = Thread(target=self._run, name=name, daemon=True)

    def __enter__(self) -> Repeater:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Returns when a call that goes on has ended; work that asks (`go_on`) is told that it need not be done."""
        self._stop.set()
        self._wake()
        self._thread.join()

    def once(self) -> bool:
        """Calls it now, in this thread. Whether it succeeded; if not, that is logged."""
        try:
            self._work()
        except NobodyWaits:
            return True
        except Exception as failure:  # whatever it is, the next pass may go better
            if str(failure) != self._said:
                self._log.error("%s: %s", self._failing, failure)
            self._said = str(failure)
            return False
        if self._said and self._caught_up:
            self._log.info(self._caught_up)
        self._said = ""
        return True

    def _run(self) -> None:
        gone.set(self._stop.is_set)
        usual_s = pause_s = self._pause_s
        if self._at_once:
            pause_s = 0.0
        while not self._stop.wait(pause_s):
            pause_s = usual_s if self.once() else min(max(pause_s, usual_s) * 2, self._longest_pause_s)
        gone.set(None)
        if self._at_end:
            self.once()
