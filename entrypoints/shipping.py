"""Brings the prediction log from the spool to the database, beside the processes that answer.

It runs in the process that `progon serve` starts in; what another one left, killed, is taken over.
"""
from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from time import monotonic
from typing import TYPE_CHECKING

from application.use_cases.ship_predictions import ROWS_AT_ONCE
from entrypoints.repeating import Repeater

if TYPE_CHECKING:
    from entrypoints.wiring.container import Container

_PAUSE_S, _LONGEST_PAUSE_S, _FORGET_EVERY_S = 0.25, 5.0, 3600.0
# So long a pass may be: the last one is part of the stop, which whoever asked for it will not wait for for ever.
_PASS_S = 10.0
_log = logging.getLogger("progon.predictions")


@contextmanager
def shipping(container: Container) -> Iterator[None]:
    """The prediction log reaches the database while in the block, and what is left of it at its end, as far as that
    does not take longer than a stop may take; the rest waits in the spool for the next start."""
    with Repeater("shipper", Shipper(container).ship, _log, pause_s=_PAUSE_S, longest_pause_s=_LONGEST_PAUSE_S,
                  failing="the prediction log waits in the spool", caught_up="the prediction log has caught up",
                  at_end=True):
        yield


class Shipper:
    def __init__(self, container: Container) -> None:
        self._container = container
        self._forgot_at = float("-inf")

    def ship(self) -> None:
        """Raises: what the store raises; the rows wait in the spool then."""
        until = monotonic() + _PASS_S
        while self._container.ship_predictions().execute() >= ROWS_AT_ONCE and monotonic() < until:
            pass
        self._forget()

    def _forget(self) -> None:
        days = self._container.settings().prediction_log_days
        if days <= 0 or monotonic() - self._forgot_at < _FORGET_EVERY_S:
            return
        self._forgot_at = monotonic()
        before = self._container.clock().now() - timedelta(days=days)
        if forgotten := self._container.prediction_store().forget(before):
            _log.info("forgot %s predictions older than %s days", forgotten, days)
