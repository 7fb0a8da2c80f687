"""What an experiment can be found, put in order and shown by."""
from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC
from typing import Any

from domain.conditions import Condition, Facts, Value, in_order, parse
from domain.errors import Fault, InvalidInput
from domain.experiment import Experiment

FIELDS = ("id", "name", "status", "origin", "dataset_version", "schema_version", "created_at", "duration_s", "commit",
          "tag", "note", "pinned", "archived", "parent")
PARTS = ("test", "valid", "train")
MAX_SORTS = 4
_PLAIN = frozenset({type(None), bool, int, float, str})


def facts_of(experiment: Experiment) -> Facts:
    """Its fields; `params.NAME`; `test.NAME`, `valid.NAME` and `train.NAME`. A name alone is a field, else a metric of
    the test rows, else a parameter."""
    params = {name: _plain(value) for name, value in experiment.params.items()}
    metrics = {f"{part}.{name}": value for part, values in experiment.metrics.items() for name, value in values.items()}
    exact = {f"params.{name}": value for name, value in params.items()}
    return {**params, **experiment.metrics.get("test", {}), **exact, **metrics, **_fields(experiment)}


def _fields(experiment: Experiment) -> dict[str, Value]:
    begun, ended = experiment.started_at, experiment.finished_at
    return {
        "id": experiment.id, "name": experiment.name, "status": str(experiment.status),
        "origin": str(experiment.origin), "dataset_version": experiment.dataset_version,
        "schema_version": experiment.schema_version,
        "created_at": experiment.created_at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "duration_s": (ended - begun).total_seconds() if begun and ended else None, "commit": experiment.commit_hash,
        "tag": tuple(experiment.tags), "note": experiment.note, "pinned": experiment.pinned,
        "archived": experiment.archived, "parent": experiment.parent}


def _plain(value: Any) -> Value:
    if type(value) in _PLAIN:
        plain: Value = value
        return plain
    return json.dumps(value, ensure_ascii=False, sort_keys=True, default=str)


@dataclass(frozen=True, slots=True)
class Order:
    """by: names, each with whether the largest comes first."""

    by: Sequence[tuple[str, bool]]

    @classmethod
    def parse(cls, text: str) -> Order:
        """`-auc,depth`: the largest first, then by depth. Raises: InvalidInput."""
        keys = [key.strip() for key in text.split(",")]
        if not all(key.lstrip("-") for key in keys) or len(keys) > MAX_SORTS:
            raise InvalidInput("sort cannot be read", [Fault(
                "sort", f"is up to {MAX_SORTS} names with commas between them, -NAME for the largest first")])
        return cls([(key.removeprefix("-"), key.startswith("-")) for key in keys])


NEWEST_FIRST = Order((("id", True),))


def known_names(rows: Iterable[Facts], metrics: Iterable[str]) -> list[str]:
    """metrics: those that a task's models have, whether one has succeeded yet or not."""
    found = dict.fromkeys(FIELDS) | dict.fromkeys(metrics)
    found |= dict.fromkeys(f"{part}.{name}" for part in PARTS for name in metrics)
    for facts in rows:
        found |= dict.fromkeys(facts)
    return list(found)


def check_names(condition: Condition | None, order: Order, known: Sequence[str]) -> None:
    """Raises: InvalidInput naming all that no experiment has."""
    names = set(known)
    faults = [Fault("filter", f"at character {at}: no experiment has {name[:100]}; known are {_listed(known)}")
              for name, at in (condition.names if condition else ()) if name not in names]
    faults += [Fault("sort", f"no experiment has {name[:100]}; known are {_listed(known)}")
               for name, _ in order.by if name not in names]
    if faults:
        raise InvalidInput(f"{faults[0].where} {faults[0].problem}", faults)


def _listed(known: Sequence[str]) -> str:
    """Without those that a longer name says once more."""
    return ", ".join(name for name in known if "." not in name)


def found_by(experiment: Experiment, words: str) -> bool:
    """Whether its name, note or a tag holds them, however they are written."""
    wanted = words.casefold()
    return any(wanted in text.casefold() for text in (experiment.name, experiment.note, *experiment.tags))


def ordered(rows: Sequence[tuple[Experiment, Facts]], order: Order) -> list[Experiment]:
    return [rows[position][0] for position in in_order([facts for _, facts in rows], order.by)]


def condition_of(text: str | None) -> Condition | None:
    """Raises: InvalidInput."""
    return parse(text) if text and text.strip() else None
