"""What the commands that run until they are stopped begin with."""
from __future__ import annotations

import logging
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click

from entrypoints.commands import prepare_demo
from entrypoints.commands.failures import failures_told
from entrypoints.commands.home import Home, settings_here, wired
from entrypoints.processes import home_lock, logs
from entrypoints.settings import Settings
from entrypoints.wiring import ports

if TYPE_CHECKING:
    from entrypoints.wiring.container import Container

_log = logging.getLogger("progon.settings")
demo = click.option("--demo", is_flag=True, help="First make the demo tasks ready: data, a training, a deployment.")


@contextmanager
def standing(demo: bool, check: Callable[[Settings], object] = lambda _: None,
             check_wired: Callable[[Container], object] = lambda _: None) -> Iterator[Container]:
    """The container, once the database answers and, if asked for, the demo tasks are ready; SIGTERM ends the block as
    an exit of the process does. check: of settings, before anything is made ready; check_wired: of what is in the
    database. HOME is this process's alone while in the block."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    with _home_alone(check), wired(Home.MADE, patient=True) as container:
        check_wired(container)
        if demo:
            prepare_demo.in_own_process()
        settings = ports.settings(container)
        logs.configure(settings.log_level)
        if reason := settings.commit_reason():
            _log.warning("models will say that the commit of their code is unknown: %s", reason)
        yield container


@contextmanager
def _home_alone(check: Callable[[Settings], object]) -> Iterator[None]:
    with failures_told():
        settings = settings_here(writes_home=True)
        check(settings)
        with home_lock.held(settings.home, f"progon {click.get_current_context().info_name}"):
            yield
