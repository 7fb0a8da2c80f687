"""Keys that callers show: what they allow, of which tasks and until when. The key itself is kept nowhere."""
from __future__ import annotations

import hashlib
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

MAX_NAME_CHARS = 100


class Right(StrEnum):
    """predict: answers of models. read: look at everything. data: tasks and their data. train: experiments. deploy:
    what serves. admin: all of these, keys, and deleting tasks."""

    PREDICT = "predict"
    READ = "read"
    DATA = "data"
    TRAIN = "train"
    DEPLOY = "deploy"
    ADMIN = "admin"


@dataclass(frozen=True, slots=True)
class ApiKey:
    """digest: by which the key is known again, see `digest_of`. tasks: of which alone it is, all if empty. created_by:
    whose key or account made it, where that is known. A key that was revoked stays, so that its name keeps its meaning.
    """

    id: int
    name: str
    digest: str
    rights: frozenset[Right]
    created_at: datetime
    tasks: frozenset[str] = frozenset()
    created_by: str | None = None
    expires_at: datetime | None = None
    revoked_at: datetime | None = None

    def has_expired(self, now: datetime) -> bool:
        return self.expires_at is not None and self.expires_at <= now


def granted(rights: Collection[Right]) -> frozenset[Right]:
    """What these allow, with what admin stands for."""
    return frozenset(Right if Right.ADMIN in rights else rights)


def digest_of(secret: str) -> str:
    """SHA-256 in hexadecimal digits.

    Salt and slow hashing (PBKDF2, Argon2) are for what people make up, of which all likely ones can be tried. Nobody
    tries 2^128 keys, however quick one is, so for random ones a plain digest does, and costs a request nothing.
    """
    return hashlib.sha256(secret.encode("utf-8", "surrogateescape")).hexdigest()
