"""Forms of the answers to many pictures and videos."""
from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

import msgspec

from application.ports.picture_archive import ArchivedFile, PictureArchive
from application.ports.serving_models import ServedModel
from domain.exchange import Part
from domain.task import Task
from entrypoints.formats.class_answers import ClassAnswer, Classifier, table_row
from entrypoints.formats.drawing import Draughtsman, Drawing, png_name
from entrypoints.formats.forms import AnswerForm, Body, BodyFile, FileForm
from entrypoints.formats.picture_wish import PictureWish

SUMMARY = "summary.csv"
Items = Callable[[Task, Iterable[Part], PictureWish], Iterator[tuple[str, Drawing | ClassAnswer]]]


class JsonItems(AnswerForm):
    """A list with an object for each picture and video."""

    media_type = "application/json"

    def __init__(self, items: Items, wish: PictureWish) -> None:
        self._items, self._wish = items, wish

    def collect(self, served: ServedModel, parts: Iterable[Part]) -> Body:
        count = 0
        with BodyFile() as written:
            for name, answer in self._items(served.task, parts, self._wish):
                item = msgspec.json.encode({"name": name} | answer.as_fields())
                written.file.write((b"," if count else b"") + item)
                count += 1
            return Body(count, lambda head: _around(msgspec.json.encode(head)[:-1] + b',"items":[', written, b"]}"),
                        written.kept())


def _around(before: bytes, file: BodyFile, after: bytes) -> Iterator[bytes]:
    yield before
    yield from file.pieces()
    yield after


class ZippedItems(FileForm):
    """The answers as files, and summary.csv."""

    media_type = "application/zip"

    def __init__(self, draughtsman: Draughtsman, archive: PictureArchive, wish: PictureWish) -> None:
        self._draughtsman, self._archive, self._wish = draughtsman, archive, wish

    def stream(self, served: ServedModel, parts: Iterable[Part]) -> Iterator[bytes]:
        return self._archive.write(self._files(self._draughtsman.drawings(served.task, parts, self._wish)))

    def _files(self, answers: Iterable[tuple[str, Drawing]]) -> Iterator[ArchivedFile]:
        """One for each answer, made while they are taken, and the shares of the classes as the last one."""
        rows = []
        for name, answer in answers:
            self.count += 1
            rows.append({"name": name, "media_type": answer.media_type} | dict(answer.summary) | _counts(answer))
            yield ArchivedFile(answer.file_name(name), answer.content)
        yield ArchivedFile(SUMMARY, csv_of(rows))


def _counts(answer: Drawing) -> dict[str, object]:
    """Of the connected parts of each class but the first; empty where they are not counted."""
    return {f"parts_{label}": "" if answer.parts is None else answer.parts[label].count
            for label in list(answer.summary)[1:]}


def csv_of(rows: Sequence[Mapping[str, object]]) -> bytes:
    """A CSV."""
    text = io.StringIO()
    lines = csv.DictWriter(text, list(rows[0]) if rows else ["name"], lineterminator="\n")
    lines.writeheader()
    lines.writerows(rows)
    return text.getvalue().encode()


class ClassTable(FileForm):
    """A line of CSV for each picture and video: its name, the prediction, and `probability_<label>` for each label."""

    media_type = "text/csv"

    def __init__(self, classifier: Classifier, wish: PictureWish) -> None:
        self._classifier, self._wish = classifier, wish

    def stream(self, served: ServedModel, parts: Iterable[Part]) -> Iterator[bytes]:
        rows = [table_row(*answer) for answer in self._classifier.answers(served.task, parts, self._wish)]
        self.count = len(rows)
        yield csv_of(rows)


class ZippedClasses(FileForm):
    """summary.csv, as ClassTable, behind a picture for each answer that has one."""

    media_type = "application/zip"

    def __init__(self, classifier: Classifier, archive: PictureArchive, wish: PictureWish) -> None:
        self._classifier, self._archive, self._wish = classifier, archive, wish

    def stream(self, served: ServedModel, parts: Iterable[Part]) -> Iterator[bytes]:
        return self._archive.write(self._files(self._classifier.answers(served.task, parts, self._wish)))

    def _files(self, answers: Iterable[tuple[str, ClassAnswer]]) -> Iterator[ArchivedFile]:
        rows = []
        for name, answer in answers:
            self.count += 1
            rows.append(table_row(name, answer))
            if answer.image is not None:
                yield ArchivedFile(png_name(name), answer.image)
        yield ArchivedFile(SUMMARY, csv_of(rows))
