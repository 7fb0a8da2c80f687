"""A task as somebody wants it from now on."""
from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np

from application.ports.clock import Clock
from application.ports.data_keeper import DataKeeper
from application.ports.feature_store import FeatureStore
from application.ports.history import History
from application.ports.task_catalog import TaskCatalog
from application.training.known_trainers import KnownTrainers
from domain.arrays import Array
from domain.columns.rules import Form
from domain.dataset import DatasetVersion
from domain.errors import Conflict, Fault, InvalidInput
from domain.forms import known
from domain.history import Act, Entry
from domain.task import Task
from domain.task_changes import ColumnChange, Draft, draft
from domain.task_document import column_document, to_document


class EditTask:
    """Changes what may change of a task: its description, training parameters, new labels behind those that there are,
    and of a column whether it may be empty, which words mean no value, its description, whether it is private, and an
    ignored one taken in as a feature. Until there are data, also how they are parted.

    Each change is a new schema version. Rows, trainings and models that there are keep theirs: what serves goes on
    answering with the columns and labels it was trained with. What the stored rows contradict is refused, every fault
    at once; rows from before a column was taken in have no value there.
    """

    def __init__(self, tasks: TaskCatalog, store: FeatureStore, keeper: DataKeeper, history: History,
                 clock: Clock, trainers: KnownTrainers) -> None:
        self._tasks, self._store, self._keeper, self._trainers = tasks, store, keeper, trainers
        self._history, self._clock = history, clock

    def execute(self, name: str, changes: object, by: str | None = None) -> Task:
        """changes: as `domain.task_changes.draft` takes them. Returns: the task as it is now; the same schema version
        if nothing was to be changed. Raises: UnknownTask, InvalidInput, Conflict if somebody else changed it meanwhile.
        """
        task = self._tasks.get(name)
        drafted = draft(task, changes)
        faults = list(dict.fromkeys([
            *drafted.faults, *self._training_faults(task, changes), *self._data_faults(task, drafted)]))
        if drafted.task is None or faults:
            raise InvalidInput(f"the task cannot be changed so: {faults[0].where} {faults[0].problem}", faults)
        if drafted.task == task:
            return task
        # Before the catalog tells of it: there must be no moment in which a column is wanted that has no place.
        self._keeper.make_room(drafted.task)
        changed = self._tasks.change(name, _if_still(task, drafted.task))
        self._history.add(Entry(self._clock.now(), Act.TASK_CHANGED, name, by, {
            "schema_version": changed.schema_version, **_difference(task, changed)}))
        return changed

    def _training_faults(self, task: Task, changes: object) -> Sequence[Fault]:
        wanted = changes.get("training") if isinstance(changes, Mapping) else None
        try:
            if isinstance(wanted, Mapping):
                self._trainers.check(task, wanted)
        except InvalidInput as failure:
            return failure.faults
        return ()

    def _data_faults(self, task: Task, drafted: Draft) -> list[Fault]:
        versions = self._store.versions(task.name)
        if not versions:
            return []
        faults = [Fault("split", "is fixed once there are data: a row keeps its part for ever")
                  ] if drafted.split_changed else []
        faults += [Fault(f"column {change.after.name}.nullable",
                         f"the rows up to dataset version {versions[-1].version} have no value there, so it can only "
                         "be nullable") for change in drafted.columns if change.taken_in and not change.after.nullable]
        return faults + self._row_faults(task, versions[-1], [
            change for change in drafted.columns if not change.taken_in and change.before in task.schema.stored
            and not change.before.rules.from_files and (change.required_now or change.new_words)])

    def _row_faults(self, task: Task, version: DatasetVersion, changes: list[ColumnChange]) -> list[Fault]:
        if not changes:
            return []
        counted = [_Counted(change) for change in changes]
        for table in self._store.read(task, version.version, columns=[change.before.name for change in changes]):
            for each in counted:
                each.add(table[each.change.before.name])
        return [fault for each in counted for fault in each.faults(version.version)]


class _Counted:
    """Rows of a column that speak against its change."""

    def __init__(self, change: ColumnChange) -> None:
        self.change, self._blank = change, 0
        self._held = dict.fromkeys(change.new_words, 0)

    def add(self, values: Array) -> None:
        self._blank += int(np.count_nonzero(~known(values)))
        for word in self._held:
            self._held[word] += int(np.count_nonzero(values == self._stored(word)))

    def _stored(self, word: str) -> object:
        """As the rows would hold it."""
        if self.change.before.rules.form is not Form.NUMBERS:
            return word
        try:
            return float(word)
        except ValueError:
            return np.nan

    def faults(self, version: int) -> list[Fault]:
        where = f"column {self.change.before.name}"
        blank = [Fault(f"{where}.nullable", f"{self._blank} rows of dataset version {version} have no value there")
                 ] if self.change.required_now and self._blank else []
        return blank + [
            Fault(f"{where}.missing", f"{count} rows of dataset version {version} hold {word} as a value, and models "
                  "have learned it so") for word, count in self._held.items() if count]


def _if_still(seen: Task, wanted: Task) -> Callable[[Task], Task]:
    def decide(current: Task) -> Task:
        if current.schema_version != seen.schema_version:
            raise Conflict(f"the task {seen.name} was changed by somebody else meanwhile; look at it and try again")
        return wanted
    return decide


def _difference(before: Task, after: Task) -> dict[str, object]:
    """What was there and what is there now, of what differs."""
    old, new = to_document(before), to_document(after)
    columns = {now.name: {"before": column_document(then), "after": column_document(now)} for then, now in zip(
        before.schema.columns, after.schema.columns, strict=True) if then != now}
    return {key: {"before": old.get(key), "after": new.get(key)} for key in new
            if key != "columns" and old.get(key) != new.get(key)} | ({"columns": columns} if columns else {})
