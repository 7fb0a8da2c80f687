from __future__ import annotations

from collections.abc import Iterator
from pathlib import PurePosixPath
from typing import BinaryIO

from application.ports.class_archive import FOLDERS, LABELS, ClassArchive, Classified
from application.ports.picture_archive import (
    ArchivedFile,
    ArchivedPicture,
    ArchivedVideo,
    ArchiveLimits,
    BrokenFile,
)
from domain.errors import Fault, InvalidInput
from tests.fakes.picture_archive import check_sizes, files_of, is_spoiled, is_video

_PARTS = ("train", "test", "valid")


class JsonClassArchive(ClassArchive):
    """One JSON line a file, as JsonPictureArchive writes them."""

    def read(self, stream: BinaryIO, labelled: bool, limits: ArchiveLimits = ArchiveLimits()) -> Iterator[Classified]:
        files = files_of(stream, (".csv",))
        check_sizes(files, limits)
        found = sorted((file for file in files if not _is_text(file)), key=lambda file: file.name)
        if not found:
            raise InvalidInput("no pictures")
        labels = _labels(files, found) if labelled else {}
        for file in found:
            if is_spoiled(file):
                yield BrokenFile(file.name, "does not unpack")
            elif is_video(file):
                yield ArchivedVideo(file, {})
            else:
                yield ArchivedPicture(file, None, None, labels.get(file.name))

    def passed_over(self, stream: BinaryIO, labelled: bool, limits: ArchiveLimits = ArchiveLimits()) -> list[str]:
        next(iter(self.read(stream, labelled, limits)), None)
        return sorted(file.name for file in files_of(stream, (".csv",))
                      if _is_text(file) and not file.name.endswith(LABELS))

    def told_by(self, stream: BinaryIO, limits: ArchiveLimits = ArchiveLimits()) -> str | None:
        files = files_of(stream, (".csv",))
        if any("masks" in PurePosixPath(file.name).parts for file in files):
            return None
        if table := _table(files):
            return table.name
        parents = {PurePosixPath(file.name).parent for file in files if not _is_text(file)}
        return FOLDERS if len(parents) > 1 and not any(parent == PurePosixPath() for parent in parents) else None


def _is_text(file: ArchivedFile) -> bool:
    return file.name.endswith((".txt", ".csv"))


def _table(files: list[ArchivedFile]) -> ArchivedFile | None:
    return next((file for file in files if file.name.endswith(LABELS)), None)


def _labels(files: list[ArchivedFile], found: list[ArchivedFile]) -> dict[str, str]:
    faults = [Fault(file.name, "is a video") for file in found if is_video(file)]
    table = _table(files)
    labels, more = _by_folder(found) if table is None else _by_table(table, found)
    if faults := faults + more:
        raise InvalidInput("without a class", faults)
    return labels


def _by_folder(found: list[ArchivedFile]) -> tuple[dict[str, str], list[Fault]]:
    parts = {file.name: PurePosixPath(file.name).parts[:-1] for file in found}
    above = {name: tuple(part for part in folders[:-1] if part not in _PARTS) for name, folders in parts.items()}
    usual = max(above.values(), key=list(above.values()).count)
    faults = [Fault(name, "has no class") for name in parts if not parts[name] or above[name] != usual]
    return {name: folders[-1] for name, folders in parts.items() if folders}, faults


def _by_table(table: ArchivedFile, found: list[ArchivedFile]) -> tuple[dict[str, str], list[Fault]]:
    labels: dict[str, str] = {}
    faults = []
    for line in table.content.decode().splitlines()[1:]:
        name, label = line.split(",")
        meant = [file.name for file in found if f"/{file.name}".endswith((f"/{name}", f"/{name}.png"))]
        if len(meant) != 1 or labels.setdefault(meant[0], label) != label:
            faults.append(Fault(name, "is not one picture of one class"))
    return labels, faults + [Fault(file.name, "has no line") for file in found if file.name not in labels]
