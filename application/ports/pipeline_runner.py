"""Running the whole pipeline, data to judged model, for one experiment."""
from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from domain.dataset import DatasetVersion
from domain.errors import Conflict, ExperimentFailed
from domain.experiment import Metrics, Progress
from domain.learned import Learned
from domain.task import Task


class PipelineFailed(ExperimentFailed):
    """A stage ended with an error; the message is what the stage said."""

    code = "pipeline_failed"


class PipelineCancelled(Conflict):
    """It was told to stop, and it has."""

    code = "pipeline_cancelled"


# The artifact with what the run has said.
LOG = "dvc.log"


@dataclass(frozen=True, eq=False, slots=True)
class PipelineRun:
    """task: with the parameters of this training in it. data: the version that it is trained on."""

    experiment_id: int
    task: Task
    data: DatasetVersion


@dataclass(frozen=True, eq=False, slots=True)
class PipelineOutcome:
    """files: artifact path -> file; `model` is the file of the model itself, not yet stamped for the experiment.

    learned: of its rows and columns.
    from_cache: this very training was found in the cache, nothing was computed.
    """

    model: bytes
    metrics: Metrics
    files: Mapping[str, Path]
    from_cache: bool
    learned: Learned


# Told at least once a second while the pipeline runs; answers whether it is to go on.
OnProgress = Callable[[Progress], bool]


class PipelineRunner(Protocol):
    """Thread-safe: yes, each experiment has a workspace of its own."""

    @abstractmethod
    def run(self, run: PipelineRun, on_progress: OnProgress) -> PipelineOutcome:
        """Runs to the end. When `on_progress` answers False, every process of the run is ended within 5 s.

        The same task, data and parameters give the same outcome at the cost of a look into the cache.
        Raises: PipelineFailed, PipelineCancelled.
        """

    @abstractmethod
    def read_log(self, experiment_id: int, offset: int = 0) -> bytes:
        """What the run has said so far, from byte `offset` on, in whole lines.

        Nothing for a run that is unknown here: it works on another machine, or its files are released.
        """

    @abstractmethod
    def forget(self, task_name: str) -> None:
        """Removes what is kept of trainings of this task to answer the same one at once; on this machine alone. None of
        them may run. Does nothing if nothing is kept."""

    @abstractmethod
    def release(self, experiment_id: int) -> None:
        """The outcome's files are no longer needed. Does nothing for an experiment that is unknown."""
