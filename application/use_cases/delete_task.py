"""A task that nobody needs any more, with all that belongs to it."""
from __future__ import annotations

from contextlib import suppress
from datetime import timedelta

from application.ports.artifact_remover import ArtifactRemover
from application.ports.clock import Clock
from application.ports.data_keeper import DataKeeper
from application.ports.experiment_log import ExperimentLog, UnknownExperiment
from application.ports.history import History
from application.ports.pipeline_runner import PipelineRunner
from application.ports.task_catalog import TaskCatalog
from application.ports.task_traces import TaskTraces
from application.serving.takeover import Takeover
from domain.errors import Conflict, Fault, IllegalTransition, InvalidInput
from domain.experiment import Experiment, Status
from domain.history import Act, Entry
from domain.provenance import experiment_folder
from domain.task import Task

_ALL = 1_000_000
# A training that is told to stop ends within 5 s; one whose machine is gone does not.
PATIENCE, _LOOK_EVERY = timedelta(seconds=30), timedelta(seconds=0.2)


class DeleteTask:
    """Removes a task: its definition, data, experiments with their models, answers in the prediction log, late labels,
    observations. Its name has to be said twice, as there is no way back.

    It is unknown at once; what trains is cancelled; when this has answered, no process answers with its model. Its
    deployments and schema versions stay in their histories. What stops half-way goes on when it is called again; until
    it has ended no task of that name can be made, and one that is made then has nothing of the old one.
    """

    def __init__(self, tasks: TaskCatalog, keeper: DataKeeper, log: ExperimentLog, artifacts: ArtifactRemover,
                 pipeline: PipelineRunner, takeover: Takeover, traces: TaskTraces, history: History,
                 clock: Clock) -> None:
        self._tasks, self._keeper, self._log, self._artifacts = tasks, keeper, log, artifacts
        self._pipeline, self._takeover, self._traces = pipeline, takeover, traces
        self._history, self._clock = history, clock

    def execute(self, name: str, confirm: str | None, by: str | None = None) -> Task:
        """confirm: the name once more. Returns: what it was. Raises: UnknownTask, InvalidInput, Conflict if a training
        does not end."""
        if confirm != name:
            raise InvalidInput("a task is deleted with all that it has: say its name once more, as confirm", [
                Fault("confirm", f"expected {name}")])
        return self._tasks.remove(name, lambda task: self._clear(task, by))

    def _clear(self, task: Task, by: str | None) -> None:
        self._end_trainings(task.name)
        self._takeover.withdraw(task.name, by)
        last = self._last_experiment(task.name)
        experiments = self._log.list(task=task.name, limit=_ALL)
        for experiment in experiments:
            self._remove(experiment)
        # Somebody may have deployed one of them meanwhile; now nobody can any more.
        self._takeover.withdraw(task.name, by)
        self._keeper.drop(task.name, task.schema_version)
        answers = self._traces.remove(task.name)
        self._pipeline.forget(task.name)
        self._history.add(Entry(self._clock.now(), Act.TASK_DELETED, task.name, by, {
            "schema_version": task.schema_version, "experiments": len(experiments), "answers": answers,
            "last_experiment_id": last}))

    def _end_trainings(self, name: str) -> None:
        give_up = self._clock.now() + PATIENCE
        while going := self._log.list(task=name, statuses={Status.QUEUED, Status.RUNNING}, limit=_ALL):
            for experiment in going:
                # It may have ended by itself.
                with suppress(IllegalTransition, UnknownExperiment):
                    self._log.update(experiment.id, lambda running: running.request_cancel(self._clock.now()))
            if self._clock.now() > give_up:
                raise Conflict(f"experiment {going[0].id} of the task {name} does not end; delete the task once more "
                               "when it has")
            self._clock.sleep(_LOOK_EVERY)

    def _last_experiment(self, name: str) -> int:
        """The largest id that an answer of the task may name: also of one that was deleted before."""
        deleted = [int(str(entry.detail["experiment_id"])) for entry in self._history.newest(
            name, limit=_ALL, acts=(Act.EXPERIMENT_DELETED,))]
        return max([*deleted, *(experiment.id for experiment in self._log.list(limit=1))], default=0)

    def _remove(self, experiment: Experiment) -> None:
        with suppress(UnknownExperiment):
            self._log.remove(experiment.id, lambda _: None)
        self._artifacts.remove(experiment_folder(experiment.id))
        self._pipeline.release(experiment.id)
