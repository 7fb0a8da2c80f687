from __future__ import annotations

from abc import abstractmethod
from collections.abc import Collection, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import BinaryIO, Protocol

from application.queries.chosen_experiments import Archived
from domain.experiment import Status
from entrypoints.answers.artifacts import ArtifactsAnswer
from entrypoints.answers.experiments import ComparisonAnswer, ExperimentAnswer, ExperimentPageAnswer
from entrypoints.answers.trainers import TrainersAnswer
from entrypoints.commands.abilities.sent import Sent


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which experiments; of any task, status and id, if nothing is said. condition, order: as `domain.conditions` and
    `domain.experiment_facts` read them. words: in the name, the note or a tag. offset: of those that are so. With
    any of these four, of one status at most."""

    task: str | None = None
    statuses: Collection[Status] = ()
    limit: int = 1000
    before: int | None = None
    condition: str | None = None
    order: str | None = None
    archived: Archived = Archived.ALL
    words: str | None = None
    pinned: bool | None = None
    offset: int = 0

    @property
    def looks_at_all(self) -> bool:
        """Does it take more than the log's own order and choice?"""
        return self.condition is not None or self.order is not None or self.words is not None or self.offset > 0


@dataclass(frozen=True, slots=True)
class NewModel:
    """files: model, and perhaps mapping, check, export, data. fields: the others of the form of POST /experiments."""

    task: str
    files: Mapping[str, Sent]
    fields: Mapping[str, str] = field(default_factory=dict)
    dry_run: bool = False


class Experiments(Protocol):
    @abstractmethod
    def experiment(self, experiment_id: int) -> ExperimentAnswer: ...

    @abstractmethod
    def experiments(self, wanted: Wanted) -> ExperimentPageAnswer:
        """Newest first, unless another order is wanted."""

    @abstractmethod
    def retrain(self, task: str, params: Mapping[str, object], dataset_version: int | None, name: str | None
                ) -> ExperimentAnswer:
        """Queues it, and does not wait."""

    @abstractmethod
    def carried_out(self, experiment_id: int) -> AbstractContextManager[bool]:
        """While in the block, what was queued is trained. Gives whether that is done here, by this process, which then
        has to stay until it has ended."""

    @abstractmethod
    def cancel(self, experiment_id: int) -> ExperimentAnswer: ...

    @abstractmethod
    def edit_experiment(self, experiment_id: int, changes: Mapping[str, object]) -> ExperimentAnswer:
        """changes: as `EditExperiment` takes them."""

    @abstractmethod
    def delete_experiment(self, experiment_id: int) -> ExperimentAnswer: ...

    @abstractmethod
    def import_model(self, new: NewModel) -> ExperimentAnswer: ...

    @abstractmethod
    def compare(self, experiment_id: int, against: int | None) -> ComparisonAnswer: ...

    @abstractmethod
    def artifacts(self, experiment_id: int) -> ArtifactsAnswer: ...

    @abstractmethod
    def write_artifact(self, experiment_id: int, path: str, output: BinaryIO) -> None: ...

    @abstractmethod
    def trainers(self) -> tuple[TrainersAnswer, Sequence[str]]:
        """Those that there are, and why some of this machine cannot be used."""
