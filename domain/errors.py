"""Broken rules. One tree: a boundary maps the base classes, and every leaf inherits its place."""
from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing wrong with what was sent: where it stands ("row 3, column temp") and what is wrong there.

    row: the number in `where`, for putting faults in order; 0 where there is none."""

    where: str
    problem: str
    row: int = field(default=0, compare=False, repr=False, kw_only=True)


class ProgonError(Exception):
    """Base of every failure a caller may be told about."""

    code = "error"

    @property
    def detail(self) -> str:
        return str(self)


class InvalidInput(ProgonError):
    """What was sent cannot be used; `faults` names every place, up to a limit."""

    code = "invalid_input"

    def __init__(self, detail: str, faults: Iterable[Fault] = ()) -> None:
        super().__init__(detail)
        self.faults = tuple(faults)


class TooLarge(ProgonError):
    code = "too_large"


class NotFound(ProgonError):
    code = "not_found"


class Conflict(ProgonError):
    """The thing exists but is not in a state for what was asked."""

    code = "conflict"


class IllegalTransition(Conflict):
    code = "illegal_transition"


class NotBetter(Conflict):
    """A deployment was asked for only if the experiment is better, and it is not."""

    code = "not_better"


class ModelFailure(ProgonError):
    """The request was fine but the model could not do it."""

    code = "model_failure"


class NothingDeployed(ModelFailure):
    code = "nothing_deployed"


class ModelRejected(ModelFailure):
    """A model file that may not serve: unreadable, other signature, answers that differ from training."""

    code = "model_rejected"


class NoHeatmap(ModelFailure):
    """The model does not tell by which regions of a picture it decided."""

    code = "no_heatmap"


class ExperimentFailed(ModelFailure):
    code = "experiment_failed"


class Unauthorized(ProgonError):
    code = "unauthorized"


class Forbidden(ProgonError):
    code = "forbidden"


class Busy(ProgonError):
    """Every slot stayed taken for as long as the caller may wait."""

    code = "busy"

    def __init__(self, detail: str, retry_after_s: int = 1) -> None:
        super().__init__(detail)
        self.retry_after_s = retry_after_s


class TooManyRequests(Busy):
    """This caller has to wait, whoever else is answered."""

    code = "too_many_requests"


class NoRoom(Busy):
    """A disk is full: what was asked goes through once somebody has made room there."""

    code = "no_room"
