"""A trial as files: what the service leaves for a process that is shut off from it, and what that one leaves."""
from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

import numpy as np

from application.ports.model_runner import ModelCrashed, UnreadableModel
from application.ports.model_trial import TrialOutcome, TrialRun
from application.ports.model_wrapper import ModelSource
from application.ports.table_files import TableFiles
from application.training.trying import UnsteadyModel
from application.use_cases.try_model import TriedModel
from domain import model_mapping, task_document
from domain.columns import ColumnType
from domain.errors import Fault, InvalidInput, ModelFailure, ProgonError
from domain.learned import Learned
from domain.makers_answers import MakersAnswers
from domain.makers_masks import MakersMasks
from domain.parity import ParityBroken
from domain.schema import Column
from domain.table import Table
from domain.task import Task

PHASE = "phase"
_RUN, _OUTCOME, _MODEL, _SOURCE = "trial.json", "outcome.json", "wrapped.onnx", "source"
_ROWS, _ANSWERS = "check_rows.parquet", "check_answers.parquet"
_LABEL, _MASK, _NAME = "label", "mask", "name"
# What a trial is refused with; anything else is a fault of ours.
_FAILURES: dict[str, type[ModelFailure]] = {
    failure.code: failure for failure in (ModelCrashed, UnreadableModel, UnsteadyModel, ParityBroken)}


def write_run(run: TrialRun, files: TableFiles) -> None:
    names = {name: f"{_SOURCE}.{number}" for number, name in enumerate(run.source.beside)}
    for name, file in names.items():
        (run.folder / file).write_bytes(run.source.beside[name])
    (run.folder / _SOURCE).write_bytes(run.source.content)
    document = {"task": task_document.to_document(run.task), "mapping": run.mapping.to_document(), "beside": names,
                "check": None if run.makers is None else _check_columns(run.makers)}
    (run.folder / _RUN).write_text(json.dumps(document), encoding="utf-8")
    if run.makers is not None:
        with files.create(run.folder / _ROWS, run.task.schema.features) as sink:
            for rows in run.makers.rows.chunks(run.task.rules.step_rows):
                sink.write(rows)
        with files.create(run.folder / _ANSWERS, [Column(*pair) for pair in _answer_columns(run.makers)]) as sink:
            sink.write(_answers(run.makers))


def read_run(folder: Path, files: TableFiles) -> TrialRun:
    document = json.loads((folder / _RUN).read_text(encoding="utf-8"))
    task = task_document.from_document(document["task"])
    beside = {name: (folder / file).read_bytes() for name, file in document["beside"].items()}
    makers = None if document["check"] is None else _read_makers(folder, files, task, document["check"])
    return TrialRun(task, ModelSource((folder / _SOURCE).read_bytes(), beside),
                    model_mapping.from_document(document["mapping"]), folder, makers)


def _answer_columns(makers: MakersAnswers) -> list[tuple[str, ColumnType]]:
    if isinstance(makers, MakersMasks):
        return [(_MASK, ColumnType.MASK), (_NAME, ColumnType.CATEGORY)]
    if makers.numbers is None:
        return [(_LABEL, ColumnType.CATEGORY)]
    return [(f"number {place}", ColumnType.NUMBER) for place in range(makers.numbers.shape[1])]


def _check_columns(makers: MakersAnswers) -> Sequence[tuple[str, str]]:
    return [(name, str(kind)) for name, kind in _answer_columns(makers)]


def _answers(makers: MakersAnswers) -> Table:
    if makers.numbers is None:
        assert makers.labels is not None
        return Table({_MASK: makers.labels, _NAME: makers.names} if isinstance(makers, MakersMasks)
                     else {_LABEL: makers.labels})
    return Table({name: makers.numbers[:, place] for place, (name, _) in enumerate(_answer_columns(makers))})


def _read_makers(folder: Path, files: TableFiles, task: Task, columns: Sequence[tuple[str, str]]) -> MakersAnswers:
    rows = files.read(folder / _ROWS, task.schema.features)
    answers = files.read(folder / _ANSWERS, [Column(name, ColumnType(kind)) for name, kind in columns])
    if _MASK in answers:
        return MakersMasks(rows, None, answers[_MASK], answers[_NAME])
    if _LABEL in answers:
        return MakersAnswers(rows, None, answers[_LABEL])
    return MakersAnswers(rows, np.column_stack([answers[name] for name, _ in columns]), None)


def write_outcome(folder: Path, tried: TriedModel) -> None:
    wrapped = tried.wrapped
    (folder / _MODEL).write_bytes(wrapped.model)
    document = {"metrics": tried.metrics, "mapping": wrapped.mapping.to_document(), "notes": wrapped.notes,
                "producer": wrapped.producer, "parity": tried.parity, "learned": tried.learned.to_plain()}
    (folder / _OUTCOME).write_text(json.dumps(document), encoding="utf-8")


def write_failure(folder: Path, failure: ProgonError) -> None:
    faults = [asdict(fault) for fault in getattr(failure, "faults", ())]
    document = {"failure": failure.code, "detail": failure.detail, "faults": faults}
    (folder / _OUTCOME).write_text(json.dumps(document), encoding="utf-8")


def read_outcome(folder: Path) -> TrialOutcome | None:
    """None if the process left none. Raises: what `write_failure` was given."""
    try:
        document = json.loads((folder / _OUTCOME).read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError):
        return None
    if "failure" in document:
        raise _failure(document["failure"], document["detail"], [Fault(**fault) for fault in document["faults"]])
    return TrialOutcome(
        (folder / _MODEL).read_bytes(), document["metrics"], model_mapping.from_document(document["mapping"]),
        document["notes"], document["producer"], document["parity"],
        {f"plots/{path.name}": path for path in sorted((folder / "plots").glob("*"))},
        Learned.from_plain(document["learned"]))


def _failure(code: str, detail: str, faults: Sequence[Fault]) -> ProgonError:
    return _FAILURES[code](detail) if code in _FAILURES else InvalidInput(detail, faults)
