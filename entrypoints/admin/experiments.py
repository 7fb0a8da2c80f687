"""Experiments as the overview and the comparison show them."""
from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from domain.training import DEFAULT_TRAINER
from entrypoints.admin import metrics
from entrypoints.admin.api.experiments import ExperimentBody, PartBody
from entrypoints.admin.api.tasks import TaskDocument, TrainerBody
from entrypoints.admin.language import NOTHING, Language, seconds_between
from entrypoints.admin.words import part_word


@dataclass(frozen=True, slots=True)
class ListRow:
    id: int
    name: str
    status: str
    version: int
    metric: str
    difference: metrics.Difference | None
    duration: str
    created_at: str
    serving: bool
    progress: float
    task: str
    search: bool


def rows(_: Language, experiments: Sequence[ExperimentBody], metric: str,
         serving: ExperimentBody | None) -> list[ListRow]:
    """serving: the experiment that serves, which all others are measured against."""
    base = metrics.value_of(serving, metric) if serving else None
    served_id = serving["experiment_id"] if serving else None
    return [_row(_, entry, metric, base, served_id) for entry in experiments]


def _row(_: Language, entry: ExperimentBody, metric: str, base: float | None, served_id: int | None) -> ListRow:
    value, serves = metrics.value_of(entry, metric), entry["experiment_id"] == served_id
    return ListRow(
        entry["experiment_id"], entry["name"], entry["status"], entry["dataset_version"],
        metrics.figure(_, value) if value is not None else NOTHING,
        None if serves else metrics.difference(_, metric, value, base), _.duration(duration_s(entry)),
        entry["created_at"], serves, entry["progress"], entry["task"], entry["search"] is not None)


@dataclass(frozen=True, slots=True)
class TrialRow:
    """settings: what differs from the usual ones; empty of the first."""

    id: int
    settings: str
    status: str
    value: str
    best: bool


def trials(_: Language, experiment: ExperimentBody) -> list[TrialRow]:
    """What a search has tried so far."""
    search = experiment["search"]
    if search is None:
        return []
    return [TrialRow(
        trial["experiment_id"], ", ".join(f"{name} {value_text(_, value)}" for name, value in trial["params"].items()),
        trial["status"], NOTHING if trial["value"] is None else metrics.figure(_, trial["value"]),
        trial["experiment_id"] == search["best"]) for trial in search["trials"]]


def timed_parts(_: Language, experiment: ExperimentBody) -> list[tuple[str, PartBody]]:
    """Of rows that are parted by time: each part in words, with when it begins and ends."""
    return [(part_word(_, name), part) for name, part in experiment["parts"].items() if part["since"]]


def duration_s(entry: ExperimentBody) -> float | None:
    return seconds_between(entry.get("started_at"), entry["finished_at"])


@dataclass(frozen=True, slots=True)
class ParamRow:
    name: str
    values: Sequence[str]
    differs: bool


def params(_: Language, experiments: Sequence[ExperimentBody]) -> list[ParamRow]:
    """Parameters, data version and commit of each, those that differ first."""
    columns = [_facts(_, entry) for entry in experiments]
    names = list(dict.fromkeys(name for column in columns for name in column))
    found = [ParamRow(name, values := [column.get(name, NOTHING) for column in columns], len(set(values)) > 1)
             for name in names]
    return sorted(found, key=lambda row: not row.differs)


def _facts(_: Language, entry: ExperimentBody) -> dict[str, str]:
    facts = {_("dataset version"): str(entry["dataset_version"])}
    facts |= {name: value_text(_, value) for name, value in entry["params"].items()}
    return facts | {_("commit"): entry["commit_hash"][:10] or NOTHING}


def value_text(_: Language, value: object) -> str:
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return _.short(value)
    if isinstance(value, Mapping):
        return ", ".join(f"{name}: {value_text(_, entry)}" for name, entry in value.items())
    return str(value)


def usual(card: TrainerBody, task: TaskDocument, rows: int) -> dict[str, object]:
    """What a training on so many rows takes where nothing is typed: the trainer's own choice, or what the task says."""
    values: dict[str, object] = {name: param["default"] for name, param in card["params"].items()}
    adapted = next((rung["params"] for rung in card["adapted"]
                    if rung["kind"] == task["kind"] and rows <= rung["up_to_rows"]
                    and task["problem"] in (rung.get("problems") or card["problems"])), {})
    said = task["training"]
    same = said.get("trainer", DEFAULT_TRAINER) == card["name"]
    common = ("seed", "refit")
    return values | adapted | {"refit": "valid"} | {
        name: value for name, value in said.items() if same or name in common}


def unusual(params: Mapping[str, object], usuals: Sequence[Mapping[str, object]]) -> dict[str, object]:
    """Those that have to be typed to come about; a search is free to choose all others."""
    return {name: value for name, value in params.items()
            if any(name not in known or known[name] != value for known in usuals)}
