from __future__ import annotations

import signal
import sys

import click
import uvicorn

from entrypoints import logs
from entrypoints.commands.shell import wired
from entrypoints.demo import prepare
from entrypoints.http.access import ApiKeys
from entrypoints.observing import observing
from entrypoints.shipping import shipping
from entrypoints.training import training


@click.command("serve")
@click.option("--demo", is_flag=True, help="First make the demo tasks ready: data, a training, a deployment.")
def command(demo: bool) -> None:
    """Serve the API on HOST and PORT."""
    # uvicorn raises the signal that ended it once more; without this the process would end before its engine does.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    with wired(patient=True) as container:
        settings = container.settings()
        ApiKeys.parse(settings.api_keys)
        if demo:
            prepare(container)
        logs.configure(settings.log_level)
        container.database().close()
        container.telemetry().counters.clear()
        with shipping(container), observing(container), training(container):
            uvicorn.run("entrypoints.http.worker:make_app", factory=True, host=settings.host, port=settings.port,
                        workers=settings.workers, log_config=None, access_log=False, http="httptools",
                        loop="uvloop", timeout_graceful_shutdown=30, timeout_worker_healthcheck=60)
