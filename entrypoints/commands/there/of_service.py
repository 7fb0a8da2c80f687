from __future__ import annotations

from entrypoints.commands.there.connection import Connection


class OfService:
    def __init__(self, connection: Connection) -> None:
        self._service = connection
