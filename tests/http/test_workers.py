"""The parent of the processes that answer notices at once that one of them has died."""
from __future__ import annotations

import os
import signal
from concurrent.futures import ThreadPoolExecutor

import pytest
import uvicorn
from uvicorn.supervisors import multiprocess

from entrypoints.http import workers

# As long as a busy worker may take to answer, and as long as the parent may take to see that it never will.
BUSY_S, PATIENCE_S = 60.0, 20.0


async def app(scope, receive, send) -> None:
    """Never asked."""


@pytest.fixture
def worker():
    made = workers.Worker(uvicorn.Config(app, log_config=None), [])
    made.start()
    yield made
    made.kill()
    made.join()


def test_one_that_is_killed_while_it_is_asked(worker):
    os.kill(worker.pid, signal.SIGSTOP)
    with ThreadPoolExecutor(1) as pool:
        alive = pool.submit(worker.is_alive, BUSY_S)
        os.kill(worker.pid, signal.SIGKILL)
        assert alive.result(PATIENCE_S) is False


def test_one_that_lives_answers(worker):
    assert worker.is_alive(BUSY_S)


def test_the_supervisor_makes_them(monkeypatch):
    monkeypatch.setattr(multiprocess, "Process", multiprocess.Process)
    workers.install()
    assert multiprocess.Process is workers.Worker
