"""Domain values as the JSON that the contract promises."""
from __future__ import annotations

import json

import msgspec
from starlette.responses import Response

from domain.deployment import Deployment
from domain.experiment import Experiment
from domain.prediction import ModelCard


def json_response(body: object, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    return Response(msgspec.json.encode(body), status, headers, "application/json")


def experiment_body(experiment: Experiment) -> dict[str, object]:
    return {
        "experiment_id": experiment.id,
        "task": experiment.task,
        "name": experiment.name,
        "status": str(experiment.status),
        "progress": experiment.progress.share,
        "stage": experiment.progress.stage,
        "iteration": experiment.progress.iteration,
        "iterations": experiment.progress.iterations,
        "loss": experiment.progress.loss,
        "dataset_version": experiment.dataset_version,
        "commit_hash": experiment.commit_hash,
        "created_at": experiment.created_at,
        "started_at": experiment.started_at,
        "finished_at": experiment.finished_at,
        "params": experiment.params,
        "metrics": experiment.metrics,
        "error": experiment.error,
        "from_cache": experiment.from_cache,
    }


def deployment_body(deployment: Deployment) -> dict[str, object]:
    return {
        "task": deployment.task,
        "experiment_id": deployment.experiment_id,
        "previous_experiment_id": deployment.previous_experiment_id,
        "generation": deployment.generation,
        "created_at": deployment.created_at,
        "reason": deployment.reason,
        "deployed_by": deployment.deployed_by,
    }


def metadata_body(card: ModelCard) -> dict[str, object]:
    said = card.metadata
    return {
        "task": card.task,
        "experiment_id": card.experiment_id,
        "experiment_name": said.get("experiment_name", ""),
        "commit_hash": said.get("commit_hash", ""),
        "saved_at": said.get("saved_at", ""),
        "dataset_version": card.dataset_version,
        "problem": said.get("problem", ""),
        "inputs": [{"name": tensor.name, "type": tensor.type} for tensor in card.inputs],
        "outputs": [{"name": tensor.name, "type": tensor.type} for tensor in card.outputs],
        "labels": list(card.labels),
        "metrics": json.loads(said.get("metrics", "{}")),
    }
