"""Answers to the rows of a table: as a table with the answers beside them, or as columns of JSON."""
from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain
from types import MappingProxyType
from typing import IO

import msgspec

from application.ports.columnar_codec import ColumnarCodec, ColumnarForm
from application.ports.csv_codec import Cells, CsvCodec
from application.ports.serving_models import ServedModel
from domain.exchange import Part
from domain.explaining import explanation_names
from domain.labels import Label
from domain.rows import ColumnRows, TextRows
from domain.table import Table
from domain.task import Task
from entrypoints.formats.forms import AnswerForm, Body, BodyFile, FileForm, Head

MEDIA_TYPES: Mapping[ColumnarForm, str] = MappingProxyType({
    ColumnarForm.PARQUET: "application/vnd.apache.parquet", ColumnarForm.ARROW: "application/vnd.apache.arrow.stream"})


def answer_names(labels: Sequence[Label]) -> list[str]:
    """What the columns of an answer are called."""
    return ["prediction", *(f"probability_{label}" for label in labels)]


def told_names(task: Task) -> list[str]:
    """What columns beside rows of the task are called that were answered and, it may be, explained."""
    return [*answer_names(task.labels), *explanation_names(column.name for column in task.schema.features)]


class TableForm(FileForm):
    """The columns that came, then `prediction`, then `probability_<label>` for each label, row by row as they came;
    then, of answers that are explained, `explanation_base` and `contribution_<column>` for each feature.

    name: in words, and the suffix of a file.
    """

    name: str

    def stream(self, served: ServedModel, parts: Iterable[Part]) -> Iterator[bytes]:
        parts = iter(parts)
        if (first := next(parts, None)) is None:
            return iter(())
        answers = answer_names(served.runner.card.labels)
        if first.explanations is not None:
            answers += explanation_names(first.explanations.contributions)
        names = [*(name for name in first.rows.names if name not in answers), *answers]
        return self.write(names, map(self._columns, self._counted(chain((first,), parts))))

    @abstractmethod
    def write(self, names: Sequence[str], chunks: Iterable[Mapping[str, Cells]]) -> Iterator[bytes]:
        """chunks: of these columns, and perhaps of more."""

    @abstractmethod
    def cells(self, rows: ColumnRows[Sequence[object]], table: Table) -> Mapping[str, Cells]:
        """The columns that came. table: what was made of those that the model takes."""

    def plain(self, table: Table) -> Mapping[str, Cells]:
        """Coerced columns; a missing text is empty."""
        return table.columns

    def _columns(self, part: Part) -> Mapping[str, Cells]:
        assert isinstance(part.rows, ColumnRows)
        columns: dict[str, Cells] = {**self.cells(part.rows, part.table), "prediction": part.answers.values}
        if part.answers.probabilities is not None:
            for position, label in enumerate(part.answers.labels):
                columns[f"probability_{label}"] = part.answers.probabilities[:, position]
        if (said := part.explanations) is not None:
            columns |= zip(explanation_names(said.contributions), (said.base, *said.contributions.values()),
                           strict=True)
        return columns

    def _counted(self, parts: Iterable[Part]) -> Iterator[Part]:
        for part in parts:
            self.count += part.answers.n_rows
            yield part


class CsvTable(TableForm):
    name, media_type = "csv", "text/csv"

    def __init__(self, codec: CsvCodec) -> None:
        self._codec = codec

    def write(self, names: Sequence[str], chunks: Iterable[Mapping[str, Cells]]) -> Iterator[bytes]:
        return self._codec.write(names, chunks)

    def cells(self, rows: ColumnRows[Sequence[object]], table: Table) -> Mapping[str, Cells]:
        return rows.texts.cells


class ColumnarTable(TableForm):
    """What came typed goes as it came; of texts, the columns that the model takes go as what they were read as."""

    def __init__(self, codec: ColumnarCodec, form: ColumnarForm) -> None:
        self._codec, self._form, self.name, self.media_type = codec, form, str(form), MEDIA_TYPES[form]

    def write(self, names: Sequence[str], chunks: Iterable[Mapping[str, Cells]]) -> Iterator[bytes]:
        return self._codec.write(self._form, names, chunks)

    def cells(self, rows: ColumnRows[Sequence[object]], table: Table) -> Mapping[str, Cells]:
        return {**rows.cells, **self.plain(table)} if isinstance(rows, TextRows) else rows.cells

    def plain(self, table: Table) -> Mapping[str, Cells]:
        """A missing text is null, as a missing number is NaN."""
        return {name: [cell or None for cell in cells] if cells.dtype == object else cells
                for name, cells in table.columns.items()}


class JsonColumns(AnswerForm):
    """A list of all predictions, and one of the probabilities of each label; of answers that are explained, one of the
    contributions of each feature."""

    media_type = "application/json"

    def collect(self, served: ServedModel, parts: Iterable[Part]) -> Body:
        with BodyFile() as written:
            columns = _JsonLists(written.file, served.runner.card.labels)
            for part in parts:
                columns.add(part)
            return Body(columns.count, lambda head: chain([_beginning(head)], columns.pieces()), written.kept())


def _beginning(head: Head) -> bytes:
    return msgspec.json.encode(head)[:-1] + b',"predictions":'


class _JsonLists:
    """Lists that grow row by row, and stand in the answer one after the other: each part's piece of each is written
    down when it comes, and where it lies is kept."""

    def __init__(self, file: IO[bytes], labels: Sequence[Label]) -> None:
        self.count = 0
        self._file, self._labels = file, labels
        self._values = {label: msgspec.json.encode(label) for label in labels}
        # Whose contributions are told; None where no explanations were asked for.
        self._features: list[str] | None = None
        # (start, size) of the pieces of the predictions, of each label's probabilities, of the bases of explanations,
        # and of each feature's contributions.
        self._places: list[list[tuple[int, int]]] = [[] for _ in (None, *labels)]

    def add(self, part: Part) -> None:
        answers, said = part.answers, part.explanations
        if said is not None and self._features is None:
            self._features = list(said.contributions)
            self._places += [[] for _ in (None, *self._features)]
        if not answers.n_rows:
            return
        self.count += answers.n_rows
        values = answers.values.tolist()
        self._write(0, b",".join(map(self._values.__getitem__, values)) if self._labels else _numbers(values))
        columns = [] if answers.probabilities is None else answers.probabilities.T.tolist()
        if said is not None:
            columns += [said.base.tolist(), *(added.tolist() for added in said.contributions.values())]
        for place, numbers in enumerate(columns, 1):
            self._write(place, _numbers(numbers))

    def _write(self, place: int, piece: bytes) -> None:
        self._places[place].append((self._file.tell(), len(piece)))
        self._file.write(piece)

    def pieces(self) -> Iterator[bytes]:
        """What stands behind the name of the first list."""
        predictions, *others = self._places
        shares, explained = others[:len(self._labels)], others[len(self._labels):]
        yield from self._list(predictions)
        yield b',"probabilities":'
        yield from self._object(map(str, self._labels), shares) if self._labels else (b"null",)
        if self._features is not None:
            base, *contributions = explained
            yield b',"explanation":{'
            if self._labels:
                yield b'"label":'
                yield from self._list(predictions)
                yield b","
            yield b'"base":'
            yield from self._list(base)
            yield b',"contributions":'
            yield from self._object(self._features, contributions)
            yield b"}"
        yield b"}"

    def _object(self, names: Iterable[str], lists: Sequence[Sequence[tuple[int, int]]]) -> Iterator[bytes]:
        """names, lists: one at least."""
        for position, (name, places) in enumerate(zip(names, lists, strict=True)):
            yield (b"," if position else b"{") + msgspec.json.encode(name) + b":"
            yield from self._list(places)
        yield b"}"

    def _list(self, places: Sequence[tuple[int, int]]) -> Iterator[bytes]:
        yield b"["
        for position, (start, size) in enumerate(places):
            self._file.seek(start)
            yield (b"," if position else b"") + self._file.read(size)
        yield b"]"


def _numbers(numbers: Sequence[float]) -> bytes:
    return msgspec.json.encode(numbers)[1:-1]
