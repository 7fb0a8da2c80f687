"""Which task a request without a name means."""
from __future__ import annotations

from collections.abc import Mapping, Sequence

from application.ports.task_catalog import TaskCatalog
from domain.errors import InvalidInput
from domain.kinds.kind import Kind


class TaskNotSaid(InvalidInput):
    """Several tasks, or none, could be meant. known: their names. How to say which one is the boundary's to tell."""

    code = "task_not_said"

    def __init__(self, kind: Kind | None, known: Sequence[str]) -> None:
        self._kind, self._known = kind, known
        super().__init__(self.told())

    def told(self, how: str = "") -> str:
        """how: to say which task is meant, such as "with --task NAME"."""
        known = f"there are {', '.join(self._known)}" if self._known else "there is none"
        return " ".join(filter(None, ("say which", self._kind, "task is meant", how))) + f"; {known}"


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
