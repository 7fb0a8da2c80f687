"""What fakes stand on: nothing, but it can be away."""
from __future__ import annotations

from application.ports.storage import Storage, StorageReadOnly, StorageUnavailable


class InMemoryStorage(Storage):
    """answers: False while it is away. writable: False while it only answers."""

    def __init__(self) -> None:
        self.answers, self.writable, self._migrated = True, True, False

    def migrate(self) -> None:
        self._check_answers()
        self._migrated = True

    def check(self) -> None:
        self._check_answers()
        if not self._migrated:
            raise StorageUnavailable("the database has no tables yet")

    def check_writable(self) -> None:
        self.check()
        if not self.writable:
            raise StorageReadOnly("the database is read-only")

    def close(self) -> None:
        """Nothing is held open."""

    def _check_answers(self) -> None:
        if not self.answers:
            raise StorageUnavailable("the database does not answer")
