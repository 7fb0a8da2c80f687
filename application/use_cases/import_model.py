"""A model that was made elsewhere becomes an experiment."""
from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path

from application.ports.clock import Clock
from application.ports.experiment_log import ExperimentLog
from application.ports.feature_store import FeatureStore
from application.ports.model_trial import ModelTrial, TrialOutcome, TrialRun
from application.ports.model_wrapper import ModelSource
from application.ports.run_marks import RunMarks
from application.ports.task_catalog import TaskCatalog
from application.queries.versions import find_version
from application.training.asked import name_of
from application.training.publishing import Publishing
from application.use_cases.export_data import Export
from application.use_cases.extract_data import ExtractData
from domain.errors import Fault, InvalidInput
from domain.experiment import Experiment, Origin, Status
from domain.makers_answers import MakersAnswers
from domain.model_mapping import ModelMapping
from domain.task import Task

# What is known of the held-out rows: that the model was made with the rows of an export, by the word of whoever sends
# both; or nothing.
EXPORTED, UNVERIFIED = "exported", "unverified"


@dataclass(frozen=True, eq=False, slots=True)
class ImportRequest:
    """file: as it came, called `file_name`. source: the model in it. makers: its maker's own answers, None where they
    are not known. export: what the rows came from that it was made with, None if that is not known. dataset_version:
    None for the newest. dry: nothing is kept."""

    task: str
    file: bytes
    file_name: str
    source: ModelSource
    mapping: ModelMapping = field(default_factory=ModelMapping)
    makers: MakersAnswers | None = None
    export: Export | None = None
    name: str | None = None
    dataset_version: int | None = None
    dry: bool = False


class ImportModel:
    """Makes an ONNX file of any maker into a succeeded experiment of a task: compared, deployed and watched as any
    other.

    The file is wrapped into the form of those that are trained here, raw columns in, and tried out in a process of its
    own: 1, 2 and 513 rows, or 16 pictures, against one by one, missing and unseen values, its maker's own answers where
    `check` brings them. It is judged on the task's held-out rows and carries drift references of its training rows.
    What is wrong is told all at once, and then nothing is kept.
    """

    def __init__(self, tasks: TaskCatalog, store: FeatureStore, extract: ExtractData, trial: ModelTrial,
                 log: ExperimentLog, marks: RunMarks, publishing: Publishing, clock: Clock, commit_hash: str,
                 workspace: Callable[[], AbstractContextManager[Path]]) -> None:
        """workspace: gives an empty folder, which is gone at the end of the block."""
        self._tasks, self._store, self._extract, self._trial = tasks, store, extract, trial
        self._log, self._marks, self._publishing, self._clock = log, marks, publishing, clock
        self._commit_hash, self._workspace = commit_hash, workspace

    def execute(self, request: ImportRequest) -> Experiment:
        """Returns: the experiment, with the id 0 if nothing was to be kept.

        Raises: UnknownTask, UnknownDatasetVersion, InvalidInput, ModelCrashed, TooSlow, ParityBroken, UnsteadyModel.
        """
        task = self._tasks.get(request.task)
        version = find_version(self._store, task.name, request.dataset_version)
        name = name_of(request.name, f"{task.name}-imported")
        holdout = self._holdout(task, request.export, version.version)
        with self._workspace() as folder:
            self._extract.execute(task, version.version, folder, version.fingerprint)
            outcome = self._trial.run(TrialRun(task, request.source, request.mapping, folder, request.makers))
            now = self._clock.now()
            running = Experiment(
                0, task.name, name, version.version, self._commit_hash, now, {}, Status.RUNNING, started_at=now,
                heartbeat_at=now, schema_version=task.schema_version, origin=Origin.IMPORTED,
                source=_source(request, outcome, holdout) | outcome.learned.told(task, outcome.metrics))
            if request.dry:
                return running.succeed(self._clock.now(), outcome.metrics, from_cache=False)
            return self._kept(running, request, outcome)

    def _holdout(self, task: Task, export: Export | None, judged_by: int) -> str:
        if export is None:
            return UNVERIFIED
        known = {entry.version: entry.fingerprint for entry in self._store.versions(task.name)}
        if export.task != task.name or known.get(export.dataset_version) != export.fingerprint:
            problem = f"is of other rows: of version {export.dataset_version} of {export.task}"
            raise InvalidInput(f"the export {problem}", [Fault("export", problem)])
        if task.split.by_time is not None and export.dataset_version > judged_by:
            problem = (f"is of version {export.dataset_version}, and rows are parted by time: version {judged_by} "
                       "holds out rows that it trains on, so name no older version to judge by")
            raise InvalidInput(f"the export {problem}", [Fault("dataset_version", problem)])
        return EXPORTED

    def _kept(self, running: Experiment, request: ImportRequest, outcome: TrialOutcome) -> Experiment:
        experiment = self._log.add(running)
        with self._marks.hold(experiment.id):
            try:
                files: dict[str, Path | bytes] = {**outcome.files, request.file_name: request.file}
                self._publishing.publish(experiment, outcome.model, outcome.metrics, files, _stamps(experiment))
            except BaseException as failure:  # also when the work is to stop: nobody else knows of the record
                reason = f"{type(failure).__name__}: {failure}"
                self._log.update(experiment.id, lambda current: current if current.status.is_final else
                                 current.fail(self._clock.now(), reason))
                raise
            return self._log.update(experiment.id, lambda current: current.succeed(
                self._clock.now(), outcome.metrics, from_cache=False))


def _source(request: ImportRequest, outcome: TrialOutcome, holdout: str) -> dict[str, object]:
    return {
        "producer": outcome.producer, "sha256": hashlib.sha256(request.file).hexdigest(), "file": request.file_name,
        "holdout": holdout, "parity": outcome.parity, "mapping": outcome.mapping.to_document(),
        "notes": list(outcome.notes)}


def _stamps(experiment: Experiment) -> Mapping[str, str]:
    names = {"producer": "producer", "sha256": "source_sha256", "holdout": "holdout"}
    return {"origin": str(experiment.origin), **{
        stamped: str(experiment.source[name]) for name, stamped in names.items()}}
