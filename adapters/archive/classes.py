"""Which class each picture of an archive is of: by its folder, or by a table of labels."""
from __future__ import annotations

import csv
import io
import unicodedata
import zipfile
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import PurePosixPath

from adapters.archive.contents import path_of, shown
from adapters.archive.pairing import name_of
from adapters.archive.roles import folded
from application.ports.class_archive import LABELS
from domain.errors import Fault

MAX_TABLE_BYTES = 64 << 20
# Whoever parted the pictures before: Progon parts them by a rule of its own.
_PARTS = {"train", "training", "valid", "val", "validation", "dev", "test", "testing", "eval"}
_SEPARATORS = ",;\t"

Pictures = Mapping[PurePosixPath, zipfile.ZipInfo]
Labels = dict[PurePosixPath, str]


def by_folder(pictures: Pictures) -> tuple[Labels, list[Fault]]:
    """pictures: by folded path; so are the labels."""
    lonely = [member for path, member in pictures.items() if len(path.parts) < 2]
    faults = [Fault(name_of(member), "lies in no folder; the class of a picture is the name of its folder, or stands "
                                     f"beside its name in {LABELS}") for member in lonely]
    inside = {path: member for path, member in pictures.items() if len(path.parts) >= 2}
    faults += _apart(inside)
    return {path: _text(path_of(member).parts[-2]) for path, member in inside.items()}, faults


def _apart(pictures: Pictures) -> list[Fault]:
    """Classes at different depths: which of the folders is the class would be a guess."""
    above = {path: tuple(part for part in path.parts[:-2] if part not in _PARTS) for path in pictures}
    if len(set(above.values())) < 2:
        return []
    (usual, _), = Counter(above.values()).most_common(1)
    where = shown("/".join(usual)) or "the top of the zip file"
    return [Fault(name_of(pictures[path]), f"lies elsewhere than most: the folders of the classes stand side by side, "
                  f"here in {where}") for path, parts in above.items() if parts != usual]


def rows_of(content: bytes) -> list[tuple[str, str]] | None:
    """Name and label of each line of a table; None for a text without these columns."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return None
    head = text.partition("\n")[0]
    separator = max(_SEPARATORS, key=head.count)
    try:
        rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=separator))
    except csv.Error:
        return None
    names = [name.strip().casefold() for name in rows[0]] if rows else []
    if "name" not in names or "label" not in names:
        return None
    at = names.index("name"), names.index("label")
    return [(_cell(row, at[0]), _cell(row, at[1])) for row in rows[1:] if any(map(str.strip, row))]


def by_table(pictures: Pictures, table: str, rows: Sequence[tuple[str, str]]) -> tuple[Labels, list[Fault]]:
    """table: its name."""
    ends, labels, faults = _by_end(pictures), Labels(), list[Fault]()
    for name, label in rows:
        found = ends.get(folded(PurePosixPath(name.replace("\\", "/"))), ())
        if len(found) != 1:
            faults.append(Fault(shown(name), f"is in {table} and " + (
                "the name of several pictures; write the folder too" if found else "not in the zip file")))
        elif labels.setdefault(found[0], label) != label:
            both = f"{shown(labels[found[0]])} and {shown(label)}"
            faults.append(Fault(shown(name), f"has two labels in {table}, {both}"))
    return labels, [*faults, *_unlabelled(pictures, labels, table)]


def _unlabelled(pictures: Pictures, labels: Labels, table: str) -> Iterator[Fault]:
    for path, member in pictures.items():
        if path not in labels:
            yield Fault(name_of(member), f"has no line in {table}")


def _by_end(pictures: Pictures) -> Mapping[PurePosixPath, Sequence[PurePosixPath]]:
    """By any end of their path, with its suffix and without."""
    ends: dict[PurePosixPath, list[PurePosixPath]] = {}
    for path in pictures:
        for whole in (path, path.with_suffix("")):
            for start in range(len(path.parts)):
                ends.setdefault(PurePosixPath(*whole.parts[start:]), []).append(path)
    return ends


def _cell(row: Sequence[str], at: int) -> str:
    return _text(row[at].strip()) if at < len(row) else ""


def _text(name: str) -> str:
    """One way to write an accent."""
    return unicodedata.normalize("NFC", name)
