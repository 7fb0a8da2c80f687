"""Rows that come in the same turn of the event loop are answered by one run of their model.

A run costs the same for one row as for some, and so do a write to the log and a look at the clock. Nobody is waited
for: what has come by the time that the loop would go to sleep, or to read on, is what is answered together.
"""
from __future__ import annotations

import logging
from asyncio import get_running_loop
from collections.abc import Callable, Sequence
from contextvars import Context
from typing import Generic, TypeVar

from application.serving.beside_rows import RowsLately
from application.serving.current_request import CurrentRequest

# So many are answered before any of them is sent: of a model that takes long no more should wait for each other.
MOST_ROWS = 32
# A task, and the experiment that is to answer; None for what serves it.
Addressee = tuple[str, int | None]
Row = TypeVar("Row")
Reply = TypeVar("Reply")
_Waiting = tuple[CurrentRequest, Row, Callable[[Reply | None], None]]
_log = logging.getLogger("progon.http")


class Gathering(Generic[Row, Reply]):
    """For the event loop of one thread. answer: given whom they ask, requests and the row of each, what is sent to
    each; what it raises makes all of them go another way. lately: is told that rows come."""

    def __init__(self, answer: Callable[[Addressee, Sequence[CurrentRequest], Sequence[Row]], Sequence[Reply]],
                 lately: RowsLately) -> None:
        self._answer, self._lately = answer, lately
        self._waiting: dict[Addressee, list[_Waiting[Row, Reply]]] = {}

    def ask(self, to: Addressee, request: CurrentRequest, row: Row, answered: Callable[[Reply | None], None]) -> None:
        """answered: is called with what is sent; with None if the rows of this turn could not be answered together."""
        if (waiting := self._waiting.get(to)) is None:
            waiting = self._waiting[to] = []
            # In no context: what is done here is done for no request in particular.
            get_running_loop().call_soon(self._answer_all, to, waiting, context=Context())
        waiting.append((request, row, answered))
        if len(waiting) == MOST_ROWS:
            del self._waiting[to]

    def _answer_all(self, to: Addressee, waiting: Sequence[_Waiting[Row, Reply]]) -> None:
        self._lately.seen()
        if self._waiting.get(to) is waiting:
            del self._waiting[to]
        requests, rows, all_answered = zip(*waiting, strict=True)
        for answered, reply in zip(all_answered, self._replies(to, requests, rows), strict=True):
            try:
                answered(reply)
            except Exception:  # the others have nothing to do with it
                _log.exception("an answer could not be sent")

    def _replies(self, to: Addressee, requests: Sequence[CurrentRequest], rows: Sequence[Row]
                 ) -> Sequence[Reply | None]:
        try:
            return self._answer(to, requests, rows)
        except Exception:  # each meets it again where it is told
            return [None] * len(requests)
