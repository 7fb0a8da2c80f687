"""Stage 3: the exported model on the held-out rows, through the use case that serves."""
from __future__ import annotations

import json
from pathlib import Path
from time import perf_counter

import click
import numpy as np

from application.ports.serving_models import ServedModel
from application.ports.table_files import TableFiles
from application.serving.single_model import SingleModel
from application.use_cases.answer_rows import AnswerRows
from application.use_cases.inference_model import Inference, InferenceModel
from domain.columns import ColumnType
from domain.columns.rules import Form
from domain.schema import Column
from domain.table import Table
from domain.task import Task
from entrypoints.formats.documents import read_task
from entrypoints.processes.stage import stage
from entrypoints.wiring.stages import judging


@click.command("inference-model")
@click.option("--task-file", required=True, type=click.Path(path_type=Path), help="The task as YAML.")
@click.option("--model", required=True, type=click.Path(path_type=Path), help="The ONNX file.")
@click.option("--data", required=True, type=click.Path(path_type=Path), help="Folder with the Parquet files.")
@click.option("--out", required=True, type=click.Path(path_type=Path), help="Folder for metrics, answers and plots.")
def command(task_file: Path, model: Path, data: Path, out: Path) -> None:
    """Answer test.parquet with the model file and judge the answers."""
    with stage("inference_model") as (settings, tell):
        wired, task = judging.wire(settings), read_task(task_file)
        out.mkdir(parents=True, exist_ok=True)
        test = wired.files.read(data / "test.parquet", task.schema.stored)
        served = ServedModel(task, 0, 0, wired.loader.load(model.read_bytes()))
        inference = InferenceModel(AnswerRows(SingleModel(served), perf_counter)).execute(task, test)
        _write_answers(wired.files, out / "predictions.parquet", task, test, inference)
        (out / "metrics.json").write_text(json.dumps({"test": dict(inference.metrics)}, indent=1), encoding="utf-8")
        for plot in inference.plots:
            wired.plots.write(plot, out / "plots")
        (out / "tensorboard").mkdir(exist_ok=True)
        for sheet in inference.sheets:
            wired.contact_sheets.write(sheet, out / "plots")
            wired.event_sheets.write(sheet, out / "tensorboard" / "pictures")
        tell(1, 1, None)
    click.echo(f"{test.n_rows:,} held-out rows: "
               + ", ".join(f"{name} {value:.4f}" for name, value in inference.metrics.items()))


def _write_answers(files: TableFiles, path: Path, task: Task, test: Table, inference: Inference) -> None:
    values, kind, form = inference.predictions.values, task.schema.target.type, task.schema.target.rules.form
    answers = Table({
        "actual": test[task.schema.target.name],
        "prediction": np.array([str(v) for v in values], dtype=object) if form is Form.TEXTS else values,
        "score": inference.scores.astype(np.float64),
    })
    columns = [Column("actual", kind), Column("prediction", kind), Column("score", ColumnType.NUMBER)]
    with files.create(path, columns) as sink:
        sink.write(answers)
