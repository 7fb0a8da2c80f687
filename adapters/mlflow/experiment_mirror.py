"""Runs of a tracking server: an experiment of MLflow for each task, a run for each of our experiments."""
from __future__ import annotations

import logging
import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from adapters.mlflow.model_folder import MODEL, model_folder
from adapters.mlflow.rest import MissingThere, MlflowServer
from application.ports.experiment_mirror import ExperimentMirror, LeftFile
from domain.experiment import Experiment, Status

# Of one request to log-batch.
_METRICS, _PARAMS = 1_000, 100
# The longest value of a parameter that every version of MLflow takes.
_PARAM_CHARS = 500
_ENDS = {Status.SUCCEEDED: "FINISHED", Status.FAILED: "FAILED", Status.CANCELLED: "KILLED"}
_SERVED_FILES = "mlflow-artifacts:/"
# The id alone would be that of another service's experiment too.
_RUN, _FILLED, _WHOLE, _YES = "progon.run", "progon.filled", "progon.whole", "yes"
_log = logging.getLogger("progon.mlflow")
Pairs = list[dict[str, str]]


class MlflowExperimentMirror(ExperimentMirror):
    def __init__(self, server: MlflowServer) -> None:
        self._server = server

    def begin(self, experiment: Experiment) -> None:
        place = self._place(experiment.task)
        if not self._runs(place, experiment):
            self._begun(place, experiment)

    def put(self, experiment: Experiment, curve: Sequence[Mapping[str, object]], files: Iterable[LeftFile]) -> None:
        place = self._place(experiment.task)
        run = None
        for found in self._runs(place, experiment):
            if _tags(found).get(_WHOLE) == _YES:
                return
            if run is None and _FILLED not in _tags(found) and _has_params_of(found, experiment):
                run = found
            else:
                self._server.post("runs/delete", run_id=found["info"]["run_id"])
        run = run or self._begun(place, experiment)
        # From here on what is broken off is done anew.
        self._server.post("runs/log-batch", run_id=run["info"]["run_id"],
                          tags=[*_tags_of(experiment), {"key": _FILLED, "value": _YES}])
        self._log_numbers(run["info"]["run_id"], experiment, curve)
        self._put_files(run, experiment, files)
        self._server.post("runs/update", run_id=run["info"]["run_id"], status=_ENDS[experiment.status],
                          run_name=_name_of(experiment), end_time=_ms(experiment.finished_at or experiment.created_at))
        # The very last: what breaks off before it is done anew, its end among it.
        self._tag(run, _WHOLE, _YES)

    def _tag(self, run: Mapping[str, Any], name: str, value: str) -> None:
        self._server.post("runs/set-tag", run_id=run["info"]["run_id"], key=name, value=value)

    def _place(self, task: str) -> str:
        """The id of MLflow's experiment, which is made if there is none."""
        try:
            found: str = self._server.get("experiments/get-by-name", experiment_name=task)["experiment"][
                "experiment_id"]
        except MissingThere:
            found = self._server.post("experiments/create", name=task)["experiment_id"]
        return found

    def _runs(self, place: str, experiment: Experiment) -> Sequence[Mapping[str, Any]]:
        found: Sequence[Mapping[str, Any]] = self._server.post(
            "runs/search", experiment_ids=[place], filter=f"tags.`{_RUN}` = '{_run_of(experiment)}'").get("runs", [])
        return found

    def _begun(self, place: str, experiment: Experiment) -> Mapping[str, Any]:
        run: Mapping[str, Any] = self._server.post(
            "runs/create", experiment_id=place, run_name=_name_of(experiment),
            start_time=_ms(experiment.started_at or experiment.created_at), tags=_tags_of(experiment))["run"]
        self._log_params(run, experiment)
        return run

    def _log_numbers(self, run_id: str, experiment: Experiment, curve: Sequence[Mapping[str, object]]) -> None:
        at = _ms(experiment.finished_at or experiment.created_at)
        for metrics in _pieces([*_metrics(experiment, at), *_curve(curve, at)], _METRICS):
            self._server.post("runs/log-batch", run_id=run_id, metrics=metrics)

    def _log_params(self, run: Mapping[str, Any], experiment: Experiment) -> None:
        for params in _pieces(_params(experiment.params), _PARAMS):
            self._server.post("runs/log-batch", run_id=run["info"]["run_id"], params=params)

    def _put_files(self, run: Mapping[str, Any], experiment: Experiment, files: Iterable[LeftFile]) -> None:
        run_id, uri = run["info"]["run_id"], str(run["info"]["artifact_uri"])
        if not uri.startswith(_SERVED_FILES):
            self._tag(run, "progon.files", f"left out: the server does not take files itself, they would go to {uri}")
            _log.warning("MLflow does not take files itself (mlflow server --serve-artifacts); runs have none")
            return
        root = uri.removeprefix(_SERVED_FILES).lstrip("/")
        for file in files:
            path = f"{MODEL}/model.onnx" if file.path == "model.onnx" else file.path
            self._server.put_file(f"{root}/{path}", file.size_bytes, file.content)
            if file.path == "model.onnx":
                self._put_model(run_id, root, experiment)

    def _put_model(self, run_id: str, root: str, experiment: Experiment) -> None:
        folder = model_folder(run_id, experiment.finished_at or experiment.created_at)
        for name, text in folder.files.items():
            self._server.put_file(f"{root}/{MODEL}/{name}", len(text), text)
        self._server.post("runs/log-model", run_id=run_id, model_json=folder.described)


def _tags(run: Mapping[str, Any]) -> Mapping[str, str]:
    return {tag["key"]: tag["value"] for tag in run.get("data", {}).get("tags", ())}


def _has_params_of(run: Mapping[str, Any], experiment: Experiment) -> bool:
    """They cannot be changed there."""
    said = {param["key"]: param["value"] for param in run.get("data", {}).get("params", ())}
    return said == {param["key"]: param["value"] for param in _params(experiment.params)}


def _name_of(experiment: Experiment) -> str:
    return experiment.name or f"experiment {experiment.id}"


def _run_of(experiment: Experiment) -> str:
    return f"{experiment.id} of {experiment.created_at.isoformat()}"


def _tags_of(experiment: Experiment) -> Pairs:
    said = {
        _RUN: _run_of(experiment), "progon.experiment_id": experiment.id, "progon.task": experiment.task,
        "progon.dataset_version": experiment.dataset_version, "progon.origin": experiment.origin,
        "mlflow.source.name": "progon", "mlflow.source.type": "JOB",
        "mlflow.source.git.commit": experiment.commit_hash, "mlflow.note.content": experiment.error or experiment.note,
        "progon.tags": ", ".join(experiment.tags),
        "progon.trial_of": "" if experiment.parent is None else experiment.parent}
    return [{"key": name, "value": str(value)} for name, value in said.items() if str(value)]


def _metrics(experiment: Experiment, at_ms: int) -> Iterator[dict[str, object]]:
    for part, values in experiment.metrics.items():
        for name, value in values.items():
            yield _metric(f"{part}/{name}", value, at_ms, 0)


def _curve(curve: Sequence[Mapping[str, object]], at_ms: int) -> Iterator[dict[str, object]]:
    for point in curve:
        for name, value in point.items():
            if name not in ("iteration", "part") and isinstance(value, (int, float)):
                yield _metric(f"curve/{point['part']}/{name}", value, at_ms, point["iteration"])


def _metric(key: str, value: float, at_ms: int, step: object) -> dict[str, object]:
    """What is no finite number has a name in their JSON."""
    shown = value if math.isfinite(value) else "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"
    return {"key": key, "value": shown, "timestamp": at_ms, "step": step}


def _params(params: Mapping[str, object]) -> Sequence[dict[str, str]]:
    return [{"key": name, "value": str(value)[:_PARAM_CHARS]} for name, value in params.items() if str(value)]


def _pieces(items: Sequence[Mapping[str, object]], size: int) -> Iterator[Sequence[Mapping[str, object]]]:
    return (items[start:start + size] for start in range(0, len(items), size))


def _ms(moment: datetime) -> int:
    return round(moment.timestamp() * 1_000)
