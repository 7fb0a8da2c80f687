"""Brings the prediction log from the spool to the database, beside the processes that answer.

It runs in the process that `progon serve` starts in; what another one left, killed, is taken over.
"""
from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from threading import Event, Thread
from time import monotonic
from typing import TYPE_CHECKING

from application.use_cases.ship_predictions import ROWS_AT_ONCE

if TYPE_CHECKING:
    from entrypoints.container import Container

_PAUSE_S, _LONGEST_PAUSE_S, _FORGET_EVERY_S = 0.25, 5.0, 3600.0
_log = logging.getLogger("progon.predictions")


@contextmanager
def shipping(container: Container) -> Iterator[None]:
    """The prediction log reaches the database while in the block, and what is left of it at its end."""
    shipper = Shipper(container)
    shipper.start()
    try:
        yield
    finally:
        shipper.stop()


class Shipper:
    def __init__(self, container: Container) -> None:
        self._container = container
        self._stop = Event()
        self._thread = Thread(target=self._run, name="shipper", daemon=True)
        self._said, self._forgot_at = "", float("-inf")

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stop.set()
        self._thread.join()

    def _run(self) -> None:
        pause_s = _PAUSE_S
        while not self._stop.wait(pause_s):
            pause_s = _PAUSE_S if self._pass() else min(pause_s * 2, _LONGEST_PAUSE_S)
        self._pass()

    def _pass(self) -> bool:
        """Whether the database took what there was."""
        ship = self._container.ship_predictions()
        try:
            while ship.execute() >= ROWS_AT_ONCE:
                pass
            self._forget()
        except Exception as failure:  # whatever it is, the rows wait in the spool and the next pass may go better
            if str(failure) != self._said:
                _log.error("the prediction log waits in the spool: %s", failure)
            self._said = str(failure)
            return False
        if self._said:
            _log.info("the prediction log has caught up")
        self._said = ""
        return True

    def _forget(self) -> None:
        days = self._container.settings().prediction_log_days
        if days <= 0 or monotonic() - self._forgot_at < _FORGET_EVERY_S:
            return
        self._forgot_at = monotonic()
        before = self._container.clock().now() - timedelta(days=days)
        if forgotten := self._container.prediction_store().forget(before):
            _log.info("forgot %s predictions older than %s days", forgotten, days)
