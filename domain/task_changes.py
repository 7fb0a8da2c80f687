"""A task after somebody changed it: its next schema version, or everything that speaks against it."""
from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from domain.cells import describe
from domain.errors import Fault, InvalidInput
from domain.schema import Column, Role, Schema
from domain.task import Task
from domain.task_document import column_document, from_document, read_column, to_document

KEYS = ("description", "training", "split", "labels", "columns")
_ALWAYS = ("nullable", "missing", "private", "description")
# What decides how a row is stored: only before there are rows of the column.
_BEFORE_STORED = ("role", "type", "digits", "day_first")
_PARTIAL = ("training", "split")
Document = dict[str, Any]


@dataclass(frozen=True, slots=True)
class ColumnChange:
    before: Column
    after: Column

    @property
    def taken_in(self) -> bool:
        return self.before.role is Role.IGNORED and self.after.role is not Role.IGNORED

    @property
    def required_now(self) -> bool:
        return self.before.nullable and not self.after.nullable

    @property
    def new_words(self) -> tuple[str, ...]:
        """That mean no value from now on and did not before."""
        return tuple(word for word in self.after.missing if word not in self.before.missing)


@dataclass(frozen=True, slots=True)
class Draft:
    """task: None where `faults` say why it cannot be. columns: those that can be changed as asked. split_changed: how
    rows are parted would be another."""

    task: Task | None
    columns: Sequence[ColumnChange]
    split_changed: bool
    faults: Sequence[Fault]


def draft(task: Task, changes: object) -> Draft:
    """changes: what to change, in the form of a task document; what is left out stays as it is. `training` and `split`
    name single fields, `columns` is a list of columns or an object of them by name, each with what changes.

    Raises: InvalidInput for what is no object at all.
    """
    if not isinstance(changes, Mapping):
        raise InvalidInput(f"the changes are an object, got {describe(changes)}")
    faults = [Fault(str(key), f"cannot be changed; what can is {', '.join(KEYS)}")
              for key in changes if key not in KEYS]
    columns = _columns(task, changes.get("columns", {}), faults)
    wanted = {key: changes[key] for key in KEYS if key in changes and key != "columns"}
    faults += _label_faults(task, wanted.get("labels"))
    # A reader names the first fault that it meets; so each key by itself, and then all of them together.
    for each in [*({key: value} for key, value in wanted.items()), wanted]:
        faults += _faults_of(lambda: from_document(_merged(task, each, columns)))
    found = None if faults else replace(
        from_document(_merged(task, wanted, columns)), schema_version=task.schema_version + 1)
    split_changed = "split" in wanted and _merged(task, wanted, {})["split"] != to_document(task)["split"]
    return Draft(found, list(columns.values()), split_changed, list(dict.fromkeys(faults)))


def _merged(task: Task, wanted: Mapping[str, Any], columns: Mapping[str, ColumnChange]) -> Document:
    document: Document = to_document(task)
    document["columns"] = [column_document(columns[column.name].after if column.name in columns else column)
                           for column in task.schema.columns]
    for key, value in wanted.items():
        # What is no object is left for the reader to name.
        partial = key in _PARTIAL and isinstance(value, Mapping)
        document[key] = value if not partial else (
            task.training.override(value).said() if key == "training" else {**document[key], **value})
    return document


def _columns(task: Task, wanted: object, faults: list[Fault]) -> dict[str, ColumnChange]:
    """Those that are right; the faults of the others are put to `faults`."""
    found = {}
    for name, entry in _by_name(wanted, faults).items():
        where = f"column {name}"
        if name not in task.schema:
            known = ", ".join(column.name for column in task.schema.columns)
            faults.append(Fault(where, f"there is no such column; there are {known}"))
        elif not isinstance(entry, Mapping):
            faults.append(Fault(where, f"expected an object, got {describe(entry)}"))
        elif wrong := _column_faults(task.schema[name], entry, where):
            faults += wrong
        else:
            found[name] = _changed(task, task.schema[name], entry)
    return found


def _by_name(wanted: object, faults: list[Fault]) -> dict[str, Any]:
    if isinstance(wanted, Mapping):
        return {str(name): entry for name, entry in wanted.items()}
    if not isinstance(wanted, Sequence) or isinstance(wanted, str):
        faults.append(Fault("columns", f"expected columns by name, got {describe(wanted)}"))
        return {}
    found: dict[str, Any] = {}
    for position, entry in enumerate(wanted):
        name = entry.get("name") if isinstance(entry, Mapping) else None
        if not isinstance(name, str) or name in found:
            faults.append(Fault(f"columns[{position}]", "expected an object with the name of a column, each once"))
        else:
            found[name] = {key: value for key, value in entry.items() if key != "name"}
    return found


def _column_faults(column: Column, entry: Mapping[str, Any], where: str) -> list[Fault]:
    known = [*_ALWAYS, *_BEFORE_STORED, *(["values"] if column.values else [])]
    faults = [Fault(f"{where}.{key}", f"cannot be changed; of a column what can is {', '.join(known)}")
              for key in entry if key not in known]
    for key in known:
        if key in entry:
            faults += _faults_of(lambda: read_column(column_document(column) | {key: entry[key]}, where))
    return faults or _stored_faults(column, entry, where)


def _stored_faults(column: Column, entry: Mapping[str, Any], where: str) -> list[Fault]:
    after = _read(column, entry)
    if column.role is Role.IGNORED:
        odd = after.role not in (Role.IGNORED, Role.FEATURE)
        return [Fault(f"{where}.role", "an ignored column can become a feature and nothing else")] if odd else []
    faults = [Fault(f"{where}.{key}", f"stays {getattr(column, key)}: rows are stored so, and models learned so; make "
                    "another task for something else")
              for key in _BEFORE_STORED if getattr(after, key) != getattr(column, key)]
    if after.values[:len(column.values)] != column.values:
        faults.append(Fault(f"{where}.values", "begin with those of the labels that there are; new ones come behind"))
    if column.role is Role.TARGET and entry.get("nullable"):
        faults.append(Fault(f"{where}.nullable", "a target is never without a value; rows without one are left out"))
    return faults


def _changed(task: Task, column: Column, entry: Mapping[str, Any]) -> ColumnChange:
    after = _read(column, entry)
    taken_in = column.role is Role.IGNORED and after.role is not Role.IGNORED
    return ColumnChange(column, replace(after, since=task.schema_version + 1) if taken_in else after)


def _read(column: Column, entry: Mapping[str, Any]) -> Column:
    return read_column(column_document(column) | dict(entry), f"column {column.name}")


def _label_faults(task: Task, labels: object) -> list[Fault]:
    if not isinstance(labels, Sequence) or isinstance(labels, str):
        return []
    if not task.labels:
        return [Fault("labels", f"a {task.problem} has none")] if labels else []
    if tuple(labels[:len(task.labels)]) == task.labels:
        return []
    kept = ", ".join(map(str, task.labels))
    return [Fault("labels", f"begin with those that there are, in their order ({kept}); new ones come behind them")]


def _faults_of(read: Callable[[], object]) -> list[Fault]:
    try:
        read()
    except InvalidInput as failure:
        return list(failure.faults) or [Fault("task", failure.detail)]
    return []


def as_trained(newest: Task, trained: Task) -> Task:
    """The task that a model answers: columns and labels as it was trained with them; what is required, what means no
    value and what is kept to oneself, as it is now. No answer is parted in time, so no date is required for that."""
    columns = (_in_manner(column, newest.schema) for column in trained.schema.columns)
    return replace(trained, schema=Schema(tuple(columns)), split=replace(trained.split, by_time=None),
                   description=newest.description, schema_version=newest.schema_version)


def _in_manner(column: Column, newest: Schema) -> Column:
    if column.name not in newest:
        return column
    now = newest[column.name]
    return replace(column, nullable=now.nullable, missing=now.missing, private=now.private, description=now.description)
