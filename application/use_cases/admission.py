"""Which experiments may serve."""
from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from application.decorators.threshold import at_threshold
from application.ports.artifact_store import ArtifactStore
from application.ports.experiment_log import ExperimentLog
from application.ports.model_runner import ModelLoader, ModelRunner
from application.ports.task_catalog import TaskCatalog
from application.serving.fitness import check_fitness
from application.serving.loading import load_model
from application.serving.trained_task import trained_task
from application.use_cases.compare import Compare
from domain.columns.rules import Form
from domain.errors import Conflict, Fault, InvalidInput, NotBetter
from domain.experiment import Experiment, Status
from domain.kinds.kind import Problem
from domain.scoring import is_better
from domain.task import Task


@dataclass(frozen=True, slots=True)
class Terms:
    """Under which an experiment goes into service. threshold: as of a Deployment. if_better: the metric by which it has
    to beat what serves."""

    threshold: float | None = None
    if_better: str | None = None


class Admission:
    """A model file has to prove fit: it loads, its signature is the task's, and it answers its probe as the trained
    model did. With `if_better` the experiment has to beat what serves by that metric, each with its threshold, on the
    held-out rows of its own dataset version (by time, of the newer one of both), which neither of the two was trained
    on."""

    def __init__(self, log: ExperimentLog, tasks: TaskCatalog, artifacts: ArtifactStore, loader: ModelLoader,
                 compare: Compare) -> None:
        self._log, self._tasks, self._artifacts = log, tasks, artifacts
        self._loader, self._compare = loader, compare

    def experiment(self, experiment_id: int) -> Experiment:
        """Raises: UnknownExperiment, Conflict if it has not succeeded."""
        experiment = self._log.get(experiment_id)
        if experiment.status is not Status.SUCCEEDED:
            raise Conflict(f"experiment {experiment.id} is {experiment.status}; only a succeeded one can be deployed")
        return experiment

    def check(self, experiment: Experiment, terms: Terms) -> Task:
        """Raises: UnknownTask, ModelRejected, NotBetter, InvalidInput for an unknown metric, or for a threshold where
        there is nothing to decide by one."""
        task = self._tasks.get(experiment.task)
        _check_terms(task, terms)
        runner = load_model(self._artifacts, self._loader, experiment.id)
        check_fitness(trained_task(self._tasks, experiment.task, runner.card), runner)
        if terms.if_better is not None:
            self._require_better(task, experiment, at_threshold(runner, terms.threshold), terms.if_better)
        return task

    def columns(self, experiment_id: int) -> Sequence[tuple[str, Form]]:
        """That the model takes, in their order. Raises: ModelRejected, UnknownArtifact."""
        card = load_model(self._artifacts, self._loader, experiment_id).card
        return [(column.name, column.rules.form) for column in card.features]

    def _require_better(self, task: Task, experiment: Experiment, runner: ModelRunner, metric: str) -> None:
        compared = self._compare.with_serving(task, experiment.id, runner, experiment.dataset_version)
        if compared.serving is None:
            return
        if metric not in compared.candidate or metric not in compared.serving:
            raise InvalidInput(f"{metric} has no value on the held-out rows of dataset version "
                               f"{compared.dataset_version}")
        new, old = compared.candidate[metric], compared.serving[metric]
        if not is_better(metric, new, old):
            raise NotBetter(f"experiment {experiment.id} is not better: {metric} {new:.6g} against {old:.6g} of "
                            f"experiment {compared.serving_experiment_id}, both on dataset version "
                            f"{compared.dataset_version}")


def _check_terms(task: Task, terms: Terms) -> None:
    """Before anything is read: the words alone tell."""
    if terms.if_better is not None and terms.if_better not in task.rules.metrics:
        problem = f"{terms.if_better} is no metric of this task; known are {', '.join(task.rules.metrics)}"
        raise InvalidInput(problem, [Fault("if_better", problem)])
    if terms.threshold is None:
        return
    if task.problem is not Problem.BINARY:
        raise _wrong_threshold(f"the task {task.name} is no choice between two labels, so there is nothing to decide "
                               "by a threshold")
    if not 0 < terms.threshold < 1:
        raise _wrong_threshold("expected a probability above 0 and below 1")


def _wrong_threshold(problem: str) -> InvalidInput:
    return InvalidInput(f"threshold: {problem}", [Fault("threshold", problem)])
