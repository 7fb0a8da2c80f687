"""A local S3."""
from __future__ import annotations

import threading
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

BUCKET = "progon-tests"
KEYS = {"access_key_id": "any", "secret_access_key": "any", "region": "us-east-1"}


@contextmanager
def local_s3() -> Iterator[tuple[str, int]]:
    """Gives its host and port; it has a bucket. Skips where it is not installed."""
    server_module = pytest.importorskip("moto.server", reason="moto[server] is not installed: no local S3 to test with")
    server = server_module.ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    _one_at_a_time(server)
    host, port = server.get_host_and_port()
    direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    direct.open(urllib.request.Request(f"http://{host}:{port}/{BUCKET}", method="PUT")).close()
    try:
        yield host, port
    finally:
        server.stop()


def _one_at_a_time(server) -> None:
    """In S3 a put that may only make something is one step; this server looks first and writes then."""
    answer, lock = server._server.app, threading.Lock()

    def locked(environ, start_response):
        with lock:
            return answer(environ, start_response)

    server._server.app = locked
