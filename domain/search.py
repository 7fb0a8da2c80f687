"""A search: one training of several settings, of which the rows of `valid` choose one."""
from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np

from domain.cells import describe
from domain.errors import Fault
from domain.scoring import LARGER_IS_BETTER
from domain.task import Task
from domain.trainer_card import NO_WEIGHTS, Parameter, ParameterType, TrainerCard, Value

# With fewer, chance chooses: a ladder of five settings made tables of some 300 such rows worse as often as better.
LEAST_VALID_ROWS = 500
MAX_TRIALS, MAX_BUDGET_S = 200, 7 * 86_400
# Where nothing is said: of a trainer without a ladder; within a budget.
_TRIALS, _TRIALS_WITHIN_BUDGET = 12, 100
_TWO_DECADES = 100.0
Settings = Mapping[str, Value]


@dataclass(frozen=True, slots=True)
class SearchWish:
    """trials, budget_s: None where nothing was said of it; of neither, it is the ladder of the trainer."""

    trials: int | None = None
    budget_s: float | None = None


@dataclass(frozen=True, slots=True)
class Trial:
    """params: what it was trained with in the place of the usual. value: of the search's metric on `valid`; None of a
    trial that did not succeed. status: of its experiment, once that has ended."""

    experiment_id: int
    params: Settings
    status: str
    value: float | None = None


@dataclass(frozen=True, slots=True)
class Search:
    """by: the metric of `valid` that chooses. plan: the settings to try, in their order, the usual ones first. note:
    why not all of them were tried."""

    by: str
    plan: Sequence[Settings]
    budget_s: float | None = None
    tried: Sequence[Trial] = ()
    note: str = ""

    @property
    def best(self) -> Trial | None:
        """The first of the best; None while none has succeeded."""
        known = [(trial.value if LARGER_IS_BETTER[self.by] else -trial.value, trial) for trial in self.tried
                 if trial.value is not None]
        return max(known, key=lambda pair: pair[0])[1] if known else None

    def with_trial(self, trial: Trial) -> Search:
        return replace(self, tried=(*self.tried, trial))


def to_plain(search: Search) -> dict[str, Any]:
    """As JSON holds it."""
    return asdict(search)


def from_plain(document: Mapping[str, Any]) -> Search:
    """What `to_plain` gave, out of JSON again."""
    return Search(**{**document, "plan": tuple(document["plan"]),
                     "tried": tuple(Trial(**trial) for trial in document["tried"])})


def read_wish(asked: object) -> tuple[SearchWish | None, list[Fault]]:
    """What a request says under `search`: true, or how many trials or seconds; false and null are none."""
    if asked is None or isinstance(asked, bool):
        return SearchWish() if asked else None, []
    if not isinstance(asked, Mapping):
        return None, [Fault("params.search", f"expected true, or trials and budget_s, got {describe(asked)}")]
    faults = [fault for name, value in asked.items() if (fault := _fault(str(name), value))]
    faults += [] if asked else [Fault("params.search", "says neither trials nor budget_s; true tries the ladder")]
    return (None, faults) if faults else (SearchWish(**asked), [])


_KNOWN = {"trials": Parameter(ParameterType.INTEGER, 0, 2, MAX_TRIALS),
          "budget_s": Parameter(ParameterType.NUMBER, 0, 1, MAX_BUDGET_S)}


def _fault(name: str, value: object) -> Fault | None:
    if name not in _KNOWN:
        return Fault(f"params.search.{name}", f"is unknown; known are {', '.join(_KNOWN)}")
    problem = _KNOWN[name].problem_of(value)
    return None if problem is None else Fault(f"params.search.{name}", problem)


def too_few_to_choose(valid_rows: int) -> Fault | None:
    """What to say where the rows of `valid` cannot choose between settings."""
    if valid_rows >= LEAST_VALID_ROWS:
        return None
    return Fault("params.search", f"{valid_rows} rows would choose between settings, and with fewer than "
                 f"{LEAST_VALID_ROWS} of them chance does; train without a search, or add data")


def plan(wish: SearchWish, task: Task, card: TrainerCard, fixed: Mapping[str, object]) -> Search:
    """task: its training has all parameters of the card. fixed: what was asked for by name, which no trial changes.

    The usual settings come first, then the ladder of the card, then as many others as are wanted, drawn over the ranges
    of its parameters: the same ones for the same seed."""
    rungs = [{name: value for name, value in rung.items() if name not in fixed} for rung in card.ladder]
    trials = wish.trials or (_TRIALS_WITHIN_BUDGET if wish.budget_s is not None else len(card.ladder) or _TRIALS)
    climbs_alone = wish == SearchWish() and card.ladder
    drawn = [] if climbs_alone else _all_drawn(card, fixed, task.training.seed, 2 * trials)
    usual = task.training.params
    different: dict[object, Settings] = {}
    for others in [{}, *rungs, *drawn]:
        settings = {name: value for name, value in others.items() if value != usual[name]}
        different.setdefault(tuple(sorted(settings.items())), settings)
    return Search(_chosen_by(task, card), tuple(different.values())[:trials], wish.budget_s)


def _all_drawn(card: TrainerCard, fixed: Mapping[str, object], seed: int, count: int) -> Sequence[Settings]:
    random = np.random.default_rng(seed)
    tried = {name: parameter for name, parameter in card.params.items() if name not in fixed and parameter.is_tried}
    return [{name: _drawn(parameter, random) for name, parameter in tried.items()} for _ in range(count)]


def _chosen_by(task: Task, card: TrainerCard) -> str:
    """With weights of the classes probabilities are none of the rows that come, and the log loss says little."""
    rules = task.rules
    if any(parameter.type == ParameterType.WEIGHTS and task.training.params[name] != NO_WEIGHTS
           for name, parameter in card.params.items()):
        return "f1_macro" if "f1_macro" in rules.metrics else rules.main_metric
    return rules.loss if rules.loss in rules.metrics else rules.main_metric


def _drawn(parameter: Parameter, random: np.random.Generator) -> Value:
    """Evenly; in the logarithm where a range spans two decades. Three digits say enough."""
    if parameter.type == ParameterType.BOOLEAN:
        return bool(random.integers(2))
    if parameter.choices:
        return parameter.choices[int(random.integers(len(parameter.choices)))]
    low, high = parameter.tried_range
    if low > 0 and high / low >= _TWO_DECADES:
        number = float(np.exp(random.uniform(np.log(low), np.log(high))))
    else:
        number = float(random.uniform(low, high))
    number = min(max(float(f"{number:.3g}"), low), high)
    return round(number) if parameter.type == ParameterType.INTEGER else number
