"""Keys that callers show."""
from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Annotated

from application.use_cases.create_key import CreatedKey
from domain.api_key import ApiKey, Right
from entrypoints.answers.answer import Answer, Moment, says


class KeyAnswer(Answer):
    """A key, without the secret that it is shown by."""

    id: int
    name: str
    rights: Sequence[Right]
    tasks: Annotated[Sequence[str], says("Of which alone it is; all if empty")]
    created_at: Moment
    created_by: Annotated[str | None, says("Whose key or account made it, where that is known")]
    expires_at: Annotated[Moment | None, says("null: never")]
    revoked_at: Moment | None

    @classmethod
    def of(cls, key: ApiKey) -> KeyAnswer:
        return cls(key.id, key.name, _in_order(key.rights), sorted(key.tasks), key.created_at, key.created_by,
                   key.expires_at, key.revoked_at)


class CreatedKeyAnswer(Answer):
    """A key that was made just now."""

    key: Annotated[str, says("What `Authorization: Bearer` wants; it is told this once")]
    made: KeyAnswer

    @classmethod
    def of(cls, created: CreatedKey) -> CreatedKeyAnswer:
        return cls(created.secret, KeyAnswer.of(created.key))


class KeysAnswer(Answer):
    """All keys that were made, by id."""

    keys: Sequence[KeyAnswer]

    @classmethod
    def of(cls, keys: Iterable[ApiKey]) -> KeysAnswer:
        return cls([KeyAnswer.of(key) for key in keys])


class CallerAnswer(Answer):
    """Who asks."""

    name: Annotated[str | None, says("Of the key, as the history tells it; null where no key is asked for")]
    rights: Annotated[Sequence[Right], says("With those that admin stands for")]
    tasks: Annotated[Sequence[str], says("Of which alone the key is; all if empty")]

    @classmethod
    def of(cls, name: str | None, rights: Iterable[Right], tasks: Iterable[str]) -> CallerAnswer:
        return cls(name, _in_order(rights), sorted(tasks))


def _in_order(rights: Iterable[Right]) -> list[Right]:
    return sorted(rights, key=list(Right).index)
