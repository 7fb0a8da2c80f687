"""Tables: files of any format in, and out as CSV with the answers beside them or as columns of JSON."""
from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from itertools import chain
from pathlib import Path
from typing import BinaryIO

import msgspec

from application.ports.csv_codec import CsvCodec
from application.ports.serving_models import ServedModel
from application.use_cases.answer_rows import Answering
from application.use_cases.infer_task import InferTask
from domain.arrays import Array
from domain.cells import describe
from domain.errors import Fault, InvalidInput
from domain.exchange import Part
from domain.kinds.kind import Kind, Problem
from domain.labels import Label
from domain.prediction import CompactPredictions, Predictions
from domain.rows import JsonRow, Rows, TextRows, ValueRows
from domain.schema_inference import InferredTask, TableWish
from domain.table import Table
from domain.task import Task
from entrypoints.formats.cells import plain
from entrypoints.formats.formats import FileRows, Formats, TaskWish
from entrypoints.formats.forms import AnswerForm, Body, FileForm, Head
from entrypoints.formats.json_rows import decode_row
from entrypoints.formats.picture_wish import PictureWish
from entrypoints.formats.table_format import ReadTable, TableRows
from entrypoints.formats.table_reader import TableReader
from entrypoints.formats.table_shape import without_units

PROBLEMS = (Problem.BINARY, Problem.MULTICLASS, Problem.REGRESSION)
_JSON_ROWS = 16_384


class Tables(Formats):
    kind, media_type, noun = Kind.TABULAR, "text/csv", "rows"
    needs = ("name", "target")
    further_types = (
        "text/tab-separated-values", "application/csv", "application/x-ndjson", "application/ndjson",
        "application/jsonl", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "application/gzip",
        "application/x-gzip", "application/zstd", "application/octet-stream")

    def __init__(self, reader: TableReader, codec: CsvCodec, infer_task: InferTask) -> None:
        """codec: what answers are written with."""
        self._reader, self._codec, self._infer_task = reader, codec, infer_task

    def rows(self, task: Task, file: BinaryIO, labelled: bool, charset: str | None = None) -> FileRows:
        table = self._reader.read(file, charset)
        passed_over = [name for name in answer_names(task.labels) if name in table.names and name not in task.schema]
        return FileRows(_without(passed_over, _some(table)), table.facts, passed_over)

    def forms(self, headers: Mapping[str, str], labelled: bool) -> Sequence[AnswerForm]:
        return JsonColumns(), CsvTable(self._codec)

    def file_form(self, wish: PictureWish) -> FileForm:
        return CsvTable(self._codec)

    def picture(self, task: Task, name: str, content: bytes) -> Rows:
        raise InvalidInput(f"the task {task.name} takes rows of a table as JSON, not pictures")

    def single(self, task: Task, part: Part, wishes: Sequence[PictureWish]) -> dict[str, object]:
        prediction, probabilities = one_answer(part.answers)
        return {"prediction": prediction, "probabilities": probabilities}

    def forward_file(self, answering: Answering, task: Task, name: str, content: bytes, wish: PictureWish,
                     output: Path | None) -> dict[str, object]:
        exchange = answering.execute(task.name, JsonRow(decode_row(content)))
        part, = exchange.parts
        return {"experiment_id": exchange.served.experiment_id} | self.single(task, part, ())

    def infer(self, wish: TaskWish, file: BinaryIO, charset: str | None = None
              ) -> tuple[Task, InferredTask | None]:
        checked, table = _checked(wish), self._reader.read(file, charset)
        texts = (rows.texts if isinstance(rows, ValueRows) else rows for rows in _some(table))
        inferred = self._infer_task.execute(checked, without_units(texts))
        return inferred.task, inferred

    def leave(self, task: Task, table: Table, path: Path) -> None:
        path.with_suffix(".csv").write_bytes(b"".join(self._codec.write(list(table.columns), [table.columns])))

    def curl_arguments(self, task: Task, row: Table, folder: Path) -> str:
        cells = {column.name: plain(row[column.name][0]) for column in task.schema.features}
        body = json.dumps(cells, ensure_ascii=False).replace("'", "'\\''")
        return f"-H 'Content-Type: application/json' -d '{body}'"


def answer_names(labels: Sequence[Label]) -> list[str]:
    """What the columns of an answer are called."""
    return ["prediction", *(f"probability_{label}" for label in labels)]


def _some(table: ReadTable) -> Iterator[TableRows]:
    """At least one chunk, which has no rows if the file has none, so that its columns are looked at all the same."""
    empty = True
    for chunk in table.chunks:
        empty = False
        yield chunk
    if empty:
        yield TextRows({name: [] for name in table.names})


def _without(names: Collection[str], chunks: Iterable[TableRows]) -> Iterator[TableRows]:
    for chunk in chunks:
        yield chunk.without(names) if names else chunk


def _checked(wish: TaskWish) -> TableWish:
    """Raises: InvalidInput."""
    faults = [Fault(name, "is missing") for name, said in (("name", wish.name), ("target", wish.target)) if not said]
    if wish.problem and wish.problem not in PROBLEMS:
        faults.append(Fault("problem", f"expected binary, multiclass or regression, got {describe(wish.problem)}"))
    if faults:
        raise InvalidInput(f"{faults[0].where} {faults[0].problem}", faults)
    problem = Problem(wish.problem) if wish.problem else None
    return TableWish(wish.name or "", wish.target or "", problem, wish.split_by or None)


class CsvTable(FileForm):
    """The columns that came, then `prediction`, then `probability_<label>` for each label, row by row as they came."""

    media_type = "text/csv"

    def __init__(self, codec: CsvCodec) -> None:
        self._codec = codec

    def stream(self, served: ServedModel, parts: Iterable[Part]) -> Iterator[bytes]:
        parts = iter(parts)
        if (first := next(parts, None)) is None:
            return iter(())
        answers = answer_names(served.runner.card.labels)
        names = [*(name for name in first.rows.names if name not in answers), *answers]
        return self._codec.write(names, map(_columns, self._counted(chain((first,), parts))))

    def _counted(self, parts: Iterable[Part]) -> Iterator[Part]:
        for part in parts:
            self.count += part.answers.n_rows
            yield part


def _columns(part: Part) -> Mapping[str, Sequence[object] | Array]:
    rows = part.rows.texts if isinstance(part.rows, ValueRows) else part.rows
    assert isinstance(rows, TextRows)
    columns: dict[str, Sequence[object] | Array] = {**rows.cells, "prediction": part.answers.values}
    if part.answers.probabilities is not None:
        for position, label in enumerate(part.answers.labels):
            columns[f"probability_{label}"] = part.answers.probabilities[:, position]
    return columns


class JsonColumns(AnswerForm):
    """A list of all predictions, and one of the probabilities of each label."""

    media_type = "application/json"

    def collect(self, served: ServedModel, parts: Iterable[Part]) -> Body:
        gathered = CompactPredictions(served.runner.card.labels)
        for part in parts:
            gathered.add(part.answers)
        whole = gathered.whole()
        return Body(whole.n_rows, lambda head: _json_pieces(head, whole))


def _json_pieces(head: Head, predictions: Predictions) -> Iterator[bytes]:
    """The answer piece by piece: as one text it would take several times the memory of the numbers."""
    yield msgspec.json.encode(head)[:-1] + b',"predictions":'
    yield from _array_pieces(predictions.values)
    if predictions.probabilities is None:
        yield b',"probabilities":null}'
        return
    for position, label in enumerate(predictions.labels):
        yield (b"," if position else b',"probabilities":{') + msgspec.json.encode(str(label)) + b":"
        yield from _array_pieces(predictions.probabilities[:, position])
    yield b"}}"


def _array_pieces(values: Array) -> Iterator[bytes]:
    yield b"["
    for start in range(0, len(values), _JSON_ROWS):
        yield (b"," if start else b"") + msgspec.json.encode(values[start:start + _JSON_ROWS].tolist())[1:-1]
    yield b"]"


def one_answer(predictions: Predictions) -> tuple[Label | float, dict[str, float] | None]:
    """(prediction, probabilities by label) of the first row."""
    value = predictions.values[0]
    prediction: Label | float = value if isinstance(value, str) else value.item()
    if predictions.probabilities is None:
        return prediction, None
    return prediction, dict(zip(map(str, predictions.labels), predictions.probabilities[0].tolist(), strict=True))
