"""What the history says of each use case that changes something and leaves no entry by itself."""
from __future__ import annotations

from application.decorators.audited import Told
from application.use_cases.add_data import DataAdded
from application.use_cases.add_labels import LabelsAdded
from application.use_cases.create_key import CreatedKey
from application.use_cases.create_task import CreatedTask
from application.use_cases.import_model import ImportRequest
from application.use_cases.retrain import RetrainRequest
from domain.api_key import ApiKey
from domain.deployment import PROMOTE, ROLLBACK, Deployment
from domain.experiment import Experiment
from domain.history import Act


def task_created(created: CreatedTask, task: object, open_rows: object = None, dry_run: bool = False) -> Told | None:
    if dry_run:
        return None
    rows = created.version.rows if created.version else 0
    return Told(Act.TASK_CREATED, created.task.name, {
        "kind": str(created.task.kind), "problem": str(created.task.problem), "rows": rows})


def data_added(added: DataAdded, task_name: str, rows: object) -> Told | None:
    version = added.appended.version
    if added.appended.duplicate and not added.late_labels:
        return None
    return Told(Act.DATA_ADDED, task_name, {
        "dataset_version": version.version, "rows": 0 if added.appended.duplicate else version.rows_added,
        "late_labels": added.late_labels, "batch_id": version.batch_id})


def labels_added(added: LabelsAdded, task_name: str, rows: object) -> Told | None:
    new = added.matched + added.unknown
    return Told(Act.LABELS_ADDED, task_name, {"labels": new}) if new else None


def training_queued(experiment: Experiment, request: RetrainRequest) -> Told:
    return Told(Act.TRAINING_QUEUED, experiment.task, {
        "experiment_id": experiment.id, "dataset_version": experiment.dataset_version, "params": dict(request.params)})


def training_cancelled(experiment: Experiment, experiment_id: int) -> Told:
    return Told(Act.TRAINING_CANCELLED, experiment.task, {"experiment_id": experiment_id})


def model_imported(experiment: Experiment, request: ImportRequest) -> Told | None:
    if request.dry:
        return None
    return Told(Act.MODEL_IMPORTED, experiment.task, {
        "experiment_id": experiment.id, "file": request.file_name, "sha256": experiment.source["sha256"]})


def deployed(deployment: Deployment, *_: object, **__: object) -> Told:
    act = {ROLLBACK: Act.ROLLED_BACK, PROMOTE: Act.ROLLOUT_PROMOTED}.get(deployment.reason, Act.DEPLOYED)
    detail: dict[str, object] = {
        "experiment_id": deployment.experiment_id, "previous_experiment_id": deployment.previous_experiment_id,
        "generation": deployment.generation}
    return Told(act, deployment.task, detail if deployment.threshold is None else {
        **detail, "threshold": deployment.threshold})


def rolled_out(deployment: Deployment, *_: object, **__: object) -> Told:
    rollout = deployment.rollout
    assert rollout is not None
    said = {"by": rollout.by, "threshold": rollout.threshold}
    return Told(Act.ROLLOUT_BEGUN, deployment.task, {
        "experiment_id": rollout.experiment_id, "as": str(rollout.role), "share": rollout.share,
        "generation": deployment.generation} | {name: value for name, value in said.items() if value is not None})


def rollout_aborted(deployment: Deployment, *_: object, **__: object) -> Told:
    return Told(Act.ROLLOUT_ABORTED, deployment.task, {
        "serving_experiment_id": deployment.experiment_id, "generation": deployment.generation})


def key_created(created: CreatedKey, *_: object, **__: object) -> Told:
    key = created.key
    return Told(Act.KEY_CREATED, "", {
        "key": key.name, "key_id": key.id, "rights": sorted(map(str, key.rights)), "tasks": sorted(key.tasks)})


def key_revoked(key: ApiKey, key_id: int) -> Told:
    return Told(Act.KEY_REVOKED, "", {"key": key.name, "key_id": key_id})
