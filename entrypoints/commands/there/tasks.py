from __future__ import annotations

import msgspec

from entrypoints.answers.tasks import CreatedTaskAnswer, DeletedTaskAnswer, LookedAnswer, TaskAnswer, TasksAnswer
from entrypoints.commands.abilities.sent import Sent
from entrypoints.commands.abilities.tasks import NewTask, Tasks
from entrypoints.commands.there.connection import JSON, part_of_path
from entrypoints.commands.there.of_service import OfService
from entrypoints.commands.there.once import once


class TasksThere(OfService, Tasks):
    def tasks(self) -> TasksAnswer:
        return self._service.ask(TasksAnswer, "GET", "/tasks")

    def task(self, name: str, schema_version: int | None = None) -> TaskAnswer:
        return self._service.ask(TaskAnswer, "GET", f"/tasks/{part_of_path(name)}",
                                 params={"schema_version": schema_version})

    def look(self, data: Sent) -> LookedAnswer:
        return self._service.ask(LookedAnswer, "POST", "/tasks/look", files={"file": data})

    def create_task(self, new: NewTask) -> CreatedTaskAnswer:
        said = {} if new.document is None else {"task": msgspec.json.encode(new.document).decode()}
        dry = {"dry_run": "true"} if new.dry_run else {}
        if new.data is None:
            return once(lambda headers: self._service.ask(
                CreatedTaskAnswer, "POST", "/tasks", content=said["task"].encode(), headers={**JSON, **headers},
                params=dry))
        files = {"file": new.data}
        return once(lambda headers: self._service.ask(
            CreatedTaskAnswer, "POST", "/tasks", files=files, data={**new.fields, **said, **dry}, headers=headers))

    def edit_task(self, name: str, changes: object) -> TaskAnswer:
        return self._service.ask(TaskAnswer, "PATCH", f"/tasks/{part_of_path(name)}", headers=JSON,
                                 content=msgspec.json.encode(changes))

    def delete_task(self, name: str, confirm: str) -> DeletedTaskAnswer:
        return self._service.ask(DeletedTaskAnswer, "DELETE", f"/tasks/{part_of_path(name)}",
                                 params={"confirm": confirm})
