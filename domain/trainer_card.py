"""What a trainer says of itself: what it can be asked for, and with which parameters."""
from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from types import MappingProxyType
from typing import Any

from domain.cells import describe
from domain.errors import Fault
from domain.kinds.kind import Kind, Problem

# What the classes of a task count in a training: by label, or one of these words.
NO_WEIGHTS, BALANCED = "none", "balanced"
MAX_WEIGHT = 1e6
Value = bool | int | float | str | Mapping[str, float]
_NO_VALUES: Mapping[str, Value] = MappingProxyType({})


class ParameterType(StrEnum):
    INTEGER = "integer"
    NUMBER = "number"
    BOOLEAN = "boolean"
    TEXT = "text"
    WEIGHTS = "weights"


_WORDS = {ParameterType.INTEGER: "an integer", ParameterType.NUMBER: "a number",
          ParameterType.BOOLEAN: "true or false", ParameterType.TEXT: "a text",
          ParameterType.WEIGHTS: f"{NO_WEIGHTS}, {BALANCED} or a number for each label"}
_TYPES: dict[ParameterType, tuple[type, ...]] = {
    ParameterType.INTEGER: (int,), ParameterType.NUMBER: (int, float), ParameterType.BOOLEAN: (bool,),
    ParameterType.TEXT: (str,), ParameterType.WEIGHTS: (str, Mapping)}


@dataclass(frozen=True, slots=True)
class Parameter:
    """low, high: of a number, both allowed; None where there is no limit. choices: of a text; empty is any. tried: of a
    number, the least and the greatest that a search tries; empty where it leaves the parameter alone; None for all that
    is allowed, and then one without two limits or without choices is left alone."""

    type: ParameterType
    default: Value
    low: float | None = None
    high: float | None = None
    meaning: str = ""
    choices: tuple[str, ...] = ()
    tried: tuple[float, ...] | None = None

    @property
    def is_tried(self) -> bool:
        if self.tried is not None:
            return len(self.tried) > 0
        if self.type == ParameterType.WEIGHTS:
            return False
        return self.type == ParameterType.BOOLEAN or bool(self.choices) or None not in (self.low, self.high)

    @property
    def tried_range(self) -> tuple[float, float]:
        """Of a number that is tried."""
        low, high = self.tried or (self.low, self.high)
        assert low is not None and high is not None, "is_tried says so"
        return low, high

    def problem_of(self, value: object) -> str | None:
        """What is wrong with a value; None if it can be used."""
        if not isinstance(value, _TYPES[self.type]) or isinstance(value, bool) != (self.type == ParameterType.BOOLEAN):
            return f"expected {_WORDS[self.type]}, got {describe(value)}"
        if self.type == ParameterType.WEIGHTS:
            return _problem_of_weights(value)
        if isinstance(value, str):
            fits = not self.choices or value in self.choices
            return None if fits else f"must be one of {', '.join(self.choices)}, got {describe(value)}"
        return None if self._fits(value) else f"must be {self._range()}, got {describe(value)}"

    def _fits(self, value: Any) -> bool:
        """NaN fits nowhere."""
        low, high = -float("inf") if self.low is None else self.low, float("inf") if self.high is None else self.high
        return bool(low <= value <= high)

    def _range(self) -> str:
        if self.low is None or self.high is None:
            known = [f"{self.low:g} at least"] if self.low is not None else [f"{self.high:g} at most"] * (
                self.high is not None)
            return "".join(known) or "a number"
        return f"between {self.low:g} and {self.high:g}"


def _problem_of_weights(value: Any) -> str | None:
    if isinstance(value, str):
        return None if value in (NO_WEIGHTS, BALANCED) else (
            f"expected {_WORDS[ParameterType.WEIGHTS]}, got {describe(value)}")
    wrong = [f"{label}: {describe(weight)}" for label, weight in value.items()
             if isinstance(weight, bool) or not isinstance(weight, (int, float)) or not 0 < weight <= MAX_WEIGHT]
    if wrong or not value:
        return f"has weights above 0, {MAX_WEIGHT:g} at most, by label; got {', '.join(wrong) or 'none'}"
    return None


@dataclass(frozen=True, slots=True)
class Adapted:
    """Defaults that hold instead of the usual ones for tasks of a kind with up to so many rows. problems: of these
    tasks alone; of all if none is named."""

    kind: Kind | str
    up_to_rows: int
    params: Mapping[str, Value]
    problems: Sequence[Problem | str] = ()

    def suits(self, kind: Kind, rows: int, problem: Problem | None) -> bool:
        return self.kind == kind and rows <= self.up_to_rows and (not self.problems or problem in self.problems)


@dataclass(frozen=True, slots=True)
class TrainerCard:
    """name: as in `training: {trainer: NAME}`. adapted: the first that suits holds, so the smallest come first. refits:
    its models can be fitted once more on other rows, as they came out. ladder: settings worth a try where rows enough
    can choose, each in the place of the usual ones, which are the first."""

    name: str
    kinds: Sequence[Kind | str]
    problems: Sequence[Problem | str]
    params: Mapping[str, Parameter] = field(default_factory=dict)
    adapted: Sequence[Adapted] = ()
    refits: bool = False
    ladder: Sequence[Mapping[str, Value]] = ()

    def __post_init__(self) -> None:
        """Raises: ValueError for a ladder that it could not be trained with itself."""
        for rung in self.ladder:
            if faults := self.faults(rung):
                raise ValueError(f"the ladder of {self.name}: {faults[0].where} {faults[0].problem}")

    def takes(self, kind: Kind, problem: Problem) -> bool:
        return kind in self.kinds and problem in self.problems

    def faults(self, params: Mapping[str, object]) -> list[Fault]:
        """Every name that it does not know, and every value that it cannot use."""
        return [Fault(f"params.{name}", problem) for name, value in params.items()
                if (problem := self._problem(name, value)) is not None]

    def resolved(self, params: Mapping[str, Value], kind: Kind, rows: int, problem: Problem | None = None
                 ) -> dict[str, Value]:
        """Every parameter with its value for so many rows: as asked, else as adapted by the first that suits, else the
        default. params: without faults. problem: None where it makes no difference."""
        adapted = next((rung.params for rung in self.adapted if rung.suits(kind, rows, problem)), _NO_VALUES)
        asked = {**{name: parameter.default for name, parameter in self.params.items()}, **adapted, **params}
        return {name: float(value) if self.params[name].type == ParameterType.NUMBER and not isinstance(value, Mapping)
                else value for name, value in asked.items()}

    def _problem(self, name: str, value: object) -> str | None:
        if name not in self.params:
            return f"is unknown; the trainer {self.name} knows {', '.join(self.params) or 'none'}"
        return self.params[name].problem_of(value)


def to_plain(card: TrainerCard) -> dict[str, Any]:
    """As JSON holds it."""
    return asdict(card)


def from_plain(document: Mapping[str, Any]) -> TrainerCard:
    """What `to_plain` gave, out of JSON again. Raises: ValueError, LookupError or TypeError for another document."""
    params = {name: _parameter(values) for name, values in document["params"].items()}
    return TrainerCard(
        document["name"], tuple(map(Kind, document["kinds"])), tuple(map(Problem, document["problems"])), params,
        tuple(map(_adapted, document["adapted"])), document["refits"], tuple(document.get("ladder", ())))


def _adapted(values: Mapping[str, Any]) -> Adapted:
    return Adapted(**{**values, "problems": tuple(map(Problem, values.get("problems", ())))})


def _parameter(values: Mapping[str, Any]) -> Parameter:
    tried = values.get("tried")
    return Parameter(**{**values, "type": ParameterType(values["type"]), "choices": tuple(values["choices"]),
                        "tried": None if tried is None else tuple(tried)})
