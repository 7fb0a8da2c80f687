"""The command line as a person uses it: on a HOME, or by the URL of a service that has this HOME. The same tests run
for both."""
from __future__ import annotations

import json
import os
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import uvicorn
from click.testing import CliRunner, Result

from entrypoints.cli import main
from entrypoints.http import tls
from entrypoints.http.app import create_app
from entrypoints.settings import Settings
from entrypoints.wiring import ports
from entrypoints.wiring.container import make_container
from tests.waiting import until

BOTH = ("here", "by url")
KEY = "0f1e2d3c4b5a69788796a5b4c3d2e1f0"


@dataclass(frozen=True)
class Progon:
    """url: of the service to ask; empty for the HOME itself."""

    home: Path
    url: str = ""
    environment: Mapping[str, str] = field(default_factory=dict)

    def __call__(self, *arguments: object, code: int = 0, typed: str = "", key: str = KEY) -> Result:
        environment = {"PROGON_HOME": str(self.home), "PYTHONPATH": os.getcwd(), "PROGON_URL": self.url,
                       "PROGON_KEY": key if self.url else "", **self.environment}
        result = CliRunner().invoke(main, list(map(str, arguments)), env=environment, input=typed)
        assert result.exit_code == code, result.output
        return result

    def told(self, *arguments: object, **how: Any) -> dict[str, Any]:
        """stdout is one JSON document, whatever was drawn beside it."""
        document: dict[str, Any] = json.loads(self(*arguments, "--json", **how).stdout)
        return document


@contextmanager
def progon_on(home: Path, how: str, **settings: Any) -> Iterator[Progon]:
    """how: one of BOTH. settings: of the home."""
    if how == "here":
        yield Progon(home, environment={f"PROGON_{name.upper()}": str(value) for name, value in settings.items()})
        return
    with served(Settings(home=home, api_keys=f"{KEY}:write:anna", refresh_s=0.01, **settings)) as url:
        yield Progon(home, url)


@contextmanager
def served(settings: Settings) -> Iterator[str]:
    """The API in a thread, on a port of its own, once it has taken its models. Gives its URL."""
    container = make_container(settings)
    settled = threading.Event()
    app = create_app(container, settled.set)
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_config=None, access_log=False, timeout_graceful_shutdown=1,
                                           **tls.of_server(settings)))
    thread = threading.Thread(target=server.run, name="served")
    thread.start()
    try:
        until(lambda: server.started and settled.is_set() or not thread.is_alive())
        assert thread.is_alive()
        port: int = server.servers[0].sockets[0].getsockname()[1]
        yield replace(settings, port=port).url
    finally:
        server.should_exit = True
        thread.join()
        ports.storage(container).close()
