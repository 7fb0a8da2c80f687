"""Which task a request without a name means."""
from __future__ import annotations

from collections.abc import Mapping, Sequence

from application.ports.task_catalog import TaskCatalog
from domain.errors import InvalidInput
from domain.kinds.kind import Kind


class TaskNotSaid(InvalidInput):
    """Several tasks, or none, could be meant. known: their names; how to say which one is for the boundary to tell."""

    code = "task_not_said"

    def __init__(self, kind: Kind | None, known: Sequence[str]) -> None:
        super().__init__(f"say which {f'{kind} ' if kind else ''}task is meant")
        self.known = f"there are {', '.join(known)}" if known else "there is none"


class ChooseTask:
    """The task that a request means: the one it names, else the default of the kind its body implies, else the only
    task of that kind."""

    def __init__(self, tasks: TaskCatalog, defaults: Mapping[Kind, str]) -> None:
        self._tasks, self._defaults = tasks, defaults

    def execute(self, name: str | None, kind: Kind | None) -> str:
        """kind: None for a request that fits every kind.

        Raises: TaskNotSaid if it stays open; whether a named task exists is not looked at here.
        """
        if name:
            return name
        kinds = [kind] if kind else list(Kind)
        defaults = [default for each in kinds if (default := self._defaults.get(each))]
        names = defaults if len(defaults) == 1 else [task.name for task in self._tasks.all() if task.kind in kinds]
        if len(names) != 1:
            raise TaskNotSaid(kind, names)
        return names[0]
