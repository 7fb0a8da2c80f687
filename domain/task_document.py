"""A task as a document: the plain values that a YAML file, a JSON body or an answer holds, both ways."""
from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, fields, replace
from enum import StrEnum
from typing import Any, TypeVar

from domain.cells import describe, unusable
from domain.columns import ColumnType
from domain.errors import Fault, InvalidInput
from domain.kinds.kind import Kind, Problem
from domain.labels import Label
from domain.schema import Column, Role, Schema
from domain.task import Split, Task
from domain.training import Training

# Of whole numbers of a column, such as its channels and bits.
INTEGER_LIMIT = 2**31
# What answers and the model file hold of a label.
_LABEL_LIMIT = 2**63
_TASK_KEYS = {"name", "kind", "problem", "description", "columns", "labels", "split", "training", "demo", "positive"}
Chosen = TypeVar("Chosen", bound=StrEnum)
_COLUMN_KEYS = [item.name for item in fields(Column) if item.init]


def to_document(task: Task) -> dict[str, object]:
    """The task in plain values, as a YAML file or an HTTP answer shows it."""
    document: dict[str, object] = {"name": task.name, "kind": str(task.kind), "problem": str(task.problem)}
    if task.description:
        document["description"] = task.description
    document["columns"] = [column_document(column) for column in task.schema.columns]
    document |= {"labels": list(task.labels)} if task.labels else {}
    document |= {"split": asdict(task.split), "training": task.training.said()}
    return document | ({"demo": task.demo} if task.demo else {})


def column_document(column: Column) -> dict[str, object]:
    default = Column(column.name, column.type)
    shown = {name: getattr(column, name) for name in _COLUMN_KEYS if getattr(column, name) != getattr(default, name)}
    document = {"name": column.name, "type": str(column.type)} | shown
    return {key: list(value) if isinstance(value, tuple) else str(value) if isinstance(value, StrEnum) else value
            for key, value in document.items()}


def from_document(document: object, schema_version: int = 1) -> Task:
    """A task from the plain values of a YAML or JSON file. `positive` puts one of two labels last.

    Raises: InvalidInput, its faults naming the place in the document.
    """
    if not isinstance(document, Mapping):
        raise InvalidInput("a task is an object with name, kind, problem and columns")
    _known("task", document, _TASK_KEYS)
    task = Task(
        name=_text(document, "name"),
        kind=_choice(Kind, document, "kind"),
        problem=_choice(Problem, document, "problem"),
        schema=Schema(tuple(_columns(document.get("columns")))),
        labels=tuple(_labels(document.get("labels", ()))),
        split=_split(document.get("split", {})),
        training=Training().override(_mapping(document.get("training", {}), "training")),
        description=_description(document),
        demo=None if document.get("demo") is None else _text(document, "demo"),
        schema_version=schema_version,
    )
    return task if document.get("positive") is None else task.with_positive(document["positive"])


def _columns(entries: object) -> list[Column]:
    if not isinstance(entries, Sequence) or isinstance(entries, str) or not entries:
        raise InvalidInput("columns is a list of columns", [Fault("columns", "expected a list of columns")])
    return [read_column(entry, f"columns[{position}]") for position, entry in enumerate(entries)]


def read_column(entry: object, where: str) -> Column:
    """where: how faults call it. Raises: InvalidInput."""
    values = dict(_mapping(entry, where))
    _known(where, values, _COLUMN_KEYS)
    column = Column(_text(values, "name", where), _choice(ColumnType, values, "type", where))
    role = _choice(Role, values, "role", where) if "role" in values else column.role
    # A row without its target teaches nothing, so a target is never nullable.
    nullable = _flag(values, "nullable", column.nullable, where) and role is not Role.TARGET
    return replace(column, role=role, nullable=nullable, missing=_missing(values, where),
                   channels=_integer(values, "channels", column.channels, where),
                   bits=_integer(values, "bits", column.bits, where), values=_integers(values, "values", where),
                   since=_integer(values, "since", column.since, where),
                   digits=_integer(values, "digits", 0, where) if values.get("digits") is not None else None,
                   day_first=None if values.get("day_first") is None else _flag(values, "day_first", False, where),
                   void=None if values.get("void") is None else _integer(values, "void", 0, where),
                   private=_flag(values, "private", False, where),
                   description=_description(values, where))


def _missing(values: Mapping[str, Any], where: str) -> tuple[str, ...]:
    """YAML reads some of these words as numbers."""
    missing = values.get("missing", ())
    if not isinstance(missing, Sequence) or isinstance(missing, str) or not all(
            isinstance(word, (str, int, float)) and not unusable(str(word)) for word in missing):
        raise InvalidInput("missing is a list of texts", [Fault(f"{where}.missing", "expected a list of texts")])
    return tuple(map(str, missing))


def _labels(labels: object) -> Sequence[Label]:
    if not isinstance(labels, Sequence) or isinstance(labels, str) or not all(map(_is_label, labels)):
        raise InvalidInput("labels is a list of strings or integers", [Fault("labels", "expected strings or integers")])
    return labels


def _is_label(value: object) -> bool:
    if isinstance(value, str):
        return not unusable(value)
    return type(value) is int and -_LABEL_LIMIT <= value < _LABEL_LIMIT


def _split(document: object) -> Split:
    values = _mapping(document, "split")
    _known("split", values, {item.name for item in fields(Split)})
    default = Split()
    checks: dict[str, tuple[type, ...]] = {"by": (str, type(None)), "by_time": (str, type(None)),
                                           "prefix_chars": (int,), "holdout": (int, float),
                                           "valid": (int, float), "seed": (int,)}
    values = {name: _whole(value) if checks[name] == (int,) else value for name, value in values.items()}
    for name, value in values.items():
        if not isinstance(value, checks[name]) or isinstance(value, bool):
            raise InvalidInput("the split cannot be used", [Fault(f"split.{name}", f"cannot be {describe(value)}")])
    return replace(default, **values)


def _mapping(value: object, where: str) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        raise InvalidInput(f"{where} is an object", [Fault(where, f"expected an object, got {describe(value)}")])
    return value


def _known(where: str, document: Mapping[str, Any], known: Collection[str]) -> None:
    if unknown := [str(key) for key in document if key not in known]:
        faults = [Fault(f"{where}.{key}", f"is unknown; known are {', '.join(sorted(known))}") for key in unknown]
        raise InvalidInput(f"{where} has unknown keys", faults)


_REQUIRED = object()


def _description(document: Mapping[str, Any], where: str = "task") -> str:
    return _text(document, "description", where) if "description" in document else ""


def _text(document: Mapping[str, Any], key: str, where: str = "task") -> str:
    value = document.get(key, _REQUIRED)
    if not isinstance(value, str):
        got = "it is missing" if value is _REQUIRED else f"got {describe(value)}"
        raise InvalidInput(f"{where}.{key} is a text", [Fault(f"{where}.{key}", f"expected a text, {got}")])
    if problem := unusable(value):
        raise InvalidInput(f"{where}.{key} {problem}", [Fault(f"{where}.{key}", problem)])
    return value


def _flag(document: Mapping[str, Any], key: str, default: bool, where: str) -> bool:
    value = document.get(key, default)
    if not isinstance(value, bool):
        raise InvalidInput(f"{where}.{key} is true or false", [Fault(f"{where}.{key}", "expected true or false")])
    return value


def _integer(document: Mapping[str, Any], key: str, default: int, where: str) -> int:
    return _integers({key: [document.get(key, default)]}, key, where)[0]


def _integers(document: Mapping[str, Any], key: str, where: str) -> tuple[int, ...]:
    values = document.get(key, ())
    if not isinstance(values, Sequence) or not all(
            type(value := _whole(each)) is int and 0 <= value < INTEGER_LIMIT for each in values):
        raise InvalidInput(f"{where}.{key} cannot be used", [Fault(f"{where}.{key}", "expected whole numbers")])
    return tuple(map(_whole, values))


def _whole(value: Any) -> Any:
    """In JSON 2.0 is a whole number as well."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _choice(choices: type[Chosen], document: Mapping[str, Any], key: str, where: str = "task") -> Chosen:
    value = _text(document, key, where)
    if value not in list(choices):
        known = ", ".join(choices)
        raise InvalidInput(f"{where}.{key} is one of {known}", [
            Fault(f"{where}.{key}", f"expected one of {known}, got {describe(value)}")])
    return choices(value)
