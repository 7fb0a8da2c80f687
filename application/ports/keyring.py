"""The keys that were made, without the secrets by which they are shown."""
from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from domain.api_key import ApiKey
from domain.errors import Conflict, NotFound


class UnknownKey(NotFound):
    code = "unknown_key"


class KeyNameTaken(Conflict):
    """A key of that name is there and was not revoked: of two, nobody could say who did something."""

    code = "key_name_taken"


class Keyring(Protocol):
    """No key ever leaves it, so its changes can be counted. Thread-safe: yes; processes may share one."""

    @abstractmethod
    def add(self, key: ApiKey) -> ApiKey:
        """key: with id 0. Returns: the same with its new id, larger than all before. Raises: KeyNameTaken."""

    @abstractmethod
    def revoke(self, key_id: int, at: datetime) -> ApiKey:
        """One that was revoked already keeps its moment. Returns: the key as it is now. Raises: UnknownKey."""

    @abstractmethod
    def all(self) -> Sequence[ApiKey]:
        """Those that expired or were revoked too, by id."""

    @abstractmethod
    def changes(self) -> int:
        """How many keys were added and revoked so far, 0 if none ever was. Cheap: it is asked for all the time."""
