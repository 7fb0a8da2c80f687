"""A local S3 for the suites of what keeps files there."""
from __future__ import annotations

import urllib.request

import pytest


@pytest.fixture(scope="session")
def s3_endpoint():
    server_module = pytest.importorskip("moto.server", reason="moto[server] is not installed: no local S3 to test with")
    server = server_module.ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    endpoint = f"http://{host}:{port}"
    direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    direct.open(urllib.request.Request(f"{endpoint}/progon-tests", method="PUT")).close()
    yield endpoint
    server.stop()
