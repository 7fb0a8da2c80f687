"""The keys as a process knows them, so that no request has to ask the database."""
from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from threading import Lock

from application.ports.keyring import Keyring
from domain.api_key import ApiKey


@dataclass(frozen=True, slots=True)
class _Read:
    """changes: -1 before anything was read."""

    changes: int = -1
    by_digest: Mapping[str, ApiKey] = field(default_factory=dict)


class KnownKeys:
    """What was read last. While the database is away that goes on counting, as the models that are loaded do: an end
    that was set comes all the same, a revocation comes with the database. Thread-safe: yes."""

    def __init__(self, keyring: Keyring) -> None:
        self._keyring, self._lock, self._read = keyring, Lock(), _Read()

    @property
    def is_read(self) -> bool:
        return self._read.changes >= 0

    @property
    def any_made(self) -> bool:
        """Whether there is a key, or ever was one."""
        return self._read.changes > 0

    def find(self, digest: str) -> ApiKey | None:
        """One that was not revoked; it may have expired."""
        # Whoever measures how long the search takes learns of digests, of which no key can be made.
        return self._read.by_digest.get(digest)

    def refresh(self) -> None:
        """Raises: StorageUnavailable."""
        with self._lock:
            # Counted first: what changes in between is seen the next time.
            changes = self._keyring.changes()
            if changes != self._read.changes:
                self._read = _Read(changes, {
                    key.digest: key for key in self._keyring.all() if key.revoked_at is None})
