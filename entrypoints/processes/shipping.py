"""Brings the prediction log from the spool to the database, beside the processes that answer.

It runs apart from them; what another one left, killed, is taken over.
"""
from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from datetime import timedelta
from time import monotonic

from application.ports.clock import Clock
from application.ports.prediction_spool import PredictionSpool
from application.ports.prediction_store import PredictionStore
from application.serving.wanted import go_on
from application.use_cases.ship_predictions import ROWS_AT_ONCE, ShipPredictions
from entrypoints.processes.pace import resting
from entrypoints.processes.repeating import Repeater

_PAUSE_S, _LONGEST_PAUSE_S, _FORGET_EVERY_S = 0.25, 5.0, 3600.0
# So many come with some large files, and are shipped in some ten seconds. While more wait, it is without a rest.
FAR_BEHIND_ROWS = 500_000
# So long a pass may be: the last one is part of the stop, which whoever asked for it will not wait for for ever.
_PASS_S = 2.0
_log = logging.getLogger("progon.predictions")


@contextmanager
def shipping(shipper: Shipper) -> Iterator[None]:
    """The prediction log reaches the database while in the block, and what is left of it at its end, as far as that
    does not take longer than a stop may take; the rest waits in the spool for the next start."""
    with Repeater("shipper", shipper.ship, _log, pause_s=_PAUSE_S, longest_pause_s=_LONGEST_PAUSE_S,
                  failing="the prediction log waits in the spool", caught_up="the prediction log has caught up",
                  at_end=True):
        yield
    shipper.end()


class Shipper:
    """kept_days: how long the prediction log is kept; 0 is for ever."""

    def __init__(self, spool: PredictionSpool, ship: ShipPredictions, store: PredictionStore, clock: Clock,
                 kept_days: float) -> None:
        self._spool, self._ship, self._store, self._clock, self._kept_days = spool, ship, store, clock, kept_days
        self._forgot_at = float("-inf")

    def ship(self) -> None:
        """Raises: what the store raises; NobodyWaits between two pieces. The rows wait in the spool then."""
        until = monotonic() + _PASS_S
        with resting() if self._spool.backlog_rows() < FAR_BEHIND_ROWS else nullcontext():
            while self._ship.execute() >= ROWS_AT_ONCE and monotonic() < until:
                go_on()
        self._forget()

    def end(self) -> None:
        """What waits is for another process to take."""
        self._spool.close()

    def _forget(self) -> None:
        days = self._kept_days
        if days <= 0 or monotonic() - self._forgot_at < _FORGET_EVERY_S:
            return
        self._forgot_at = monotonic()
        before = self._clock.now() - timedelta(days=days)
        if forgotten := self._store.forget(before):
            _log.info("forgot %s predictions older than %s days", forgotten, days)
