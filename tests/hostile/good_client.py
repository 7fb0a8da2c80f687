"""`python -m tests.hostile.good_client PORT`: a client that asks for one row again and again, until its input ends.

It is a process of its own, as the one that attacks has its hands full. It writes a line once it was answered the first
time, and at its end what it saw, as JSON.
"""
from __future__ import annotations

import json
import sys
import threading
import time
from http.client import HTTPConnection, HTTPException

from tests.builders import ROW

BODY = json.dumps(ROW).encode()
HEADERS = {"Content-Type": "application/json"}
_PAUSE_S = 0.01
_AT_LEAST = 20


def main(port: int) -> None:
    over = threading.Event()
    threading.Thread(target=lambda: (sys.stdin.read(), over.set()), daemon=True).start()
    durations_s, failed = list[float](), list[str]()
    connection = HTTPConnection("127.0.0.1", port, timeout=60)
    _ask(connection, [], failed)
    print("ready", flush=True)
    while not over.wait(_PAUSE_S) or len(durations_s) < _AT_LEAST and not failed:
        _ask(connection, durations_s, failed)
    connection.close()
    print(json.dumps({"durations_s": durations_s, "failed": failed}))


def _ask(connection: HTTPConnection, durations_s: list[float], failed: list[str]) -> None:
    began = time.perf_counter()
    try:
        connection.request("POST", "/forward?task=small", BODY, HEADERS)
        answer = connection.getresponse()
        content = answer.read()
    except (OSError, HTTPException) as failure:
        failed.append(repr(failure))
        connection.close()
        return
    durations_s.append(time.perf_counter() - began)
    if answer.status != 200:
        failed.append(f"{answer.status}: {content[:200]!r}")


if __name__ == "__main__":
    main(int(sys.argv[1]))
