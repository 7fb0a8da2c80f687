from __future__ import annotations

import click

from entrypoints.commands.home import Home, wired


@click.command("migrate")
def command() -> None:
    """Bring the tables of the database up to date, as every start does, and end."""
    with wired(Home.MADE):
        click.echo("the database is up to date")
