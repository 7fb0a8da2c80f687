"""What fakes stand on: nothing, but it can be away."""
from __future__ import annotations

from application.ports.storage import Storage, StorageUnavailable


class InMemoryStorage(Storage):
    """answers: False while it is away."""

    def __init__(self) -> None:
        self.answers, self._migrated = True, False

    def migrate(self) -> None:
        self._check_answers()
        self._migrated = True

    def check(self) -> None:
        self._check_answers()
        if not self._migrated:
            raise StorageUnavailable("the database has no tables yet")

    def close(self) -> None:
        """Nothing is held open."""

    def _check_answers(self) -> None:
        if not self.answers:
            raise StorageUnavailable("the database does not answer")
