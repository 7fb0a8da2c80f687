"""How a task is trained: by which trainer, with which parameters."""
from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any

from domain.cells import describe, unusable
from domain.errors import Fault, InvalidInput
from domain.trainer_card import Value

DEFAULT_TRAINER = "catboost"
MAX_SEED = 2**31 - 1


class Refit(StrEnum):
    """Which rows the kept model has learned from at last: those that chose its settings too, or the held-out rows as
    well."""

    VALID = "valid"
    ALL = "all"


@dataclass(frozen=True, slots=True)
class Training:
    """params: the trainer's own, by name; those left out are the trainer's to choose."""

    trainer: str = DEFAULT_TRAINER
    seed: int = 42
    refit: Refit = Refit.VALID
    params: Mapping[str, Value] = field(default_factory=dict, hash=False)

    @classmethod
    def of(cls, **flat: Any) -> Training:
        """Of names and values as documents hold them. Raises: InvalidInput."""
        return cls().override(flat)

    def override(self, flat: Mapping[str, object]) -> Training:
        """With these names and values in the place of others. Another trainer begins with none of the parameters of
        the one before. What its own parameters are worth is for the trainer's card to say.
        Raises: InvalidInput with a fault for each value that no trainer could take."""
        refuse(faults_of(flat))
        common: dict[str, Any] = {name: flat[name] for name in _COMMON if name in flat}
        if "refit" in common:
            common["refit"] = Refit(common["refit"])
        kept = self.params if common.get("trainer", self.trainer) == self.trainer else {}
        own: dict[str, Any] = {name: value for name, value in flat.items() if name not in _COMMON}
        return replace(self, **common, params={**kept, **own})

    def as_dict(self) -> dict[str, Value]:
        """Flat, as an experiment and `params.yaml` hold it."""
        return {"trainer": self.trainer, **self.params, "seed": self.seed, "refit": str(self.refit)}

    def said(self) -> dict[str, Value]:
        """As a task document holds it: without what is so for every task that says nothing."""
        usual = Training().as_dict()
        return {name: value for name, value in self.as_dict().items() if name == "seed" or usual.get(name) != value}


def refuse(faults: Sequence[Fault]) -> None:
    """Raises: InvalidInput if there are any."""
    if faults:
        raise InvalidInput(f"the training cannot be done so: {faults[0].where} {faults[0].problem}", faults)


def faults_of(flat: Mapping[str, object]) -> list[Fault]:
    """What no trainer could take."""
    return [fault for name, value in flat.items() if (fault := _fault(name, value))]


def _fault(name: str, value: object) -> Fault | None:
    check = _COMMON.get(name)
    problem = _plain(value) if check is None else check(value)
    return None if problem is None else Fault(f"params.{name}", problem)


def _plain(value: object) -> str | None:
    if isinstance(value, str) and (problem := unusable(value)):
        return problem
    if isinstance(value, Mapping) and all(isinstance(name, str) and not unusable(name) for name in value):
        return None
    return None if isinstance(value, (bool, int, float, str)) else (
        f"expected a number, a text, true or false, or numbers by label, got {describe(value)}")


def _trainer(value: object) -> str | None:
    return None if isinstance(value, str) and value else f"expected the name of a trainer, got {describe(value)}"


def _seed(value: object) -> str | None:
    if isinstance(value, bool) or not isinstance(value, int):
        return f"expected an integer, got {describe(value)}"
    return None if 0 <= value <= MAX_SEED else f"must be between 0 and {MAX_SEED:g}, got {describe(value)}"


def _refit(value: object) -> str | None:
    return None if value in list(Refit) else f"expected one of {', '.join(Refit)}, got {describe(value)}"


_COMMON = {"trainer": _trainer, "seed": _seed, "refit": _refit}
