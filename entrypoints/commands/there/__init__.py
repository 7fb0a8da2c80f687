"""A service over HTTP. Files go and come as they are read and written; nothing of the service is loaded here."""
from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from entrypoints.commands.abilities import Abilities
from entrypoints.commands.there.answering import AnsweringThere
from entrypoints.commands.there.connection import Connection
from entrypoints.commands.there.data import DataThere
from entrypoints.commands.there.experiments import ExperimentsThere
from entrypoints.commands.there.keys import KeysThere
from entrypoints.commands.there.serving import ServingThere
from entrypoints.commands.there.tasks import TasksThere
from entrypoints.commands.there.watching import WatchingThere


class There(TasksThere, DataThere, AnsweringThere, ExperimentsThere, ServingThere, WatchingThere, KeysThere, Abilities):
    """All of them."""


@contextmanager
def connected(url: str, key: str | None, ca_cert: Path | None = None) -> Iterator[There]:
    """url: of the service, the path of a proxy included; key: one of its API keys, if it asks for one; ca_cert: who may
    vouch for it. Raises: WrongSetting."""
    connection = Connection(url, key, ca_cert)
    try:
        yield There(connection)
    finally:
        connection.close()
