"""Rows that come in the same turn of the event loop are answered by one run of their model.

A run costs the same for one row as for some, and so do a write to the log and a look at the clock. Nobody is waited
for: what has come by the time that the loop would go to sleep, or to read on, is what is answered together.
"""
from __future__ import annotations

from asyncio import Future, get_running_loop
from collections.abc import Callable, Mapping, Sequence
from contextvars import Context

from application.serving.current_request import CurrentRequest

# So many are answered before any of them is sent: of a model that takes long no more should wait for each other.
MOST_ROWS = 32
Cells = Mapping[str, float | str]
Answer = Callable[[str, Sequence[CurrentRequest], Sequence[Cells]], Sequence[bytes]]


class Gathering:
    """For the event loop of one thread. answer: given a task, requests and the row of each, what is sent to each; what
    it raises makes all of them go another way."""

    def __init__(self, answer: Answer) -> None:
        self._answer = answer
        self._waiting: dict[str, list[tuple[CurrentRequest, Cells, Future[bytes | None]]]] = {}

    def at_once(self, task: str, request: CurrentRequest, cells: Cells) -> bytes | None:
        """For a request beside which there is no other. Returns: what `ask` comes to."""
        return self._bodies(task, (request,), (cells,))[0]

    def ask(self, task: str, request: CurrentRequest, cells: Cells) -> Future[bytes | None]:
        """Comes to the body of the answer; to None if the rows of this turn could not be answered together."""
        loop = get_running_loop()
        future: Future[bytes | None] = loop.create_future()
        if (waiting := self._waiting.get(task)) is None:
            waiting = self._waiting[task] = []
            # In no context: what is done here is done for no request in particular.
            loop.call_soon(self._answer_all, task, waiting, context=Context())
        waiting.append((request, cells, future))
        if len(waiting) == MOST_ROWS:
            del self._waiting[task]
        return future

    def _answer_all(self, task: str, waiting: Sequence[tuple[CurrentRequest, Cells, Future[bytes | None]]]) -> None:
        if self._waiting.get(task) is waiting:
            del self._waiting[task]
        requests, rows, futures = zip(*waiting, strict=True)
        for future, body in zip(futures, self._bodies(task, requests, rows), strict=True):
            if not future.done():  # whose task was cancelled meanwhile
                future.set_result(body)

    def _bodies(self, task: str, requests: Sequence[CurrentRequest], rows: Sequence[Cells]) -> Sequence[bytes | None]:
        try:
            return self._answer(task, requests, rows)
        except Exception:  # each meets it again where it is told
            return [None] * len(requests)
