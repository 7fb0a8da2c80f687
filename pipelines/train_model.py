"""Stage 2: encoders and trees, exported to one ONNX file that has to answer as the trained model does."""
from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import click

from application.training.known_trainers import card_faults, checked
from application.use_cases.extract_data import PARTS
from application.use_cases.train_model import TrainModel
from domain.errors import InvalidInput
from domain.experiment import Experiment, Metrics
from domain.provenance import stamp
from domain.splitting import Parts
from domain.task import Task
from domain.training import refuse
from entrypoints.formats.documents import read_task, read_yaml
from entrypoints.processes.stage import stage
from entrypoints.wiring.stages import training as wiring


class Params(NamedTuple):
    """version: of the dataset. training: what is to be otherwise than in the task."""

    version: int
    training: Mapping[str, object]


@click.command("train-model")
@click.option("--task-file", required=True, type=click.Path(path_type=Path), help="The task as YAML.")
@click.option("--params", required=True, type=click.Path(path_type=Path), help="YAML with `dataset` and `training`.")
@click.option("--data", required=True, type=click.Path(path_type=Path), help="Folder with the Parquet files.")
@click.option("--out", required=True, type=click.Path(path_type=Path), help="Folder for the model and its plots.")
def command(task_file: Path, params: Path, data: Path, out: Path) -> None:
    """Train on train.parquet, stop early on valid.parquet, export, and compare the export with the trained model."""
    with stage("train_model") as (settings, tell):
        wired = wiring.wire(settings)
        task, asked = read_task(task_file), _read_params(params)
        task = replace(task, training=task.training.override(asked.training))
        trainer = wired.trainer(task.training.trainer)
        refuse(card_faults(trainer.describe(), task, task.training))
        out.mkdir(parents=True, exist_ok=True)
        parts = Parts(*(wired.files.read(data / f"{name}.parquet", task.schema.stored) for name in PARTS))
        task = replace(task, training=checked(trainer.describe(), task, parts.n_rows))
        training = TrainModel(trainer, wired.loader).execute(
            task, parts, out / "tensorboard", tell, lambda metrics: _stamp(wired, task, asked.version, metrics))
        (out / "model.onnx").write_bytes(training.model)
        (out / "judged.onnx").write_bytes(training.judged)
        (out / "model.cbm").write_bytes(training.native)
        (out / "metrics.json").write_text(json.dumps(training.metrics, indent=1), encoding="utf-8")
        (out / "learned.json").write_text(json.dumps(training.learned.to_plain(), indent=1), encoding="utf-8")
        if not any((out / "tensorboard").rglob("*tfevents*")):
            wired.curves.write(training.curve, task.rules.loss, out / "tensorboard")
        for plot in training.plots:
            wired.plots.write(plot, out / "plots")
    click.echo(f"{len(training.curve)} iterations; the model file differs from the trained model by at most "
               f"{training.parity:.2g}")


def _read_params(path: Path) -> Params:
    document = read_yaml(path)
    dataset, training = (document.get(key) if isinstance(document, dict) else None for key in ("dataset", "training"))
    if not isinstance(dataset, dict) or "version" not in dataset or not isinstance(training, dict):
        raise InvalidInput(f"{path}: expected `dataset` with its version, and `training`")
    return Params(dataset["version"], training)


def _stamp(wired: wiring.Training, task: Task, version: int, metrics: Metrics) -> dict[str, str]:
    """The service stamps the file anew for each experiment; this one stands for a run by hand."""
    now = wired.clock.now()
    by_hand = Experiment(0, task.name, f"{task.name}-v{version}", version, wired.commit_hash, now, {})
    return stamp(by_hand, metrics, now, wired.commit_reason)
