"""All that the service keeps, in one file."""
from __future__ import annotations

from pathlib import Path

import click

from application.use_cases.back_up import Saved
from entrypoints.commands.failures import failures_told
from entrypoints.commands.home import Home, settings_here, wired
from entrypoints.processes import home_lock
from entrypoints.wiring import get, ports

_file = click.argument("file", type=click.Path(path_type=Path, dir_okay=False))


@click.command("backup")
@_file
def backup(file: Path) -> None:
    """Write all that the service keeps into FILE, while it goes on.

    Tasks, data, experiments with their models, deployments, answers, keys (their digests): the database as it is at one
    moment, and every artifact, of SQLite and PostgreSQL, of a folder and S3. Whoever has the file has the data.
    """
    with wired() as container:
        if file.exists():
            raise click.ClickException(f"{file} is there already")
        _told(get.back_up(container).execute(file), "written to", file)


@click.command("restore")
@_file
def restore(file: Path) -> None:
    """Bring back what FILE, a backup, holds, where there is nothing yet.

    All of it is read and its digests are compared before anything is written. No service may run on this PROGON_HOME
    meanwhile.
    """
    with failures_told():
        settings = settings_here(writes_home=True)
        with home_lock.held(settings.home, "progon restore"), wired(Home.MADE) as container:
            _told(get.restore(container).execute(file), "restored from", file)
            ports.storage(container).close()


@click.command("check")
def check() -> None:
    """Tell whether the database, the artifacts and the models agree.

    Each thing that is wrong is a line, and the exit code is then 1: a model file that is missing or is not the one that
    was published, a model in service that cannot be loaded, rows that are missing, files of experiments that are gone,
    a history that was changed. A service may go on meanwhile.
    """
    with wired() as container:
        found = 0
        for found, wrong in enumerate(get.what_is_wrong(container).look(), start=1):
            click.echo(wrong)
        if found:
            raise SystemExit(1)
        click.echo("all of it agrees")


def _told(saved: Saved, what: str, file: Path) -> None:
    click.echo(f"{saved.files} files {what} {file} ({saved.size_bytes / 1e6:.1f} MB)")
