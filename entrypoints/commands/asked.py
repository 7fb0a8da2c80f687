"""Who does what a command asks for: a service elsewhere, or the use cases on the HOME of this machine."""
from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import click

from entrypoints.commands.abilities import Abilities
from entrypoints.commands.failures import failures_told
from entrypoints.commands.home import Home, wired


@contextmanager
def asked(home: Home = Home.NEEDED) -> Iterator[Abilities]:
    """home: of what becomes of it where there is none yet. Failures end the process as `failures_told` says."""
    said = click.get_current_context().find_root().params
    if said.get("url"):
        from entrypoints.commands.there import connected

        with failures_told(), connected(said["url"], said["key"], said["ca_cert"]) as service:
            yield service
    else:
        from entrypoints.commands.here import Here

        with wired(home) as container:
            yield Here(container)
