from __future__ import annotations

from threading import Event

import click

from entrypoints.commands import standing
from entrypoints.processes.training import training
from entrypoints.wiring import get, ports


@click.command("worker")
@standing.demo
def command(demo: bool) -> None:
    """Carry out the trainings that a service elsewhere, on the same database, has accepted."""
    with (standing.standing(demo) as container,
          training(ports.settings(container), get.recovery(container), ports.executor(container),
                   get.describer(container))):
        Event().wait()
