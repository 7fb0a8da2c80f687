"""What a service does beside answering has a process of its own, started anew when it dies."""
from __future__ import annotations

import os
import signal

import httpx
import psutil

from tests.builders import ROW
from tests.e2e.server import Server, wait_until
from tests.e2e.small_task import put_small_task

# Nothing is trained here, so no engine for it is started.
NO_ENGINE = "tcp://127.0.0.1:1"


def housekeepers(server: Server) -> list[psutil.Process]:
    return [child for child in psutil.Process(server.process.pid).children()
            if child.status() != psutil.STATUS_ZOMBIE and "entrypoints.processes.housekeeping" in child.cmdline()]


def answer(client: httpx.Client, request_id: str) -> None:
    assert client.post("/forward", json=ROW, headers={"X-Request-ID": request_id}).status_code == 200


def shipped(client: httpx.Client) -> set[str]:
    return {row["request_id"] for row in client.get("/predictions", params={"task": "small"}).json()["predictions"]}


def waiting(client: httpx.Client) -> list[str]:
    return [line for line in client.get("/metrics").text.splitlines()
            if line.startswith("progon_prediction_log_backlog_rows")]


def test_it_is_killed_and_another_goes_on(tmp_path):
    put_small_task(tmp_path)
    with Server(tmp_path, PROGON_DASK_SCHEDULER=NO_ENGINE).start("/readyz") as server, httpx.Client(
            base_url=server.url, timeout=60) as client:
        first, = wait_until(lambda: housekeepers(server), "a housekeeper")
        answer(client, "before")
        wait_until(lambda: "before" in shipped(client), "the first row in the database")
        os.kill(first.pid, signal.SIGKILL)
        answer(client, "meanwhile")
        wait_until(lambda: "meanwhile" in shipped(client), "what was answered without it")
        second, = housekeepers(server)
        assert second.pid != first.pid
        wait_until(lambda: waiting(client) == ["progon_prediction_log_backlog_rows 0.0"], "no backlog of a dead one")
        answer(client, "last")
        assert server.stop() == 0
        assert not second.is_running()
    with Server(tmp_path, PROGON_DASK_SCHEDULER=NO_ENGINE).start("/readyz") as server, httpx.Client(
            base_url=server.url, timeout=60) as client:
        assert "last" in shipped(client), "the last of all was shipped before it ended"
        third, = wait_until(lambda: housekeepers(server), "a housekeeper")
        server.kill()
        wait_until(lambda: not third.is_running() or third.status() == psutil.STATUS_ZOMBIE, "its end with the service")
