"""Tables: files of any format in, and out as CSV with the answers beside them or as columns of JSON."""
from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import BinaryIO

import msgspec

from application.ports.columnar_codec import ColumnarCodec, ColumnarForm
from application.ports.csv_codec import CsvCodec
from application.use_cases.answer_rows import Answering, Exchange
from application.use_cases.infer_task import InferTask
from application.use_cases.look_at_table import LookAtTable
from domain.cells import describe
from domain.errors import Fault, InvalidInput
from domain.exchange import Part
from domain.kinds.kind import Kind, Problem
from domain.labels import Label
from domain.prediction import Predictions
from domain.rows import JsonRow, Rows
from domain.schema_inference import InferredTask, TableWish
from domain.table import Table
from domain.task import Task
from domain.unseen import Unseen
from entrypoints.answers.batches import FileAnswer
from entrypoints.answers.explanations import ExplanationAnswer
from entrypoints.formats.cells import plain
from entrypoints.formats.formats import FileRows, Formats, Looked, Stored, TaskWish
from entrypoints.formats.forms import AnswerForm, FileForm
from entrypoints.formats.json_rows import decode_one_or_some, rows_of
from entrypoints.formats.picture_wish import PictureWish
from entrypoints.formats.table_answers import MEDIA_TYPES as COLUMNAR_TYPES
from entrypoints.formats.table_answers import ColumnarTable, CsvTable, JsonColumns, TableForm, told_names
from entrypoints.formats.table_format import TableRows
from entrypoints.formats.table_reader import TableReader
from entrypoints.formats.table_shape import without_units

SUFFIXES = {".parquet": ColumnarForm.PARQUET, ".arrow": ColumnarForm.ARROW, ".arrows": ColumnarForm.ARROW}
PROBLEMS = (Problem.BINARY, Problem.MULTICLASS, Problem.REGRESSION)


class Tables(Formats):
    kind, media_type, noun = Kind.TABULAR, "text/csv", "rows"
    needs = ("name", "target")
    further_types = (
        "text/tab-separated-values", "application/csv", "application/x-ndjson", "application/ndjson",
        "application/jsonl", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "application/gzip",
        "application/x-gzip", "application/zstd", "application/octet-stream", *COLUMNAR_TYPES.values(),
        "application/vnd.apache.arrow.file", "application/x-parquet")

    def __init__(self, reader: TableReader, codec: CsvCodec, columnar: ColumnarCodec, infer_task: InferTask,
                 look_at_table: LookAtTable) -> None:
        """codec, columnar: what answers are written with."""
        self._reader, self._codec, self._columnar = reader, codec, columnar
        self._infer_task, self._look_at_table = infer_task, look_at_table

    def rows(self, task: Task, file: BinaryIO, labelled: bool, charset: str | None = None) -> FileRows:
        table = self._reader.read(file, charset)
        passed_over = [name for name in told_names(task) if name in table.names and name not in task.schema]
        unknown = [name for name in unknown_to(task, table.names) if name not in passed_over]
        return FileRows(_without(passed_over, table.some()), table.facts, passed_over, unknown)

    def forms(self, task: Task, headers: Mapping[str, str], labelled: bool) -> Sequence[AnswerForm]:
        return JsonColumns(), *self._table_forms()

    def file_form(self, task: Task, wish: PictureWish, suffix: str = "") -> FileForm:
        form = SUFFIXES.get(suffix.lower())
        return CsvTable(self._codec) if form is None else ColumnarTable(self._columnar, form)

    def check(self, task: Task, wish: PictureWish) -> None:
        if wish != PictureWish():
            raise InvalidInput(f"the task {task.name} answers rows of a table; X-Output and its like are for pictures")

    def picture(self, task: Task, name: str, content: bytes) -> Rows:
        raise InvalidInput(f"the task {task.name} takes rows of a table as JSON, not pictures")

    def single(self, task: Task, part: Part, wishes: Sequence[PictureWish]) -> dict[str, object]:
        prediction, probabilities = next(by_row(part.answers))
        return {"prediction": prediction, "probabilities": probabilities}

    def forward_file(self, answering: Answering, task: Task, name: str, content: bytes, wish: PictureWish,
                     output: Path | None, ignores: bool = False) -> dict[str, object]:
        sent = decode_one_or_some(content)
        rows: Rows = JsonRow(sent) if isinstance(sent, Mapping) else rows_of(sent)
        exchange = answering.execute(task.name, rows.tolerant() if ignores else rows)
        ignored = unknown_to(exchange.served.task, rows.names) if ignores else []
        if not isinstance(sent, Mapping):
            answers: dict[str, object] = msgspec.json.decode(some_answers("", exchange, ignored))
            return {name: value for name, value in answers.items() if name not in ("request_id", "task")}
        part, = exchange.parts
        answer = {"experiment_id": exchange.served.experiment_id} | self.single(task, part, ()) | _explained(part)
        return answer | ({"ignored": ignored} if ignored else {})

    def infer(self, wish: TaskWish, file: BinaryIO, charset: str | None = None
              ) -> tuple[Task, InferredTask | None]:
        checked, table = _checked(wish), self._reader.read(file, charset)
        texts = (rows.texts for rows in table.some())
        inferred = self._infer_task.execute(checked, without_units(texts))
        return inferred.task, inferred

    def look(self, file: BinaryIO, charset: str | None = None) -> Looked:
        table = self._reader.read(file, charset)
        seen = self._look_at_table.execute(table.names, without_units(rows.texts for rows in table.chunks))
        if not seen.rows or not table.names:
            problem = "has no rows" if table.names else "has no columns"
            raise InvalidInput(f"the file {problem}", [Fault("file", problem)])
        return Looked(seen.rows, seen.columns, table.facts)

    def stored(self, task: Task, tables: Iterable[Table], form: str) -> Stored:
        found = next((each for each in self._table_forms() if form in (each.name, each.media_type)), None)
        if found is None:
            problem = f"can be had as {', '.join(each.name for each in self._table_forms())}, not {form}"
            raise InvalidInput(f"rows {problem}", [Fault("format", problem)])
        names = [column.name for column in task.schema.stored]
        return Stored(found.name, found.media_type, found.write(names, (found.plain(table) for table in tables)))

    def _table_forms(self) -> Sequence[TableForm]:
        return CsvTable(self._codec), *(ColumnarTable(self._columnar, form) for form in ColumnarForm)

    def leave(self, task: Task, table: Table, path: Path) -> None:
        path.with_suffix(".csv").write_bytes(b"".join(self._codec.write(list(table.columns), [table.columns])))

    def curl_arguments(self, task: Task, row: Table, folder: Path) -> str:
        cells = {column.name: plain(row[column.name][0]) for column in task.schema.features}
        body = json.dumps(cells, ensure_ascii=False).replace("'", "'\\''")
        return f"-H 'Content-Type: application/json' -d '{body}'"


def _without(names: Collection[str], chunks: Iterable[TableRows]) -> Iterator[TableRows]:
    for chunk in chunks:
        yield chunk.without(names) if names else chunk


def _checked(wish: TaskWish) -> TableWish:
    """Raises: InvalidInput."""
    faults = [Fault(name, "is missing") for name, said in (("name", wish.name), ("target", wish.target)) if not said]
    said = wish.problem.strip().lower() if wish.problem else ""
    if said and said not in PROBLEMS:
        faults.append(Fault("problem", f"expected binary, multiclass or regression, got {describe(wish.problem)}"))
    if faults:
        raise InvalidInput(f"{faults[0].where} {faults[0].problem}", faults)
    problem = Problem(said) if said else None
    return TableWish(wish.name or "", wish.target or "", problem, wish.split_by or None, wish.split_by_time or None)


def by_row(predictions: Predictions) -> Iterator[tuple[Label | float, dict[str, float] | None]]:
    """(prediction, probabilities by label) of each row."""
    values = predictions.values.tolist()
    if predictions.probabilities is None:
        return ((value, None) for value in values)
    labels = list(map(str, predictions.labels))
    return ((value, dict(zip(labels, shares, strict=True)))
            for value, shares in zip(values, predictions.probabilities.tolist(), strict=True))


def unknown_to(task: Task, names: Iterable[str]) -> list[str]:
    """Those of the columns that came."""
    known = {column.name for column in task.schema.features} | task.schema.spare_names
    return [name for name in names if name not in known]


def some_answers(request_id: str, exchange: Exchange, ignored: Sequence[str] = ()) -> bytes:
    """The answers to some rows, as JSON, as `/forward_batch` gives them."""
    served = exchange.served
    unseen = Unseen(served.runner.card)
    body = JsonColumns().collect(served, unseen.watched(exchange.parts))
    with closing(body):
        head = FileAnswer.of(
            served.task.name, served.experiment_id, body.count, FileRows(iter(()), unknown=ignored), unseen.shares(),
            request_id=request_id, ignores=True)
        return b"".join(body.pieces(head))


def row_answers(request_ids: Sequence[str], exchange: Exchange) -> list[bytes]:
    """The answer to each row, as JSON."""
    part, = exchange.parts
    task, experiment_id, answers = exchange.served.task.name, exchange.served.experiment_id, part.answers
    explained = _explained(part)
    return [msgspec.json.encode({
        "request_id": request_id, "task": task, "experiment_id": experiment_id, "prediction": prediction,
        "probabilities": probabilities, **explained})
        for request_id, (prediction, probabilities) in zip(request_ids, by_row(answers), strict=True)]


def _explained(part: Part) -> dict[str, object]:
    """Fields to put beside the answer to a part of one row."""
    if part.explanations is None:
        return {}
    return {"explanation": msgspec.to_builtins(ExplanationAnswer.of(part.answers, part.explanations))}
