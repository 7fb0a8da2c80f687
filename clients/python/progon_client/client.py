"""The client that waits."""
from __future__ import annotations

import time
from collections.abc import Iterator
from itertools import count
from typing import Any, TypeVar

import httpx

from progon_client import exchange
from progon_client.answers.events import Reading
from progon_client.answers.experiments import Experiment
from progon_client.call import Call
from progon_client.described import Asking
from progon_client.events import Event, Story
from progon_client.methods import Methods
from progon_client.retries import Outcome, Retries
from progon_client.tellings import Telling, tells

T = TypeVar("T")


class Client(Methods, Asking):
    """A service of Progon at `url`, the path of a proxy included. Close it, or use it as a context;
    threads may share it.

    key: an API key. timeout_s: of a call; those that take a file, deploy or wait for a model may take ten minutes
    longer. options: further ones of httpx.Client, such as `verify`, `proxy`, `transport`.
    """

    def __init__(self, url: str = "http://127.0.0.1:8000", key: str | None = None, *, timeout_s: float = 60.0,
                 retries: Retries = Retries(), **options: Any) -> None:
        self._http = httpx.Client(**exchange.options(url, key, timeout_s) | options)
        self._timeout_s, self._retries = timeout_s, retries

    def ask(self, call: Call[T]) -> T:
        """Any call, also one that was described elsewhere. Raises: ProgonError."""
        headers = exchange.identified(call)
        for attempt in count(1):
            outcome = self._outcome(call, headers)
            pause_s = self._retries.pause_s(attempt, outcome, call)
            if pause_s is None:
                break
            time.sleep(pause_s)
        return exchange.concluded(call, outcome)

    def tell(self, call: Call[T]) -> Iterator[Reading | T]:
        """Any call with a file that the service tells of: how far it is read, as it goes on; the answer itself comes
        last. An attempt that is repeated begins anew. Raises: ProgonError."""
        headers = exchange.identified_as_told(call)
        for attempt in count(1):
            telling = Telling()
            try:
                with call.contents() as contents:
                    request = exchange.sent(call, contents, headers, self._timeout_s)
                    with self._http.stream(**request) as response:
                        if not tells(response):
                            response.read()
                            outcome: Outcome = response
                        else:
                            for piece in response.iter_bytes():
                                yield from telling.hear(piece)
                            outcome = telling.outcome(response)
            except httpx.TransportError as failure:
                outcome = failure
            pause_s = self._retries.pause_s(attempt, outcome, call)
            if pause_s is None:
                break
            time.sleep(pause_s)
        yield exchange.concluded(call, outcome)

    def events(self, experiment_id: int) -> Iterator[Event]:
        """How far a training is, its loss and its log, as it goes on; the experiment itself comes last, when it has
        ended. A connection that breaks is made anew. Raises: ProgonError."""
        story, patience = Story(), exchange.Patience(self._retries)
        while not story.ended:
            outcome: Outcome = story.connect()
            try:
                with self._http.stream(**exchange.stream_of(experiment_id)) as response:
                    if not response.is_success:
                        response.read()
                        outcome = response
                    else:
                        for piece in response.iter_bytes():
                            patience.heard()
                            yield from story.hear(piece)
            except httpx.TransportError as failure:
                outcome = failure
            if not story.ended:
                time.sleep(patience.pause_s(outcome))

    def wait(self, experiment_id: int, *, timeout_s: float | None = None) -> Experiment:
        """The experiment once it has succeeded. Raises: NotSucceeded, TimeoutError, ProgonError."""
        until = time.monotonic() + (float("inf") if timeout_s is None else timeout_s)
        for pause_s in exchange.looks_s():
            if exchange.ended(found := self.experiment(experiment_id)):
                break
            if time.monotonic() > until:
                raise TimeoutError(f"experiment {experiment_id} is {found.status} after {timeout_s:g} s")
            time.sleep(pause_s)
        return found

    def close(self) -> None:
        self._http.close()

    def __enter__(self) -> Client:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _outcome(self, call: Call[Any], headers: dict[str, str]) -> Outcome:
        try:
            with call.contents() as contents:
                return self._http.request(**exchange.sent(call, contents, headers, self._timeout_s))
        except httpx.TransportError as failure:
            return failure
