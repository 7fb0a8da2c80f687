"""What the commands that run until they are stopped begin with."""
from __future__ import annotations

import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import click

from entrypoints.commands.shell import wired
from entrypoints.processes import logs
from entrypoints.settings import Settings
from entrypoints.wiring import get, ports
from entrypoints.wiring.container import Container

demo = click.option("--demo", is_flag=True, help="First make the demo tasks ready: data, a training, a deployment.")


@contextmanager
def standing(demo: bool, check: Callable[[Settings], object] = lambda _: None) -> Iterator[Container]:
    """The container, once the database answers and, if asked for, the demo tasks are ready; SIGTERM ends the block as
    an exit of the process does. check: of settings, before anything is made ready."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    with wired(patient=True) as container:
        check(ports.settings(container))
        if demo:
            get.demo_tasks(container).prepare()
        logs.configure(ports.settings(container).log_level)
        yield container
