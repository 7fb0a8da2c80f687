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
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

WRK = shutil.which("wrk")
_SCRIPT = """
local requests, at = {}, 0
init = function()
  local headers = {["Content-Type"] = "application/json"}
  for body in io.lines("BODIES") do requests[#requests + 1] = wrk.format("POST", "PATH", headers, body) end
end
request = function() at = at % #requests + 1; return requests[at] end
done = function(summary)
  local failed = summary.errors
  io.write(string.format("\\n%d %d %d", summary.requests, summary.duration,
    failed.connect + failed.read + failed.write + failed.status + failed.timeout))
end
"""


class Client:
    """One connection. Raises: SystemExit with the answer when it is no 200."""

    def __init__(self, port: int, path: str) -> None:
        self._head = f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: "
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
        length = int(head.lower().partition(b"content-length:")[2].split(b"\r\n")[0])
        while len(content) < length:
            content += self._more()
        return head, content

    def _more(self) -> bytes:
        if not (piece := self._socket.recv(65_536)):
            raise SystemExit("the server closed the connection")
        return piece

    def close(self) -> None:
        self._socket.close()


def requests_a_second(port: int, path: str, bodies: Sequence[bytes], clients: int, seconds: int) -> float:
    return (_by_wrk if WRK else _by_threads)(port, path, bodies, clients, seconds)


def _by_wrk(port: int, path: str, bodies: Sequence[bytes], clients: int, seconds: int) -> float:
    with tempfile.TemporaryDirectory() as folder:
        lines, script = Path(folder) / "bodies", Path(folder) / "ask.lua"
        lines.write_bytes(b"\n".join(bodies))
        script.write_text(_SCRIPT.replace("BODIES", str(lines)).replace("PATH", path))
        told = subprocess.run([WRK, "-t1", f"-c{clients}", f"-d{seconds}s", "-s", script, f"http://127.0.0.1:{port}"],
                              capture_output=True, text=True, check=True).stdout
    answered, took_us, failed = map(int, told.rsplit("\n", 1)[1].split())
    if failed:
        raise SystemExit(f"{failed} requests to {path} failed:\n{told}")
    return answered / took_us * 1e6


def _by_threads(port: int, path: str, bodies: Sequence[bytes], clients: int, seconds: int) -> float:
    began = time.perf_counter()
    with ThreadPoolExecutor(clients) as threads:
        asked = [threads.submit(_ask_until, port, path, order, began + seconds) for order in _orders(bodies, clients)]
    return sum(count.result() for count in asked) / (time.perf_counter() - began)


def _orders(bodies: Sequence[bytes], clients: int) -> Iterator[Iterator[bytes]]:
    """The same rows for each client, from another one on."""
    for number in range(clients):
        start = number * len(bodies) // clients
        yield itertools.cycle([*bodies[start:], *bodies[:start]])


def _ask_until(port: int, path: str, bodies: Iterator[bytes], until: float) -> int:
    """Returns: how many were answered."""
    count = 0
    with closing(Client(port, path)) as client:
        while time.perf_counter() < until:
            client.ask_s(next(bodies))
            count += 1
    return count
