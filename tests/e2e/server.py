"""The real service as a process, for tests that talk to it as a user does."""
from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import httpx

# One client for single questions: one made for each would read the certificates of all authorities each time, for 50 ms
# of a processor. Connections are not kept, as servers are killed and begin anew on the same port.
web = httpx.Client(limits=httpx.Limits(max_keepalive_connections=0))

PROGON = Path(sys.executable).parent / "progon"


def wait_until(condition: Callable[[], object], what: str, within_s: float = 60.0, every_s: float = 0.05) -> object:
    """What `condition` answered when it first was true. Raises: AssertionError naming `what` after `within_s`."""
    deadline = time.monotonic() + within_s
    while not (answer := condition()):
        assert time.monotonic() < deadline, f"{what}: not within {within_s:g} s"
        time.sleep(every_s)
    return answer


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


class Server:
    """`progon serve` with a HOME of its own; `settings` are added to its environment. before: a command that starts
    it."""

    before: Sequence[str] = ()

    def __init__(self, home: Path, *arguments: str, **settings: object) -> None:
        self.home, self.port, self.log = home, free_port(), home / "serve.log"
        self._arguments, self._settings = arguments, {name: str(value) for name, value in settings.items()}
        self.process: subprocess.Popen | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def environment(self) -> Mapping[str, str]:
        own = {name: value for name, value in os.environ.items() if not name.startswith("PROGON_")}
        return own | {"PROGON_HOME": str(self.home), "PROGON_PORT": str(self.port),
                      "PATH": f"{PROGON.parent}{os.pathsep}{os.environ['PATH']}"} | self._settings

    def start(self, path: str = "/healthz", within_s: float = 60.0) -> Server:
        """Returns once `path` answers 200."""
        self.launch()
        wait_until(lambda: self.answers(path), f"{path} of the service", within_s)
        return self

    def launch(self) -> None:
        self.home.mkdir(parents=True, exist_ok=True)
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [*self.before, PROGON, "serve", *self._arguments], env=dict(self.environment), stdout=log, stderr=log,
                stdin=subprocess.DEVNULL, start_new_session=True)

    def answers(self, path: str) -> bool:
        assert self.process.poll() is None, f"the service ended:\n{self.log.read_text(errors='replace')[-4000:]}"
        try:
            return web.get(self.url + path, timeout=5).status_code == 200
        except httpx.TransportError:
            return False

    def kill(self) -> None:
        """kill -9 of the process that was started; what it started has to end by itself."""
        self.process.kill()
        self.process.wait()

    def stop(self, within_s: float = 40.0) -> int:
        """As an operator stops it. Returns: the exit code."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(within_s)

    def __enter__(self) -> Server:
        return self

    def __exit__(self, *_: object) -> None:
        if self.process is not None and self.process.poll() is None:
            try:
                self.stop()
            except subprocess.TimeoutExpired:
                os.killpg(self.process.pid, signal.SIGKILL)
                self.process.wait()
                raise
