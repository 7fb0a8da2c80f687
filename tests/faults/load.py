"""Clients of a service that keeps breaking: each asks on, and writes down what it was told."""
from __future__ import annotations

import json
import random
import threading
from collections.abc import Callable
from http.client import HTTPException
from time import monotonic
from uuid import uuid4

import httpx
import numpy as np

from adapters.pyarrow.csv_codec import PyarrowCsvCodec
from tests.builders import DISTANCE, ROW, make_table
from tests.e2e.small_task import TASK
from tests.faults.ledger import Ledger

FORWARD, ADD_DATA, RETRAIN, DEPLOY = "/forward", "/add_data", "/retrain", "/deploy"
ROUTES = frozenset({FORWARD, ADD_DATA, RETRAIN, DEPLOY})
BATCH_ROWS, FIRST_NUMBER = 40, 1_000_000
# Of a request of its own; what waits for a database that is locked is patient.
_PATIENCE_S = {FORWARD: 30.0, ADD_DATA: 60.0, RETRAIN: 60.0, DEPLOY: 90.0}
_AGAIN_S, _AT_ONCE = 0.2, 1
_STILL_WORKED_ON, _COME_AGAIN = 409, "Retry-After"
_BODY, _JSON, _CSV = json.dumps(ROW), {"Content-Type": "application/json"}, {"Content-Type": "text/csv"}


def numbers_of(batch: int) -> range:
    """What stands in the rows of a batch, and in no other row."""
    return range(FIRST_NUMBER + batch * BATCH_ROWS, FIRST_NUMBER + (batch + 1) * BATCH_ROWS)


def body_of(batch: int) -> bytes:
    table = make_table(TASK, BATCH_ROWS, seed=batch)
    columns = table.columns | {DISTANCE: np.array(numbers_of(batch), np.float64)}
    return b"".join(PyarrowCsvCodec().write(list(columns), [columns]))


class Load:
    """From `start` to `stop`."""

    def __init__(self, url: str, ledger: Ledger, seed: int) -> None:
        self._url, self._ledger, self._chance = url, ledger, random.Random(seed)
        self._over = threading.Event()
        self._batch = 0
        rounds = [self._forward, self._forward, self._forward, self._add_data, self._retrain, self._deploy]
        self._threads = [threading.Thread(target=self._go_on, args=(work,), name=work.__name__) for work in rounds]

    def start(self) -> None:
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """Returns when each has its last answer; a batch that was sent is sent until it is acknowledged."""
        self._over.set()
        for thread in self._threads:
            thread.join(300)
            assert not thread.is_alive(), f"{thread.name} waits for an answer for ever"

    def _go_on(self, work: Callable[[httpx.Client], None]) -> None:
        while not self._over.is_set():
            with httpx.Client(base_url=self._url, trust_env=False) as client:
                work(client)

    def _ask(self, client: httpx.Client, route: str, path: str, expected: int, **how: object) -> httpx.Response | None:
        """None if it was not answered as expected, which is written down."""
        began = monotonic()
        try:
            answer = client.request(timeout=_PATIENCE_S[route], url=path, **how)
        except (httpx.HTTPError, HTTPException) as failure:
            self._ledger.fail(route, began, repr(failure))
            return None
        if answer.status_code == expected or answer.status_code == _STILL_WORKED_ON and _COME_AGAIN in answer.headers:
            return answer
        self._ledger.fail(route, began, f"{answer.status_code} {answer.text[:300]}")
        return None

    def _forward(self, client: httpx.Client) -> None:
        """Over one connection, until something goes wrong."""
        while not self._over.wait(0.02):
            request_id, began = uuid4().hex, monotonic()
            answer = self._ask(client, FORWARD, "/forward?task=small", 200, method="POST", content=_BODY,
                               headers=_JSON | {"X-Request-ID": request_id})
            if answer is None:
                self._over.wait(0.05)
                return
            self._ledger.answered[request_id] = answer.json()["experiment_id"], began, monotonic()

    def _add_data(self, client: httpx.Client) -> None:
        """The same with the same key until it is acknowledged, also when all else is over. With another key if the
        process that works on it is not to be heard of: the same rows are not added twice for that."""
        batch, key = self._batch, uuid4().hex
        self._batch += 1
        while True:
            answer = self._ask(client, ADD_DATA, "/add_data?task=small", 200, method="PUT", content=body_of(batch),
                               headers=_CSV | {"Idempotency-Key": key})
            if answer is None:
                threading.Event().wait(_AGAIN_S)
            elif answer.status_code == _STILL_WORKED_ON:
                key = uuid4().hex
            else:
                self._ledger.batches[batch] = answer.json()["dataset_version"]
                self._over.wait(0.5)
                return

    def _retrain(self, client: httpx.Client) -> None:
        """One at a time; most come from the cache."""
        if len(self._experiments(client, "queued", "running")) < _AT_ONCE:
            body = {"dataset_version": 1, "params": {"iterations": 6, "seed": self._chance.randrange(3)}}
            answer = self._ask(client, RETRAIN, "/retrain?task=small&wait=0", 202, method="PUT", json=body)
            if answer is not None:
                self._ledger.experiments.append(answer.json()["experiment_id"])
        self._over.wait(0.5)

    def _deploy(self, client: httpx.Client) -> None:
        number = self._chance.choice([1, 2, *self._experiments(client, "succeeded")])
        answer = self._ask(client, DEPLOY, f"/deploy/{number}", 200, method="POST")
        if answer is None:
            self._ledger.attempted.append(number)
        else:
            self._ledger.deployed[answer.json()["generation"]] = number
        self._over.wait(0.3)

    def _experiments(self, client: httpx.Client, *statuses: str) -> list[int]:
        """Of the newest. Those that are known, if nothing can be asked."""
        try:
            told = client.get("/experiments", params={"task": "small", "limit": 20}, timeout=10).json()["experiments"]
        except (httpx.HTTPError, KeyError, ValueError):
            return self._ledger.experiments[:_AT_ONCE]
        return [entry["experiment_id"] for entry in told if entry["status"] in statuses]
