from __future__ import annotations

import signal
import sys
from threading import Event

import click

from entrypoints import logs
from entrypoints.commands.shell import wired
from entrypoints.demo import prepare
from entrypoints.training import training


@click.command("worker")
@click.option("--demo", is_flag=True, help="First make the demo tasks ready: data, a training, a deployment.")
def command(demo: bool) -> None:
    """Carry out the trainings that a service elsewhere, on the same database, has accepted."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    with wired(patient=True) as container:
        if demo:
            prepare(container)
        logs.configure(container.settings().log_level)
        with training(container):
            Event().wait()
