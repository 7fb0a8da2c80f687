"""Keys of the API."""
from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from progon_client.answers.words import Right


@dataclass(frozen=True, kw_only=True)
class Key:
    """A key, without the secret that it is shown by."""

    id: int
    name: str
    rights: list[Right]
    #: Of which alone it is; all if empty
    tasks: list[str]
    created_at: datetime
    #: Whose key or account made it, where that is known
    created_by: str | None
    #: null: never
    expires_at: datetime | None
    revoked_at: datetime | None


@dataclass(frozen=True, kw_only=True)
class Caller:
    """Who asks."""

    #: Of the key, as the history tells it; null where no key is asked for
    name: str | None
    #: With those that admin stands for
    rights: list[Right]
    #: Of which alone the key is; all if empty
    tasks: list[str]


@dataclass(frozen=True, kw_only=True)
class Keys:
    """All keys that were made, by id."""

    keys: list[Key]


@dataclass(frozen=True, kw_only=True)
class CreatedKey:
    """A key that was made just now."""

    #: What `Client(url, key)` wants; it is told this once
    key: str
    made: Key
