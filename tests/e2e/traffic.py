"""Many clients that ask for one row again and again, and remember what was answered."""
from __future__ import annotations

import json
import threading
from http.client import HTTPConnection, HTTPException
from uuid import uuid4

from tests.builders import ROW

BODY = json.dumps(ROW).encode()


class Traffic:
    """answered: request id -> body, of every answer 200. failed: other answers; a connection that broke is none, and
    its client comes again with another id. pause_s: of each client after each answer."""

    def __init__(self, port: int, clients: int, wanted: int, path: str = "/forward?task=small",
                 pause_s: float = 0.0) -> None:
        self._port, self._wanted, self._path, self.pause_s = port, wanted, path, pause_s
        self._lock = threading.Lock()
        self._over = threading.Event()
        self.answered: dict[str, dict] = {}
        self.failed: list[tuple[int, bytes]] = []
        self._threads = [threading.Thread(target=self._run, daemon=True) for _ in range(clients)]

    def start(self) -> Traffic:
        for thread in self._threads:
            thread.start()
        return self

    def join(self) -> None:
        for thread in self._threads:
            thread.join(300)
            assert not thread.is_alive()

    def stop(self) -> None:
        self._over.set()

    def has(self, answers: int) -> bool:
        return len(self.answered) >= answers

    def _run(self) -> None:
        while not self._over.is_set():
            connection = HTTPConnection("127.0.0.1", self._port, timeout=30)
            try:
                while not self._over.wait(self.pause_s):
                    self._ask(connection)
            except (OSError, HTTPException):
                self._over.wait(0.05)
            finally:
                connection.close()

    def _ask(self, connection: HTTPConnection) -> None:
        request_id = uuid4().hex
        connection.request("POST", self._path, BODY, {"Content-Type": "application/json", "X-Request-ID": request_id})
        answer = connection.getresponse()
        content = answer.read()
        with self._lock:
            if answer.status != 200:
                self.failed.append((answer.status, content))
                return
            self.answered[request_id] = json.loads(content)
            if len(self.answered) >= self._wanted:
                self._over.set()
