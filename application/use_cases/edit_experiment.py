"""What people say of an experiment."""
from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from application.ports.clock import Clock
from application.ports.experiment_log import ExperimentLog
from application.ports.history import History
from domain.errors import Fault, InvalidInput
from domain.experiment import Experiment
from domain.history import Act, Entry

MAX_TITLE_CHARS, MAX_NOTE_CHARS, MAX_TAGS, MAX_TAG_CHARS = 200, 10_000, 20, 50
_MOST_PINNED = 100


class EditExperiment:
    """Changes what people say of an experiment: its name, its tags and a note; whether it is archived, so that lists
    leave it out; whether it is pinned, so that the others of its task are measured against it. One of a task is pinned:
    pinning another lets go of the one before. What was learned stays as it is. What was there before is kept in the
    history.
    """

    def __init__(self, log: ExperimentLog, history: History, clock: Clock) -> None:
        self._log, self._history, self._clock = log, history, clock

    def execute(self, experiment_id: int, changes: object, by: str | None = None) -> Experiment:
        """changes: `name`, `tags`, `note`, `archived`, `pinned`, those that are to be changed. Returns: as it is now.
        Raises: UnknownExperiment, InvalidInput with every fault."""
        wanted = _wanted(changes)
        changed = self._change(experiment_id, wanted, by)
        if wanted.get("pinned"):
            for other in self._log.list(task=changed.task, pinned=True, limit=_MOST_PINNED):
                if other.id != changed.id:
                    self._change(other.id, {"pinned": False}, by)
        return changed

    def _change(self, experiment_id: int, wanted: Mapping[str, object], by: str | None) -> Experiment:
        seen: list[Experiment] = []

        def decide(experiment: Experiment) -> Experiment:
            seen.append(experiment)
            return replace(experiment, **wanted)  # type: ignore[arg-type]  # _wanted has looked at each

        changed = self._log.update(experiment_id, decide)
        if different := {name: {"before": _plain(before), "after": _plain(value)} for name, value in wanted.items()
                         if (before := getattr(seen[-1], name)) != value}:
            self._history.add(Entry(self._clock.now(), Act.EXPERIMENT_CHANGED, changed.task, by, {
                "experiment_id": changed.id, **different}))
        return changed


def _plain(value: object) -> object:
    return list(value) if isinstance(value, tuple) else value


def _wanted(changes: object) -> dict[str, object]:
    """Raises: InvalidInput."""
    if not isinstance(changes, Mapping):
        raise InvalidInput("changes of an experiment are an object", [Fault("body", "is no object")])
    found = {name: _CHECKS[name](value) if name in _CHECKS else Fault(
        str(name)[:100], f"is unknown; known are {', '.join(_CHECKS)}") for name, value in changes.items()}
    faults = [outcome for outcome in found.values() if isinstance(outcome, Fault)]
    if faults:
        raise InvalidInput(f"{faults[0].where} {faults[0].problem}", faults)
    return found


def _text(field: str, most: int) -> Callable[[object], object]:
    def check(value: object) -> object:
        if not isinstance(value, str) or len(value.strip()) > most:
            return Fault(field, f"is a text of at most {most} characters")
        return value.strip()
    return check


def _truth(field: str) -> Callable[[object], object]:
    return lambda value: value if isinstance(value, bool) else Fault(field, "is true or false")


def _tags(value: object) -> object:
    """Each once, in the order given."""
    if not isinstance(value, list) or not all(isinstance(tag, str) and 0 < len(tag.strip()) <= MAX_TAG_CHARS
                                              and "," not in tag for tag in value):
        return Fault("tags", f"is a list of texts of 1 to {MAX_TAG_CHARS} characters without commas")
    tags = tuple(dict.fromkeys(tag.strip() for tag in value))
    return tags if len(tags) <= MAX_TAGS else Fault("tags", f"is a list of at most {MAX_TAGS}")


_CHECKS: Mapping[str, Callable[[object], object]] = {
    "name": _text("name", MAX_TITLE_CHARS), "tags": _tags, "note": _text("note", MAX_NOTE_CHARS),
    "archived": _truth("archived"), "pinned": _truth("pinned")}
