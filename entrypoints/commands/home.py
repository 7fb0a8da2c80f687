"""The HOME that a command works on: found, made, or spared."""
from __future__ import annotations

import os
import re
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING

import click

from application.caller import current_caller
from domain.errors import Busy
from entrypoints.commands.failures import failures_told
from entrypoints.commands.shell import user
from entrypoints.settings import Settings, WrongSetting
from entrypoints.wiring import ports

if TYPE_CHECKING:
    from entrypoints.wiring.container import Container

_LOOK_EVERY_S = 0.5
_USER = re.compile(r"//[^/]*@")


class Home(Enum):
    """What becomes of a command where there is no HOME yet."""

    #: It is refused: in a new one it would find nothing, and leave one by accident.
    NEEDED = "needed"
    MADE = "made"
    #: It leaves nothing behind, and works on one that is gone at its end.
    SPARED = "spared"


@contextmanager
def wired(home: Home = Home.NEEDED, patient: bool = False) -> Iterator[Container]:
    """The container, with the database's tables in place; what is worked on stands on standard error. A known failure
    ends the process with status 1. patient: what runs until it is stopped waits for a database that does not answer
    yet."""
    with failures_told(), _settings(home, patient) as (settings, is_spare):
        from entrypoints.wiring.container import make_container  # half of what a command loads, and no help needs it

        container = make_container(settings)
        storage = ports.storage(container)
        if not (patient or is_spare):
            click.echo(f"home: {_place(settings)}", err=True)
        _migrate(storage.migrate, settings.outage_patience_s if patient else 0.0)
        current_caller.set(user())
        yield container


@contextmanager
def _settings(home: Home, patient: bool) -> Iterator[tuple[Settings, bool]]:
    """And whether they are of a HOME that goes with the block. Raises: WrongSetting."""
    given = Settings.from_environment(os.environ)
    if home is not Home.MADE and not _is_there(given):
        if home is Home.NEEDED:
            raise WrongSetting(f"no Progon home at {given.home.resolve()}; progon task create makes one, PROGON_HOME "
                               "names another, and progon --url URL asks a running service")
        with tempfile.TemporaryDirectory(prefix="progon-") as spare:
            yield replace(given, home=Path(spare), database_url="", artifacts_url=""), True
        return
    yield settings_here(writes_home=patient), False


def _is_there(settings: Settings) -> bool:
    """A database of a server is, whatever this machine has."""
    scheme, _, path = settings.database.partition(":///")
    return scheme != "sqlite" or Path(path).exists()


def _place(settings: Settings) -> str:
    """Without what a URL has to keep secret."""
    home, url = str(settings.home.resolve()), settings.database_url.partition("?")[0]
    return f"{home}, database {_USER.sub('//', url)}" if url else home


def settings_here(writes_home: bool) -> Settings:
    """writes_home: elsewhere than beside a service, a read-only one does where the database is a server.

    Raises: WrongSetting."""
    settings = Settings.from_environment(os.environ)
    if writes_home or not settings.database_url:
        check_home(settings.home)
    return settings


def check_home(home: Path) -> None:
    """Raises: WrongSetting."""
    try:
        home.mkdir(parents=True, exist_ok=True)
    except OSError as failure:
        raise WrongSetting(f"PROGON_HOME: {home} cannot be made: {failure.strerror}") from failure
    if not os.access(home, os.W_OK | os.X_OK):
        raise WrongSetting(f"PROGON_HOME: {home} cannot be written")


def _migrate(migrate: Callable[[], None], patience_s: float) -> None:
    until, said = time.monotonic() + patience_s, False
    while True:
        try:
            return migrate()
        except Busy as failure:
            if time.monotonic() >= until:
                raise
            if not said:
                click.echo(f"waiting for the database: {failure}", err=True)
            said = True
            time.sleep(_LOOK_EVERY_S)
