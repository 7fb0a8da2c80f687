"""A CSV file as rows for the use cases, and their answers as CSV."""
from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import BinaryIO

import numpy as np

from application.ports.csv_codec import CsvCodec, CsvLimits
from application.use_cases.forward_batch import BatchPart
from domain.prediction import Predictions
from domain.rows import TextRows
from domain.task import Label


def text_rows(codec: CsvCodec, file: BinaryIO, limits: CsvLimits) -> Iterator[TextRows]:
    """From the file's start; at least one chunk, which has no rows if the file has none, so that its columns are
    looked at all the same. Raises: InvalidInput, TooLarge."""
    file.seek(0)
    cells = codec.read(file, limits)
    empty = True
    for chunk in cells.chunks:
        empty = False
        yield TextRows(chunk.cells, chunk.first_row)
    if empty:
        yield TextRows({name: [] for name in cells.names})


Answered = tuple[TextRows, Predictions]


def answered(parts: Iterable[BatchPart]) -> Iterator[Answered]:
    return ((part.rows, part.predictions) for part in parts)


def again(chunks: Iterable[TextRows], predictions: Predictions) -> Iterator[Answered]:
    """The rows of a file that was answered as a whole, read once more beside their answers."""
    start = 0
    for rows in chunks:
        yield rows, predictions.take(slice(start, start + rows.n_rows))
        start += rows.n_rows


def answered_csv(codec: CsvCodec, parts: Iterable[Answered], labels: Sequence[Label]) -> Iterator[bytes]:
    """The columns that came, then `prediction`, then `probability_<label>` for each label, row by row as they came."""
    parts = iter(parts)
    first = next(parts)
    answers = ["prediction", *(f"probability_{label}" for label in labels)]
    names = [*(name for name in first[0].names if name not in answers), *answers]
    return codec.write(names, (_columns(part) for part in _chained(first, parts)))


def _chained(first: Answered, rest: Iterator[Answered]) -> Iterator[Answered]:
    yield first
    yield from rest


def _columns(part: Answered) -> Mapping[str, Sequence]:
    rows, predictions = part
    columns: dict[str, Sequence | np.ndarray] = dict(rows.cells) | {"prediction": predictions.values}
    if predictions.probabilities is not None:
        for position, label in enumerate(predictions.labels):
            columns[f"probability_{label}"] = predictions.probabilities[:, position]
    return columns
