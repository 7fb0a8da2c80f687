"""Keys of the API, for who has the right `admin`; and whose this one is."""
from __future__ import annotations

from collections.abc import Sequence

from progon_client.answers.keys import Caller, CreatedKey, Key, Keys
from progon_client.answers.words import Right
from progon_client.call import Call, json_call


def caller() -> Call[Caller]:
    """Whose key the client has, and what it may."""
    return json_call(Caller, "GET", "/caller")


def keys() -> Call[Keys]:
    """All that were made, by id, without their secrets."""
    return json_call(Keys, "GET", "/keys")


def create_key(
    name: str, rights: Sequence[Right], *, tasks: Sequence[str] = (), days: float | None = None,
) -> Call[CreatedKey]:
    """A new key, told this once. tasks: of these alone; all if empty. days: until it expires; None is never."""
    return json_call(CreatedKey, "POST", "/keys", body={
        "name": name, "rights": list(rights), "tasks": list(tasks), "days": days})


def revoke_key(key_id: int) -> Call[Key]:
    """From now on nobody is let in by it."""
    return json_call(Key, "DELETE", "/keys/{key_id}", at={"key_id": key_id})
