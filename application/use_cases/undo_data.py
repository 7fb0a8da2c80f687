"""The newest data of a task, taken back."""
from __future__ import annotations

from collections.abc import Iterator

from application.ports.clock import Clock
from application.ports.data_keeper import DataKeeper
from application.ports.deployment_log import DeploymentLog
from application.ports.experiment_log import ExperimentLog
from application.ports.history import History
from application.ports.task_catalog import TaskCatalog
from domain.dataset import DatasetVersion
from domain.deployment import Deployment
from domain.errors import Conflict
from domain.experiment import Status
from domain.history import Act, Entry

_ALL = 1_000_000


class UndoData:
    """Takes the newest dataset version of a task back, with the rows of its batch. It stays while an experiment is
    trained on it, and while one serves that was. Its number is not given to a later batch; the same file may be added
    again. Other experiments that learned from it stay; so do late labels that came with it.
    """

    def __init__(self, tasks: TaskCatalog, keeper: DataKeeper, log: ExperimentLog, deployments: DeploymentLog,
                 history: History, clock: Clock) -> None:
        self._tasks, self._keeper, self._log, self._deployments = tasks, keeper, log, deployments
        self._history, self._clock = history, clock

    def execute(self, task_name: str, version: int | None = None, by: str | None = None) -> DatasetVersion:
        """version: the one that is meant, if the caller has seen it. Returns: what it was. Raises: UnknownTask,
        UnknownDatasetVersion if there are no data, Conflict."""
        task = self._tasks.get(task_name)

        def decide(newest: DatasetVersion) -> None:
            if version is not None and newest.version != version:
                raise Conflict(f"the newest dataset version of {task.name} is {newest.version}, not {version}")
            if reasons := [*self._trained_now(newest), *self._served(newest)]:
                raise Conflict(f"dataset version {newest.version} of {task.name} stays: {'; '.join(reasons)}")

        undone = self._keeper.undo(task.name, decide)
        self._history.add(Entry(self._clock.now(), Act.DATA_UNDONE, task.name, by, {
            "dataset_version": undone.version, "rows": undone.rows_added, "digest": undone.digest,
            "batch_id": undone.batch_id}))
        return undone

    def _trained_now(self, newest: DatasetVersion) -> list[str]:
        going = self._log.list(task=newest.task, statuses={Status.QUEUED, Status.RUNNING}, limit=_ALL)
        return [f"experiment {experiment.id} is {experiment.status} on it; cancel it first"
                for experiment in going if experiment.dataset_version == newest.version]

    def _served(self, newest: DatasetVersion) -> list[str]:
        current = self._deployments.current(newest.task)
        return [] if current is None else [
            f"experiment {model}, {what}, learned from it; {way} first" for model, what, way in _models(current)
            if self._log.get(model).dataset_version == newest.version]


def _models(current: Deployment) -> Iterator[tuple[int, str, str]]:
    """(experiment, what it does, what ends that)."""
    yield current.experiment_id, "which serves", "deploy another one"
    if current.rollout is not None:
        yield current.rollout.experiment_id, f"which is a {current.rollout.role}", "abort the rollout"
