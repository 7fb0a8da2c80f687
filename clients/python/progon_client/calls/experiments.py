"""Experiments: trained, imported, looked at."""
from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

from progon_client import uploads
from progon_client.answers.experiments import Artifacts, Comparison, Experiment, ExperimentPage
from progon_client.answers.words import Archived, Status
from progon_client.call import Call, Repeat, json_call
from progon_client.calls.answering import LONG_S
from progon_client.downloads import Download, download
from progon_client.uploads import FileLike, TableLike

A = TypeVar("A")


def retrain(
    task: str | None = None, *, params: Mapping[str, Any] | None = None, dataset_version: int | None = None,
    name: str | None = None,
) -> Call[Experiment]:
    """Queues a training and does not wait: `wait` does, and `events` tells how far it is. params: `trainer`, its own
    parameters, `seed`, `refit`, `search`."""
    said = {"params": params and dict(params), "dataset_version": dataset_version, "name": name}
    return json_call(Experiment, "PUT", "/retrain", query={"task": task, "wait": 0}, repeat=Repeat.BY_KEY,
                     body={key: value for key, value in said.items() if value is not None})


def cancel(experiment_id: int) -> Call[Experiment]:
    """Ends a training within seconds."""
    return _of(Experiment, "POST", "/experiments/{experiment_id}/cancel", experiment_id)


def experiment(experiment_id: int) -> Call[Experiment]:
    """How far it is, or how good."""
    return _of(Experiment, "GET", "/experiments/{experiment_id}", experiment_id)


def metrics(experiment_id: int) -> Call[Experiment]:
    """The same, under the name by which the service has it in its contract: metrics by part and name."""
    return _of(Experiment, "GET", "/metrics/{experiment_id}", experiment_id)


def experiments(
    task: str | None = None, *, status: Status | None = None, limit: int | None = None, before: int | None = None,
    filter: str | None = None, sort: str | None = None, search: str | None = None, archived: Archived | None = None,
    pinned: bool | None = None, offset: int | None = None,
) -> Call[ExperimentPage]:
    """The newest first; `next` of a page is the `before` of the one that follows. filter: as `auc > 0.8 and depth < 6`.
    sort: as `-auc,depth`. search: in the name, the note or a tag. With any of them `next_offset` of a page is the
    `offset` of the one that follows."""
    return json_call(ExperimentPage, "GET", "/experiments", query={
        "task": task, "status": status, "limit": limit, "before": before, "filter": filter, "sort": sort,
        "search": search, "archived": archived, "pinned": pinned, "offset": offset})


def edit_experiment(
    experiment_id: int, *, name: str | None = None, tags: Sequence[str] | None = None, note: str | None = None,
    archived: bool | None = None, pinned: bool | None = None,
) -> Call[Experiment]:
    """What people say of it; what is left out stays. pinned: the others of its task are measured against it."""
    said = {"name": name, "tags": None if tags is None else list(tags), "note": note, "archived": archived,
            "pinned": pinned}
    return _of(Experiment, "PATCH", "/experiments/{experiment_id}", experiment_id,
               body={key: value for key, value in said.items() if value is not None})


def compare(experiment_id: int, *, against: int | None = None) -> Call[Comparison]:
    """An experiment and what serves its task, on the same rows. against: another experiment than what serves."""
    return _of(Comparison, "GET", "/experiments/{experiment_id}/comparison", experiment_id, wait_s=LONG_S,
               query={"against": against})


def artifacts(experiment_id: int) -> Call[Artifacts]:
    """The files that it left."""
    return _of(Artifacts, "GET", "/experiments/{experiment_id}/artifacts", experiment_id)


def artifact(experiment_id: int, path: str = "model.onnx") -> Call[Download]:
    """One of them."""
    return download("GET", "/experiments/{experiment_id}/artifacts/{path}",
                    at={"experiment_id": experiment_id, "path": path}, wait_s=LONG_S)


def delete_experiment(experiment_id: int) -> Call[Experiment]:
    """With all that it left."""
    return _of(Experiment, "DELETE", "/experiments/{experiment_id}", experiment_id)


def import_model(
    model: FileLike, task: str | None = None, *, mapping: Mapping[str, Any] | str | None = None,
    check: TableLike | None = None, export: FileLike | None = None, name: str | None = None,
    dataset_version: int | None = None, dry: bool = False, data: TableLike | None = None, target: str | None = None,
    problem: str | None = None, split_by: str | None = None, split_by_time: str | None = None,
    positive: str | None = None,
) -> Call[Experiment]:
    """A model that was made elsewhere, as an experiment: ONNX, or a zip with an MLflow model folder. mapping: as an
    object, or as a text of YAML. check: rows with its maker's own answers; of pictures a zip of both, the answers as a
    table or as masks, by its path or as bytes. export: export.json of an export of the data. dry: say what would be,
    and keep nothing. data: rows that make `task`, which is not there yet, with what is said of it: target, problem,
    split_by, split_by_time, positive."""
    files = {"model": uploads.file(model, name="model.onnx")}
    if check is not None:
        files["check"] = uploads.table(check)
    if export is not None:
        files["export"] = uploads.file(export, name="export.json")
    if data is not None:
        files["data"] = uploads.table(data)
    written = mapping if mapping is None or isinstance(mapping, str) else json.dumps(mapping)
    return json_call(Experiment, "POST", "/experiments", query={"task": task, "dry": dry or None}, files=files,
                     repeat=Repeat.BY_KEY,
                     fields={"mapping": written, "name": name, "dataset_version": dataset_version, "target": target,
                             "problem": problem, "split_by": split_by, "split_by_time": split_by_time,
                             "positive": positive}, wait_s=LONG_S)


def _of(form: type[A], method: str, route: str, experiment_id: int, **how: Any) -> Call[A]:
    return json_call(form, method, route, at={"experiment_id": experiment_id}, **how)
