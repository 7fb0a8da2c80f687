"""Answers to pictures and videos as the files of an archive, and a table of what is in them."""
from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator

from application.ports.picture_archive import ArchivedFile
from entrypoints.picture_answers import DrawnVideo
from entrypoints.picture_files import DrawnAnswer

SUMMARY = "summary.csv"


def answer_files(answers: Iterable[tuple[str, DrawnAnswer | DrawnVideo]]) -> Iterator[ArchivedFile]:
    """One for each answer, made while they are taken, and the shares of the classes as the last one."""
    rows = []
    for name, answer in answers:
        rows.append({"name": name, "media_type": answer.media_type} | dict(answer.summary))
        yield ArchivedFile(answer.file_name(name), answer.content)
    yield ArchivedFile(SUMMARY, _table(rows))


def _table(rows: list[dict[str, object]]) -> bytes:
    text = io.StringIO()
    table = csv.DictWriter(text, list(rows[0]) if rows else ["name"], lineterminator="\n")
    table.writeheader()
    table.writerows(rows)
    return text.getvalue().encode()
