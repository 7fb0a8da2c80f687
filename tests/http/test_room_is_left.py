"""However requests end, they leave nothing of what they had in memory."""
from __future__ import annotations

import gzip
import io
import socket
import threading
from collections.abc import Callable, Iterator
from types import SimpleNamespace

import httpx
import pytest
from PIL import Image
from starlette.testclient import TestClient

from entrypoints.http.app import create_app
from tests.e2e.small_task import TASK, csv_of, put_small_task
from tests.hostile.attacks.files import black_png, zipped
from tests.hostile.picture_task import put_picture_task
from tests.http.test_client_gone import PATIENCE_S, port
from tests.http.test_room import CSV, JSON, KIB, in_memory, large_row
from tests.waiting import until

__all__ = ["port"]  # a fixture
TIMES = 1_000
ZIP = {"Content-Type": "application/zip"}
ROW, ROWS = ("POST", "/forward?task=small"), ("POST", "/forward_batch?task=small")
FILES = ("POST", "/forward_batch?task=nuclei")


@pytest.fixture
def service(tmp_path) -> Iterator[SimpleNamespace]:
    """With a table and pictures, and little memory."""
    container = put_small_task(tmp_path, refresh_s=0.01, request_memory_bytes=2_000 * KIB, busy_wait_s=0.05,
                               dask_scheduler="tcp://127.0.0.1:1")
    put_picture_task(container, tmp_path)
    with TestClient(create_app(container), raise_server_exceptions=False) as client:
        yield SimpleNamespace(container=container, client=client)


def png(size: int) -> bytes:
    file = io.BytesIO()
    Image.new("L", (size, size)).save(file, "PNG")
    return file.getvalue()


def cut_off(port: int, head: bytes, body: bytes) -> None:
    """Goes in the middle of its body."""
    with socket.create_connection(("127.0.0.1", port), timeout=PATIENCE_S) as connection:
        connection.sendall(b"%b\r\nHost: a\r\nContent-Length: %d\r\n\r\n%b" % (head, 2 * len(body), body))


def ways(port: int, client: httpx.Client) -> Iterator[Callable[[], int]]:
    """Each asks once; of some nobody hears the answer."""
    large, cut = large_row(), b"POST /forward HTTP/1.1\r\nContent-Type: application/json"
    form = b"--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a\"\r\n\r\n" + b"x" * 100_000
    asked = [
        (*ROW, large, JSON), (*ROW, large[:-1], JSON),
        (*ROW, large_row(y=float("nan")), JSON), (*ROW, b"\xff" * 100_000, JSON),
        (*ROW, b"x" * (5 << 20), CSV), (*ROW, b"[" * 100_000, JSON),
        (*ROW, gzip.compress(large)[:-10], JSON | {"Content-Encoding": "gzip"}),
        (*ROWS, b"a,b\n1", CSV), (*ROWS, csv_of(500, 1, TASK), CSV),
        ("PUT", "/add_data?task=small", b"\0" * 100_000, CSV),
        ("PUT", "/labels?task=small", b"[%b]" % (b" " * 100_000), JSON),
        (*FILES, zipped(("a.png", png(64)), ("b.png", b"x" * 70_000)), ZIP),
        (*FILES, zipped(("a.png", black_png(700, 700))), ZIP),
        ("PUT", "/add_data?task=nuclei", zipped(("images/a.png", black_png(90, 90))), ZIP),
        ("POST", "/v2/models/small/infer", b'{"inputs":[%b' % (b" " * 100_000), JSON),
        (*ROWS, form, {"Content-Type": "multipart/form-data; boundary=b"}),
        ("POST", "/nowhere", large, JSON), ("GET", "/experiments", b"", {}),
    ]
    for method, path, content, headers in asked:
        yield lambda method=method, path=path, content=content, headers=headers: client.request(
            method, path, content=content, headers=headers).status_code
    for body in (large, b"x" * 300_000):
        yield lambda body=body: cut_off(port, cut, body) or 0


def test_nothing_is_left_however_requests_fail(service, port):
    """A thousand of them, from several clients at once, while there is too little for all."""
    found, room = list[int](), service.container.room()

    def ask(number: int) -> None:
        with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=PATIENCE_S) as client:
            each = list(ways(port, client))
            for turn in range(TIMES // (4 * len(each)) + 1):
                found.extend(way() for way in each[turn % 3:] + each[:turn % 3])

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) >= TIMES and 500 not in found
    assert {200, 400} <= set(found)
    until(lambda: room.taken_bytes() == 0)
    until(lambda: in_memory(service) == b"progon_request_memory_bytes 0.0")
    assert not room._taken, "no request is remembered"
