"""Keys in memory."""
from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from threading import Lock

from application.ports.keyring import KeyNameTaken, Keyring, UnknownKey
from domain.api_key import ApiKey


class InMemoryKeyring(Keyring):
    def __init__(self) -> None:
        self._lock = Lock()
        self._keys: dict[int, ApiKey] = {}

    def add(self, key: ApiKey) -> ApiKey:
        with self._lock:
            if any(other.name == key.name and other.revoked_at is None for other in self._keys.values()):
                raise KeyNameTaken(f"a key {key.name} is there already; revoke it, or give this one another name")
            added = replace(key, id=len(self._keys) + 1)
            self._keys[added.id] = added
            return added

    def revoke(self, key_id: int, at: datetime) -> ApiKey:
        with self._lock:
            if key_id not in self._keys:
                raise UnknownKey(f"there is no key {key_id}")
            key = self._keys[key_id]
            self._keys[key_id] = key if key.revoked_at else replace(key, revoked_at=at)
            return self._keys[key_id]

    def all(self) -> Sequence[ApiKey]:
        with self._lock:
            return list(self._keys.values())

    def changes(self) -> int:
        with self._lock:
            return len(self._keys) + sum(key.revoked_at is not None for key in self._keys.values())
