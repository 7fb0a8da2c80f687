"""Who may, and who did what."""
from __future__ import annotations

from typing import TypedDict

from entrypoints.admin.api.shapes import Json


class EntryBody(TypedDict):
    at: str
    act: str
    task: str
    by: str | None
    detail: Json


class HistoryBody(TypedDict):
    entries: list[EntryBody]
    next: int | None


class BegunSignInBody(TypedDict):
    address: str
    kept: str


class SignedInBody(TypedDict):
    session: str
    lasts_s: float


class CallerBody(TypedDict):
    """name: None where no key is asked for."""

    name: str | None
    rights: list[str]


class KeyBody(TypedDict):
    """tasks: all if empty. expires_at: None for never."""

    id: int
    name: str
    rights: list[str]
    tasks: list[str]
    created_at: str
    created_by: str | None
    expires_at: str | None
    revoked_at: str | None


class CreatedKeyBody(TypedDict):
    key: str
    made: KeyBody


KeysBody = TypedDict("KeysBody", {"keys": list[KeyBody]})
ProviderBody = TypedDict("ProviderBody", {"issuer": str | None})
