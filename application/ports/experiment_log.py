"""The record of every experiment; the truth about what runs and what has ended."""
from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Collection, Sequence
from typing import Protocol

from domain.errors import NotFound
from domain.experiment import Experiment, Status


class UnknownExperiment(NotFound):
    code = "unknown_experiment"


class ExperimentLog(Protocol):
    """Thread-safe: yes; processes may share one log."""

    @abstractmethod
    def add(self, experiment: Experiment) -> Experiment:
        """experiment: with id 0. Returns: the same with its new id, larger than all before."""

    @abstractmethod
    def get(self, experiment_id: int) -> Experiment:
        """Raises: UnknownExperiment."""

    @abstractmethod
    def update(self, experiment_id: int, decide: Callable[[Experiment], Experiment]) -> Experiment:
        """Replaces an experiment by what `decide` makes of it; nobody else changes it in between.

        What `decide` raises comes out as it is and nothing is changed. Raises: UnknownExperiment.
        """

    @abstractmethod
    def remove(self, experiment_id: int, decide: Callable[[Experiment], None]) -> Experiment:
        """Nobody changes it while `decide` looks at it, which may refuse: what it raises comes out as it is and nothing
        is removed. Its id is never given again. Returns: what it was. Raises: UnknownExperiment.
        """

    @abstractmethod
    def list(self, *, task: str | None = None, statuses: Collection[Status] = (), limit: int = 50,
             before: int | None = None, archived: bool | None = None, pinned: bool | None = None
             ) -> Sequence[Experiment]:
        """Newest first; `statuses` empty means any, `before` gives ids below it alone; `archived` and `pinned` those
        that are or are not, None either."""
