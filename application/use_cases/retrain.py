"""A new experiment: queued now, trained as soon as there is room."""
from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace

from application.ports.clock import Clock
from application.ports.executor import Executor, ExecutorUnavailable
from application.ports.experiment_log import ExperimentLog
from application.ports.feature_store import FeatureStore
from application.ports.task_catalog import TaskCatalog
from application.queries.parted import rows_by_part
from application.queries.versions import find_version
from application.training.asked import name_of
from application.training.known_trainers import KnownTrainers
from domain.dataset import DatasetVersion
from domain.errors import Fault, InvalidInput
from domain.experiment import Experiment
from domain.search import Search, SearchWish, plan, read_wish, too_few_to_choose
from domain.splitting import VALID
from domain.task import Task
from domain.trainer_card import TrainerCard
from domain.training import Training, refuse

SEARCH = "search"


@dataclass(frozen=True, slots=True)
class RetrainRequest:
    """params: overrides of the task's training parameters, and `search`; dataset_version: None for the newest."""

    task: str
    params: Mapping[str, object] = field(default_factory=dict)
    dataset_version: int | None = None
    name: str | None = None


class Retrain:
    """Queues one training of a task on one of its dataset versions; the newest, if none is named.

    The training parameters are the task's, with those of the request in their place; the trainer chooses the others by
    the number of rows, and all are checked against its card and kept with the experiment. What runs already, and what
    serves, is not touched. With `search` it tries several settings, each as an experiment of its own, and becomes the
    one that is best on `valid`; parameters that the request names stay as they are. Accepted is accepted: while nothing
    takes work, the experiment waits until something does.
    """

    def __init__(self, tasks: TaskCatalog, store: FeatureStore, log: ExperimentLog, executor: Executor, clock: Clock,
                 commit_hash: str, trainers: KnownTrainers) -> None:
        self._tasks, self._store, self._log, self._trainers = tasks, store, log, trainers
        self._executor, self._clock, self._commit_hash = executor, clock, commit_hash

    def execute(self, request: RetrainRequest) -> Experiment:
        """Raises: UnknownTask, UnknownDatasetVersion, InvalidInput for parameters, a search or a name."""
        task = self._tasks.get(request.task)
        params = {name: value for name, value in request.params.items() if name != SEARCH}
        card, training, wish = self._checked(task, params, request.params.get(SEARCH))
        version = find_version(self._store, task.name, request.dataset_version)
        training = training.override(card.resolved(training.params, task.kind, version.rows, task.problem))
        name = name_of(request.name, f"{task.name}-v{version.version}")
        search = None if wish is None else self._plan(wish, replace(task, training=training), card, params, version)
        experiment = self._log.add(Experiment(
            id=0, task=task.name, name=name, dataset_version=version.version, commit_hash=self._commit_hash,
            created_at=self._clock.now(), params=training.as_dict(),
            schema_version=task.schema_version, search=search))
        # RecoverExperiments submits what is queued, again and again.
        with suppress(ExecutorUnavailable):
            self._executor.submit(experiment.id)
        return experiment

    def _checked(self, task: Task, params: Mapping[str, object], search: object
                 ) -> tuple[TrainerCard, Training, SearchWish | None]:
        """Raises: InvalidInput naming everything that cannot be used."""
        wish, faults = read_wish(search)
        try:
            card, training = self._trainers.check(task, params)
        except InvalidInput as failure:
            refuse([*failure.faults, *faults])
            raise
        refuse(faults)
        return card, training, wish

    def _plan(self, wish: SearchWish, task: Task, card: TrainerCard, fixed: Mapping[str, object],
              version: DatasetVersion) -> Search:
        """Raises: InvalidInput where there is nothing to choose, or too little to choose by."""
        search = plan(wish, task, card, fixed)
        few = too_few_to_choose(int(rows_by_part(self._store, task, version.version)[VALID]))
        if few is not None:
            raise InvalidInput(f"no search: {few.problem}", [few])
        if len(search.plan) < 2:
            problem = f"nothing is left to try: the trainer {card.name} has no other settings than those that are set"
            raise InvalidInput(problem, [Fault(f"params.{SEARCH}", problem)])
        return search
