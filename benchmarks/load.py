"""Clients that ask a local HTTP server over connections that stay open: one by one for latencies, many for the most
that it answers. By `wrk` where it is installed, which itself costs next to nothing; else by threads of Python.
"""
from __future__ import annotations

import itertools
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from statistics import quantiles
from types import MappingProxyType

WRK = shutil.which("wrk")
_SCRIPT = """
local requests, at = {}, 0
init = function()
  local headers = {["Content-Type"] = "application/json"}
  for body in io.lines("BODIES") do requests[#requests + 1] = wrk.format("POST", "PATH", headers, body) end
end
request = function() at = at % #requests + 1; return requests[at] end
done = function(summary, latency)
  local failed = summary.errors
  io.write(string.format("\\n%d %d %d %d %d", summary.requests, summary.duration,
    failed.connect + failed.read + failed.write + failed.status + failed.timeout,
    latency:percentile(50), latency:percentile(99)))
end
"""


class Client:
    """One connection. Raises: SystemExit with the answer when it is no 200."""

    def __init__(self, port: int, path: str, headers: Mapping[str, str] = MappingProxyType({})) -> None:
        said = {"Host": "127.0.0.1", "Content-Type": "application/json", **headers}
        lines = "".join(f"{name}: {value}\r\n" for name, value in said.items())
        self._head = f"POST {path} HTTP/1.1\r\n{lines}Content-Length: "
        self._socket = socket.create_connection(("127.0.0.1", port), 60)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def ask_s(self, body: bytes) -> float:
        """How long the answer took."""
        request = f"{self._head}{len(body)}\r\n\r\n".encode() + body
        began = time.perf_counter()
        self._socket.sendall(request)
        head, content = self._receive()
        took_s = time.perf_counter() - began
        if not head.startswith(b"HTTP/1.1 200"):
            raise SystemExit(f"{head.decode()}\n{content.decode()}")
        return took_s

    def _receive(self) -> tuple[bytes, bytes]:
        received = b""
        while b"\r\n\r\n" not in received:
            received += self._more()
        head, _, content = received.partition(b"\r\n\r\n")
        length = int(head.lower().partition(b"\r\ncontent-length:")[2].split(b"\r\n")[0])
        while len(content) < length:
            content += self._more()
        return head, content

    def _more(self) -> bytes:
        if not (piece := self._socket.recv(65_536)):
            raise SystemExit("the server closed the connection")
        return piece

    def close(self) -> None:
        self._socket.close()


@dataclass(frozen=True, slots=True)
class Load:
    """What a server did under it. rate: answers a second. median_s, p99_s: time of an answer."""

    rate: float
    median_s: float
    p99_s: float


def requests_a_second(port: int, path: str, bodies: Sequence[bytes], clients: int, seconds: int) -> float:
    return under_load(port, path, bodies, clients, seconds).rate


def under_load(port: int, path: str, bodies: Sequence[bytes], clients: int, seconds: int) -> Load:
    """Each client asks again as soon as it has its answer. Raises: SystemExit if one answer is no 200."""
    return (_by_wrk if WRK else _by_threads)(port, path, bodies, clients, seconds)


def _by_wrk(port: int, path: str, bodies: Sequence[bytes], clients: int, seconds: int) -> Load:
    with tempfile.TemporaryDirectory() as folder:
        lines, script = Path(folder) / "bodies", Path(folder) / "ask.lua"
        lines.write_bytes(b"\n".join(bodies))
        script.write_text(_SCRIPT.replace("BODIES", str(lines)).replace("PATH", path))
        told = subprocess.run([WRK, "-t1", f"-c{clients}", f"-d{seconds}s", "-s", script, f"http://127.0.0.1:{port}"],
                              capture_output=True, text=True, check=True).stdout
    answered, took_us, failed, median_us, p99_us = map(int, told.rsplit("\n", 1)[1].split())
    if failed:
        raise SystemExit(f"{failed} requests to {path} failed:\n{told}")
    return Load(answered / took_us * 1e6, median_us / 1e6, p99_us / 1e6)


def _by_threads(port: int, path: str, bodies: Sequence[bytes], clients: int, seconds: int) -> Load:
    began = time.perf_counter()
    with ThreadPoolExecutor(clients) as threads:
        asked = [threads.submit(_ask_until, port, path, order, began + seconds) for order in _orders(bodies, clients)]
    taken = [one for times in asked for one in times.result()]
    hundredths = quantiles(taken, n=100)
    return Load(len(taken) / (time.perf_counter() - began), hundredths[49], hundredths[98])


def _orders(bodies: Sequence[bytes], clients: int) -> Iterator[Iterator[bytes]]:
    """The same rows for each client, from another one on."""
    for number in range(clients):
        start = number * len(bodies) // clients
        yield itertools.cycle([*bodies[start:], *bodies[:start]])


def _ask_until(port: int, path: str, bodies: Iterator[bytes], until: float) -> list[float]:
    """Returns: seconds that each answer took."""
    taken = []
    with closing(Client(port, path)) as client:
        while time.perf_counter() < until:
            taken.append(client.ask_s(next(bodies)))
    return taken
