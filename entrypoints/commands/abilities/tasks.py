from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

from entrypoints.answers.tasks import CreatedTaskAnswer, DeletedTaskAnswer, LookedAnswer, TaskAnswer, TasksAnswer
from entrypoints.commands.abilities.sent import Sent


@dataclass(frozen=True, slots=True)
class NewTask:
    """Of a table or a zip: data and fields, as the form of POST /tasks has them. Else of a document, which may have
    data beside it."""

    data: Sent | None
    document: object = None
    fields: Mapping[str, str] = field(default_factory=dict)
    dry_run: bool = False


class Tasks(Protocol):
    @abstractmethod
    def tasks(self) -> TasksAnswer: ...

    @abstractmethod
    def task(self, name: str, schema_version: int | None = None) -> TaskAnswer:
        """schema_version: the newest, if None."""

    @abstractmethod
    def look(self, data: Sent) -> LookedAnswer: ...

    @abstractmethod
    def create_task(self, new: NewTask) -> CreatedTaskAnswer: ...

    @abstractmethod
    def edit_task(self, name: str, changes: object) -> TaskAnswer: ...

    @abstractmethod
    def delete_task(self, name: str, confirm: str) -> DeletedTaskAnswer: ...
