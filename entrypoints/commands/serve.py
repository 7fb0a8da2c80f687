from __future__ import annotations

import logging

import click
import uvicorn

from entrypoints.commands import standing
from entrypoints.http.access import ApiKeys
from entrypoints.processes.child import Child
from entrypoints.wiring import get, ports

_STOP_PATIENCE_S = 40.0
_log = logging.getLogger("progon.serving")


@click.command("serve")
@standing.demo
def command(demo: bool) -> None:
    """Serve the API on HOST and PORT."""
    # uvicorn raises the signal that ended it once more; without what `standing` does with it the process would end
    # before its engine does.
    with standing.standing(demo, check=lambda settings: ApiKeys.parse(settings.api_keys)) as container:
        settings = ports.settings(container)
        ports.storage(container).close()
        get.exposition(container).begin()
        with Child("entrypoints.processes.housekeeping", "the process beside those that answer", settings, _log,
                   _STOP_PATIENCE_S):
            uvicorn.run("entrypoints.http.worker:make_app", factory=True, host=settings.listens_on, port=settings.port,
                        workers=settings.workers, log_config=None, access_log=False, http="httptools",
                        loop="uvloop", timeout_graceful_shutdown=30, timeout_worker_healthcheck=60)
