"""The whole service with a certificate: pages, API, gRPC and the command line, in every process that answers."""
from __future__ import annotations

import subprocess
from collections.abc import Iterator

import grpc
import httpx
import pytest
from grpc_health.v1 import health_pb2, health_pb2_grpc

from tests.certificates import Certificates
from tests.e2e.server import PROGON, Server, free_port, wait_until

pytestmark = [pytest.mark.e2e, pytest.mark.slow]
KEY = "0f1e2d3c4b5a69788796a5b4c3d2e1f0"


@pytest.fixture
def certificates(tmp_path) -> Certificates:
    return Certificates.made(tmp_path)


@pytest.fixture
def server(tmp_path, certificates) -> Iterator[Server]:
    """Of two processes."""
    with Server(tmp_path / "home", PROGON_WORKERS=2, PROGON_TLS_CERT=certificates.cert, PROGON_TLS_KEY=certificates.key,
                PROGON_API_KEYS=f"{KEY}:write:anna", PROGON_GRPC_PORT=free_port(),
                PROGON_DASK_SCHEDULER="tcp://127.0.0.1:1") as server:
        server.launch()
        yield server


def answers(client: httpx.Client) -> bool:
    try:
        return client.get("/healthz").status_code == 200
    except httpx.TransportError:
        return False


def test_all_that_the_service_speaks_is_sealed(server, certificates):
    url = f"https://127.0.0.1:{server.port}"
    with httpx.Client(base_url=url, verify=certificates.client()) as client:
        wait_until(lambda: answers(client), "the service")
        _sign_in(client)
        assert client.get("/openapi.json", headers={"Authorization": f"Bearer {KEY}"}).status_code == 200
    listed = subprocess.run([PROGON, "--url", url, "task", "list"], capture_output=True, text=True, check=False,
                            env=dict(server.environment) | {"PROGON_KEY": KEY, "PROGON_CA_CERT": str(certificates.ca)})
    assert listed.returncode == 0, listed.stderr
    _ask_health(f"127.0.0.1:{server.environment['PROGON_GRPC_PORT']}", certificates)
    with pytest.raises(httpx.TransportError):
        httpx.get(f"http://127.0.0.1:{server.port}/healthz")
    assert server.stop() == 0


def _sign_in(client: httpx.Client) -> None:
    """As a browser does, whose cookies go back over TLS alone."""
    page = client.get("/ui/sign-in")
    token = page.text.partition('name="csrf" value="')[2].partition('"')[0]
    signed = client.post("/ui/sign-in", data={"csrf": token, "key": KEY}, headers={"Origin": str(client.base_url)})
    assert signed.status_code == 303
    for answer in (page, signed):
        assert "; secure" in answer.headers["set-cookie"].lower()
    assert client.get("/ui/").status_code == 200


def _ask_health(address: str, certificates: Certificates) -> None:
    credentials = grpc.ssl_channel_credentials(certificates.ca.read_bytes())
    with grpc.secure_channel(address, credentials) as channel:
        answer = health_pb2_grpc.HealthStub(channel).Check(health_pb2.HealthCheckRequest(), timeout=30)
    assert answer.status in (health_pb2.HealthCheckResponse.SERVING, health_pb2.HealthCheckResponse.NOT_SERVING)
