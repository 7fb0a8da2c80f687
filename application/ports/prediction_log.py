"""Every answer that is given, kept before it is sent."""
from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from domain.arrays import Floats
from domain.text_cells import CodedTexts


# Not frozen: that costs a microsecond for each answer. Nobody changes one.
@dataclass(slots=True)
class AnsweredRows:
    """Some rows of one answer. All sequences are as long as `row_nos`, which count from 1 in the request.

    inputs: column -> cells, None or NaN for a missing number; private columns are left out. scores: the probability of
    each predicted label, or the number. Numbers may be arrays of floats, texts and labels CodedTexts; the log gives
    lists back. probabilities: of every label, where the score does not imply them. labels: the true ones as text, where
    the request brought them.
    latency_s: from the beginning of the work to these rows. shadow: nobody was given these answers; what was asked is
    kept with those that were given to the same request.
    """

    request_id: str
    created_at: datetime
    route: str
    task: str
    experiment_id: int
    row_nos: Sequence[int]
    inputs: Mapping[str, Sequence[float | str | None] | Floats | CodedTexts]
    predictions: Sequence[str | int | float] | Floats | CodedTexts
    scores: Sequence[float] | Floats
    latency_s: float
    labels: Sequence[str | None] | None = None
    probabilities: Sequence[Sequence[float]] | None = None
    shadow: bool = False

    @property
    def n_rows(self) -> int:
        return len(self.row_nos)


class PredictionLog(Protocol):
    """What cannot be kept, on a full disk, is counted as lost and raises nothing. Thread-safe: yes."""

    @abstractmethod
    def append(self, *answers: AnsweredRows) -> None:
        """When it returns, a kill of the process no longer loses the rows."""

    @abstractmethod
    def batch(self) -> AbstractContextManager[Callable[[AnsweredRows], None]]:
        """Takes the parts of one long answer: kept all together when the block ends, none of them if it raises."""

    @abstractmethod
    def close(self) -> None:
        """For the end of a process: what it kept is left to whoever takes it on, though it lives a while longer. Rows
        that come all the same are kept as before."""
