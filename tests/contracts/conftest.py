"""A local S3 for the suites of what keeps files there."""
from __future__ import annotations

import threading
import urllib.request

import pytest


@pytest.fixture(scope="session")
def s3_endpoint():
    server_module = pytest.importorskip("moto.server", reason="moto[server] is not installed: no local S3 to test with")
    server = server_module.ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    _one_at_a_time(server)
    host, port = server.get_host_and_port()
    endpoint = f"http://{host}:{port}"
    direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    direct.open(urllib.request.Request(f"{endpoint}/progon-tests", method="PUT")).close()
    yield endpoint
    server.stop()


def _one_at_a_time(server) -> None:
    """In S3 a put that may only make something is one step; this server looks first and writes then."""
    answer, lock = server._server.app, threading.Lock()

    def locked(environ, start_response):
        with lock:
            return answer(environ, start_response)

    server._server.app = locked
