"""Experiments as a table: which columns there are, which are shown, and what stands in them."""
from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from entrypoints.admin import asking, metrics
from entrypoints.admin.api.experiments import ExperimentBody
from entrypoints.admin.experiments import duration_s, value_text
from entrypoints.admin.language import NOTHING, Language
from entrypoints.admin.words import part_word

PAGE_ROWS = 50
STATUSES = ("running", "queued", "succeeded", "failed", "cancelled")
ARCHIVES = ("no", "only", "all")
# Beside id, name with its marks, and status, which are always there.
_FIELDS = ("dataset_version", "duration_s", "created_at", "origin", "schema_version", "commit", "note", "parent")
_TEXTS = ("created_at", "origin", "commit", "note")
# Metrics and parameters: which there are hangs on the experiments that are looked at.
_DOTTED = (*metrics.PARTS, "params")
USUAL = ("dataset_version", "duration_s", "created_at")


@dataclass(frozen=True, slots=True)
class Column:
    """key: as the API names it. sorted: which way, empty if it is not. next_sort: what a click asks for."""

    key: str
    text: str
    numeric: bool
    wide: bool
    sorted: str
    next_sort: str


@dataclass(frozen=True, slots=True)
class Cell:
    text: str
    difference: metrics.Difference | None
    column: Column


@dataclass(frozen=True, slots=True)
class Row:
    id: int
    name: str
    status: str
    progress: float
    marks: Sequence[str]
    tags: Sequence[str]
    cells: Sequence[Cell]


@dataclass(frozen=True, slots=True)
class Choice:
    key: str
    text: str
    chosen: bool


@dataclass(frozen=True, slots=True)
class Choices:
    title: str
    columns: Sequence[Choice]


def shown(asked: Sequence[str], names: Iterable[str], main: str) -> list[str]:
    """asked: keys from the address. Returns: them, whether or not an experiment has something there; the usual ones if
    none is asked for. Raises: ApiProblem of what can be no column."""
    for key in asked:
        if key.partition(".")[0] not in _DOTTED:
            asking.checked("c", key, keys(names))
    return list(dict.fromkeys(asked)) or [f"test.{main}", *USUAL]


def keys(names: Iterable[str]) -> list[str]:
    """Of what the API can be asked for, what can be a column."""
    parts = tuple(f"{part}." for part in metrics.PARTS)
    return [*_FIELDS, *sorted((name for name in names if name.startswith(parts)), key=lambda name: parts.index(
        name.partition(".")[0] + ".")), *(name for name in names if name.startswith("params."))]


def heading(_: Language, key: str) -> str:
    kind, _dot, name = key.partition(".")
    if kind == "params":
        return name
    if kind in metrics.PARTS:
        return name if kind == "test" else f"{name}, {part_word(_, kind)}"
    return {"id": _("Id"), "name": _("Name"), "status": _("Status"), "dataset_version": _("Data"),
            "duration_s": _("Duration"), "created_at": _("Created, UTC"), "origin": _("Origin"),
            "schema_version": _("Schema"), "commit": _("Commit"), "note": _("Note"), "parent": _("Trial of")}[key]


def columns(_: Language, chosen: Sequence[str], sort: str, usual: bool) -> list[Column]:
    """sort: as the API takes it. usual: nobody chose them, so a narrow screen does without some."""
    return [column(_, key, sort, usual and key in USUAL) for key in chosen]


def column(_: Language, key: str, sort: str, wide: bool = False) -> Column:
    first = sort.split(",")[0]
    way = "descending" if first == f"-{key}" else "ascending" if first == key else ""
    upwards = key if way == "descending" or (not way and key == "name") else f"-{key}"
    return Column(key, heading(_, key), key not in _TEXTS, wide, way, upwards)


def choices(_: Language, names: Iterable[str], chosen: Sequence[str]) -> list[Choices]:
    found = keys(names)
    titles = [(_("Fields"), [key for key in found if key in _FIELDS])]
    titles += [(_("Metrics, %(part)s rows", part=part_word(_, part)), [
        key for key in found if key.startswith(f"{part}.")]) for part in metrics.PARTS]
    titles.append((_("Parameters"), [key for key in found if key.startswith("params.")]))
    return [Choices(title, [Choice(key, heading(_, key) if key in _FIELDS else key.partition(".")[2], key in chosen)
                            for key in group]) for title, group in titles if group]


def rows(_: Language, experiments: Sequence[ExperimentBody], shown_columns: Sequence[Column],
         base: ExperimentBody | None, served_id: int | None) -> list[Row]:
    """base: what the metrics of all others are measured against."""
    return [Row(entry["experiment_id"], entry["name"], entry["status"], entry["progress"], _marks(_, entry, served_id),
                entry["tags"], [_cell(_, entry, one, base) for one in shown_columns]) for entry in experiments]


def _marks(_: Language, entry: ExperimentBody, served_id: int | None) -> list[str]:
    marks = {_("serves"): entry["experiment_id"] == served_id, _("baseline"): entry["pinned"],
             _("search"): entry["search"] is not None, _("archived"): entry["archived"]}
    return [mark for mark, there in marks.items() if there]


def _cell(_: Language, entry: ExperimentBody, column: Column, base: ExperimentBody | None) -> Cell:
    kind, _dot, name = column.key.partition(".")
    if kind not in metrics.PARTS:
        return Cell(_text(_, entry, kind, name), None, column)
    value = metrics.value_of(entry, name, kind)
    against = metrics.value_of(base, name, kind) if base else None
    itself = base is not None and base["experiment_id"] == entry["experiment_id"]
    return Cell(NOTHING if value is None else metrics.figure(_, value),
                None if itself else metrics.difference(_, name, value, against), column)


def _text(_: Language, entry: ExperimentBody, kind: str, name: str) -> str:
    if kind == "params":
        return value_text(_, entry["params"][name]) if name in entry["params"] else NOTHING
    if kind == "duration_s":
        return _.duration(duration_s(entry))
    if kind == "created_at":
        return _.when(entry["created_at"])
    if kind == "commit":
        return entry["commit_hash"][:10] or NOTHING
    value = {"dataset_version": entry["dataset_version"], "schema_version": entry["schema_version"],
             "origin": entry["origin"], "note": entry["note"], "parent": entry["parent"]}[kind]
    return NOTHING if value in (None, "") else str(value)
