"""A service that is told to stop while it works ends in time, and what it acknowledged is there."""
from __future__ import annotations

import threading
import time
from pathlib import Path

import httpx
import psutil
import pytest

from adapters.pyav.video_codec import PyavVideoCodec
from application.ports.video_codec import VideoContainer
from tests import videos
from tests.builders import ROW
from tests.e2e.server import Server, wait_until
from tests.e2e.small_task import csv_of, put_small_task
from tests.hostile.attacks.files import black_png, zipped
from tests.hostile.picture_task import put_picture_task
from tests.http.problems import check_problem

pytestmark = [pytest.mark.e2e, pytest.mark.slow]
DRAIN_S = 1
# For work to hear that it is to stop, and for the process to end.
MORE_S = 5
WORKED_S = 1.0
CSV, ZIP = {"Content-Type": "text/csv"}, {"Content-Type": "application/zip"}


@pytest.fixture(scope="module")
def home(tmp_path_factory) -> Path:
    home = tmp_path_factory.mktemp("home")
    container = put_small_task(home)
    put_picture_task(container, home)
    container.storage().close()
    return home


def many_rows() -> bytes:
    header, rows = csv_of(20_000, 1).split(b"\n", 1)
    return header + b"\n" + rows * 200


def many_pictures() -> bytes:
    picture = black_png(2_000, 2_000)
    return zipped(*((f"images/{number}.png", picture) for number in range(200)))


def a_video() -> bytes:
    frames = list(videos.grey_frames(12, 1_000, 1_400))
    return zipped(("a.mp4", videos.written(PyavVideoCodec(), VideoContainer.MP4, frames * 20, exact=False)))


LONG = {
    "picture": lambda: ("POST", "/forward?task=nuclei", {"files": {"image": black_png(8_000, 8_000)}}),
    "pictures": lambda: ("POST", "/forward_batch?task=nuclei", {"headers": ZIP, "content": many_pictures()}),
    "video": lambda: ("POST", "/forward_batch?task=nuclei", {"headers": ZIP, "content": a_video()}),
    "evaluation": lambda: ("POST", "/evaluate?task=small", {"headers": CSV, "content": many_rows()}),
    "data": lambda: ("PUT", "/add_data?task=small", {"headers": CSV, "content": many_rows()}),
}


class Asking:
    """One request, in a thread."""

    def __init__(self, server: Server, method: str, path: str, how: dict[str, object]) -> None:
        self.answer: httpx.Response | None = None
        self._asked = server.url + path, method, how
        self._thread = threading.Thread(target=self._ask)
        self._thread.start()

    def _ask(self) -> None:
        url, method, how = self._asked
        with httpx.Client(timeout=120) as client:
            self.answer = client.request(method, url, **how)

    def ended(self) -> httpx.Response:
        self._thread.join(120)
        assert self.answer is not None
        return self.answer


@pytest.mark.parametrize("work", LONG)
def test_long_work_is_stopped(home, work):
    method, path, how = LONG[work]()
    with Server(home, PROGON_LOG_LEVEL="warning", PROGON_DASK_SCHEDULER="tcp://127.0.0.1:1", PROGON_DRAIN_S=DRAIN_S
                ) as server:
        server.start("/readyz")
        before = httpx.get(f"{server.url}/datasets/small").json()
        row = httpx.post(f"{server.url}/forward?task=small", json=ROW)
        assert row.status_code == 200
        told, process = server.log.stat().st_size, psutil.Process(server.process.pid)
        idle = process.cpu_times().user
        asking = Asking(server, method, path, how)
        wait_until(lambda: process.cpu_times().user - idle > WORKED_S, "work", every_s=0.01)
        began = time.monotonic()
        assert server.stop() == 0
        took = time.monotonic() - began
        answer = asking.ended()
        print(f"{work}: stopped in {took:.1f} s of which {DRAIN_S} s were promised")
        check_problem(answer, 503)
        assert int(answer.headers["Retry-After"]) > 0
        assert took < DRAIN_S + MORE_S
        assert b"Traceback" not in server.log.read_bytes()[told:]
    with Server(home, PROGON_LOG_LEVEL="warning", PROGON_DASK_SCHEDULER="tcp://127.0.0.1:1") as server:
        server.start("/readyz")
        assert httpx.get(f"{server.url}/datasets/small").json() == before
        kept = wait_until(lambda: httpx.get(f"{server.url}/predictions", params={
            "task": "small", "request_id": row.json()["request_id"]}).json()["predictions"], "the row in the log")
        assert len(kept) == 1
