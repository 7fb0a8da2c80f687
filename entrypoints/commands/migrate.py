from __future__ import annotations

import click

from entrypoints.commands.shell import wired


@click.command("migrate")
def command() -> None:
    """Bring the tables of the database up to date, as every start does, and end."""
    with wired():
        click.echo("the database is up to date")
