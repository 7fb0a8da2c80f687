from __future__ import annotations

import logging
import math
import os
from collections.abc import Mapping
from typing import TYPE_CHECKING

import click
import uvicorn

from entrypoints.commands import standing
from entrypoints.grpc import port as grpc_port
from entrypoints.http import signing_in, tls, workers
from entrypoints.http.callers import ApiKeys
from entrypoints.http.quick_connection import QuickConnection
from entrypoints.processes import ending
from entrypoints.processes.child import Child
from entrypoints.settings import Settings, WrongSetting
from entrypoints.wiring import get, ports

if TYPE_CHECKING:
    from entrypoints.wiring.container import Container

_STOP_PATIENCE_S = 40.0
# For work that is told to stop to hear it.
_CANCEL_S = 1.0
_log = logging.getLogger("progon.serving")


def _check(settings: Settings) -> None:
    """Raises: WrongSetting."""
    tls.check(settings)
    grpc_port.check(settings)
    signing_in.check(settings)
    for name in ApiKeys.parse(settings.api_keys).weak():
        _log.warning("PROGON_API_KEYS: %s has less than 128 bits and can be guessed; `progon key create` makes one "
                     "that cannot", name)


def _check_open(container: Container) -> None:
    """Raises: WrongSetting."""
    settings = ports.settings(container)
    is_open = settings.is_open and not ports.keyring(container).changes()
    if is_open and not settings.insecure:
        raise WrongSetting(
            f"PROGON_HOST is {settings.host} and no key is asked for: whoever reaches it could change and delete "
            "everything. Make a key (`progon key create`), set PROGON_API_KEYS, or say --insecure (PROGON_INSECURE=1)")
    if is_open:
        _log.warning("no key is asked for on %s: whoever reaches it may change and delete everything", settings.host)


def _say(given: Mapping[str, str | None]) -> None:
    """To the processes that answer, too: they read the same settings."""
    os.environ.update({name: value for name, value in given.items() if value is not None})


@click.command("serve")
@standing.demo
@click.option("--host", metavar="ADDRESS", help="Address to listen on, rather than PROGON_HOST (127.0.0.1).")
@click.option("--port", metavar="NUMBER", help="Port to listen on, rather than PROGON_PORT (8000).")
@click.option("--insecure", is_flag=True, help="Listen on another address than loopback although no key is asked for.")
def command(demo: bool, host: str | None, port: str | None, insecure: bool) -> None:
    """Serve the API and the pages."""
    _say({"PROGON_HOST": host, "PROGON_PORT": port, "PROGON_INSECURE": "1" if insecure else None})
    # uvicorn raises the signal that ended it once more; without what `standing` does with it the process would end
    # before its engine does.
    with ending.without_waiting(), standing.standing(demo, check=_check, check_wired=_check_open) as container:
        settings = ports.settings(container)
        ports.storage(container).close()
        get.exposition(container).begin()
        with Child("entrypoints.processes.housekeeping", "the process beside those that answer", settings, _log,
                   _STOP_PATIENCE_S):
            workers.install()
            uvicorn.run("entrypoints.http.worker:make_app", factory=True, host=settings.listens_on, port=settings.port,
                        workers=settings.workers, log_config=None, access_log=False, http=QuickConnection,
                        timeout_graceful_shutdown=math.ceil(settings.drain_s + _CANCEL_S),
                        timeout_worker_healthcheck=60, **tls.of_server(settings))
