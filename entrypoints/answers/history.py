"""What was done, by whom."""
from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated

from domain.history import Act, Entry
from entrypoints.answers.answer import Answer, Json, Moment, says


class EntryAnswer(Answer):
    """One thing that was done."""

    id: int
    at: Moment
    act: Act
    task: Annotated[str, says("Empty for what is of no task: a key")]
    by: Annotated[str | None, says("Whose key or account it was, where that is known")]
    detail: Annotated[Mapping[str, Json], says("What it was, and what was there before")]
    digest: Annotated[str, says("SHA-256 of the digest of the entry before and of this entry; empty in those of "
                                "before there were digests")]

    @classmethod
    def of(cls, entry: Entry) -> EntryAnswer:
        return cls(entry.id, entry.at, entry.act, entry.task, entry.by, entry.detail, entry.digest)


class HistoryAnswer(Answer):
    """Some changes, the newest first."""

    entries: Sequence[EntryAnswer]
    next: Annotated[int | None, says("`before` of the page that follows; null on the last")]

    @classmethod
    def of(cls, entries: Sequence[Entry], limit: int) -> HistoryAnswer:
        """entries: one more than `limit`, if there is a page that follows."""
        page = entries[:limit]
        return cls([EntryAnswer.of(entry) for entry in page], page[-1].id if len(entries) > limit else None)


class AuditAnswer(Answer):
    """Some of what was done."""

    entries: Sequence[EntryAnswer]
    next: Annotated[int | None, says("`after` of the page that follows, of the newest first its `before`; null on the "
                                     "last")]

    @classmethod
    def of(cls, entries: Sequence[Entry], limit: int) -> AuditAnswer:
        """entries: one more than `limit`, if there is a page that follows."""
        page = entries[:limit]
        return cls([EntryAnswer.of(entry) for entry in page], page[-1].id if len(entries) > limit else None)
