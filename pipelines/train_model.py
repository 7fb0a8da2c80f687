"""Stage 2: encoders and trees, exported to one ONNX file that has to answer as the trained model does."""
from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import click

from application.use_cases.extract_data import PARTS
from application.use_cases.train_model import Training
from domain.errors import InvalidInput
from domain.experiment import Experiment
from domain.provenance import stamp
from domain.splitting import Parts
from domain.task import Task
from entrypoints.container import Container
from entrypoints.documents import read_task, read_yaml
from entrypoints.stage import stage


@click.command("train-model")
@click.option("--task-file", required=True, type=click.Path(path_type=Path), help="The task as YAML.")
@click.option("--params", required=True, type=click.Path(path_type=Path), help="YAML with `dataset` and `training`.")
@click.option("--data", required=True, type=click.Path(path_type=Path), help="Folder with the Parquet files.")
@click.option("--out", required=True, type=click.Path(path_type=Path), help="Folder for the model and its plots.")
def command(task_file: Path, params: Path, data: Path, out: Path) -> None:
    """Train on train.parquet, stop early on valid.parquet, export, and compare the export with the trained model."""
    with stage("train_model") as (container, tell):
        task, document = read_task(task_file), _read_params(params)
        task = replace(task, training=task.training.override(document["training"]))
        out.mkdir(parents=True, exist_ok=True)
        files = container.table_files()
        parts = Parts(*(files.read(data / f"{name}.parquet", task.schema.stored) for name in PARTS))
        training = container.train_model().execute(task, parts, out / "tensorboard", tell)
        stamped = container.model_loader().stamp(training.model, _stamp(container, task, document, training))
        (out / "model.onnx").write_bytes(stamped)
        (out / "model.cbm").write_bytes(training.native)
        (out / "metrics.json").write_text(json.dumps(training.metrics, indent=1), encoding="utf-8")
        for plot in training.plots:
            container.plot_writer().write(plot, out / "plots")
    click.echo(f"{training.iterations} iterations; the model file differs from the trained model by at most "
               f"{training.parity:.2g}")


def _read_params(path: Path) -> dict[str, dict[str, Any]]:
    document = read_yaml(path)
    dataset, training = (document.get(key) if isinstance(document, dict) else None for key in ("dataset", "training"))
    if not isinstance(dataset, dict) or "version" not in dataset or not isinstance(training, dict):
        raise InvalidInput(f"{path}: expected `dataset` with its version, and `training`")
    return {"dataset": dataset, "training": training}


def _stamp(container: Container, task: Task, document: Mapping[str, Mapping[str, Any]], training: Training
           ) -> dict[str, str]:
    """The service stamps the file anew for each experiment; this one stands for a run by hand."""
    version = document["dataset"]["version"]
    now = container.clock().now()
    by_hand = Experiment(0, task.name, f"{task.name}-v{version}", version, container.commit_hash(), now, {})
    return stamp(by_hand, training.metrics, now)
