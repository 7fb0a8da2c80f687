from __future__ import annotations

from contextlib import nullcontext
from typing import BinaryIO

from domain.schema_inference import InferredTask
from domain.task import Task
from entrypoints.answers.tasks import CreatedTaskAnswer, DeletedTaskAnswer, LookedAnswer, TaskAnswer, TasksAnswer
from entrypoints.commands.abilities.sent import Sent
from entrypoints.commands.abilities.tasks import NewTask, Tasks
from entrypoints.commands.here.of_home import OfHome
from entrypoints.commands.shell import opened, user
from entrypoints.formats.documents import task_of
from entrypoints.formats.formats import NO_FILE, FileRows, TaskWish
from entrypoints.wiring import get, ports

_WISHES = ("name", "target", "problem", "split_by", "split_by_time")


class TasksHere(OfHome, Tasks):
    def tasks(self) -> TasksAnswer:
        return TasksAnswer.of(ports.task_catalog(self._container).all())

    def task(self, name: str, schema_version: int | None = None) -> TaskAnswer:
        return self._shown(ports.task_catalog(self._container).get(name, schema_version))

    def look(self, data: Sent) -> LookedAnswer:
        with opened(data.path) as file:
            found = get.formats(self._container)[get.detector(self._container).kind_of(file)]
            return LookedAnswer.of(found, found.look(file, data.charset))

    def create_task(self, new: NewTask) -> CreatedTaskAnswer:
        with opened(new.data.path) if new.data else nullcontext() as file:
            task, inferred = self._meant(new, file)
            return self._created(new, task, inferred, file)

    def edit_task(self, name: str, changes: object) -> TaskAnswer:
        return self._shown(get.edit_task(self._container).execute(name, changes, user()))

    def delete_task(self, name: str, confirm: str) -> DeletedTaskAnswer:
        removed = get.delete_task(self._container).execute(name, confirm, user())
        return DeletedTaskAnswer(removed.name, removed.schema_version)

    def _shown(self, task: Task) -> TaskAnswer:
        return TaskAnswer.of(task, ports.feature_store(self._container).versions(task.name),
                             ports.deployment_log(self._container).history(task.name))

    def _meant(self, new: NewTask, file: BinaryIO | None) -> tuple[Task, InferredTask | None]:
        """Raises: InvalidInput, TooLarge."""
        if new.document is not None or new.data is None or file is None:
            return task_of(new.document), None
        formats = get.formats(self._container)[get.detector(self._container).kind_of(file)]
        wish = TaskWish(*(new.fields.get(name) for name in _WISHES))
        task, inferred = formats.infer(wish, file, new.data.charset)
        return task.with_positive(new.fields["positive"]) if new.fields.get("positive") else task, inferred

    def _created(self, new: NewTask, task: Task, inferred: InferredTask | None, file: BinaryIO | None
                 ) -> CreatedTaskAnswer:
        creating, looking, read = get.create_task(self._container), get.first_look(self._container), NO_FILE

        def rows() -> FileRows:
            nonlocal read
            assert file is not None and new.data is not None
            read = get.formats(self._container)[task.kind].rows(task, file, True, new.data.charset)
            return read

        if new.dry_run:
            created = creating.execute(task, dry_run=True)
            warnings = looking.of_rows(task, rows()) if file else []
        else:
            created = creating.execute(task, rows if file else None)
            warnings = looking.of(task)
        return CreatedTaskAnswer.of(created, inferred, read, new.dry_run, warnings)
