from __future__ import annotations

import click
import uvicorn

from entrypoints.commands import standing
from entrypoints.http.access import ApiKeys
from entrypoints.processes.observing import observing
from entrypoints.processes.shipping import shipping
from entrypoints.processes.training import training
from entrypoints.wiring import get, ports


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
        with (shipping(get.shipper(container)),
              observing(get.traffic(container), get.observe_models(container), settings.monitor_refresh_s),
              training(settings, get.recovery(container), ports.executor(container))):
            uvicorn.run("entrypoints.http.worker:make_app", factory=True, host=settings.listens_on, port=settings.port,
                        workers=settings.workers, log_config=None, access_log=False, http="httptools",
                        loop="uvloop", timeout_graceful_shutdown=30, timeout_worker_healthcheck=60)
