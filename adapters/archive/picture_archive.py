"""Zip files from anybody, read by the standard library with every claim checked."""
from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import BinaryIO

from adapters.archive.contents import MAX_FAULTS, open_zip, path_of, shown
from application.ports.picture_archive import ArchivedFile, ArchivedPicture, ArchiveLimits, PictureArchive
from domain.errors import Fault, InvalidInput, TooLarge

_SUFFIXES = {".png", ".jpg", ".jpeg", ".tif", ".tiff", ".bmp", ".webp"}
_IMAGES, _MASKS, _MASK_ENDING = "images", "masks", "_mask"
_PIECE_BYTES = 1 << 18
_EPOCH = (1980, 1, 1, 0, 0, 0)

Files = Mapping[PurePosixPath, zipfile.ZipInfo]


class ZipPictureArchive(PictureArchive):
    def read(self, stream: BinaryIO, labelled: bool, limits: ArchiveLimits = ArchiveLimits()
             ) -> Iterator[ArchivedPicture]:
        archive, members = open_zip(stream, limits)
        pictures, masks = _parted(members)
        _check_pairs(pictures, masks, labelled)
        unpacker = _Unpacker(archive, limits)
        for key in sorted(pictures):
            yield ArchivedPicture(unpacker.file(pictures[key]), unpacker.file(masks[key]) if labelled else None)

    def write(self, files: Iterator[ArchivedFile]) -> Iterator[bytes]:
        gathered = _Gathered()
        with zipfile.ZipFile(gathered, "w", zipfile.ZIP_STORED) as archive:
            for file in files:
                archive.writestr(zipfile.ZipInfo(file.name, _EPOCH), file.content)
                yield gathered.take()
        yield gathered.take()


def _parted(members: list[zipfile.ZipInfo]) -> tuple[Files, Files]:
    """Pictures and masks by what they have in common: the path without the folders' names, _mask and the suffix.

    Raises: InvalidInput.
    """
    paths = {path_of(member): member for member in members}
    by_folder = any(_MASKS in _folders(path) for path in paths)
    pictures: dict[PurePosixPath, zipfile.ZipInfo] = {}
    masks: dict[PurePosixPath, zipfile.ZipInfo] = {}
    faults = []
    for path, member in paths.items():
        is_mask, key = _by_folder(path) if by_folder else _by_name(path)
        target = masks if is_mask else pictures
        if path.suffix.lower() not in _SUFFIXES:
            faults.append(Fault(shown(str(path)), "is no picture"))
        elif key in target:
            faults.append(Fault(shown(str(path)), f"has the same name as {shown(str(path_of(target[key])))}"))
        else:
            target[key] = member
    _refuse(faults)
    return pictures, masks


def _by_folder(path: PurePosixPath) -> tuple[bool, PurePosixPath]:
    kept = [part for part, low in zip(path.parts[:-1], _folders(path), strict=True) if low not in (_IMAGES, _MASKS)]
    return _MASKS in _folders(path), PurePosixPath(*kept, path.stem)


def _by_name(path: PurePosixPath) -> tuple[bool, PurePosixPath]:
    is_mask = path.stem.lower().endswith(_MASK_ENDING)
    return is_mask, path.with_name(path.stem[:-len(_MASK_ENDING)] or "_") if is_mask else path.with_suffix("")


def _folders(path: PurePosixPath) -> list[str]:
    return [part.lower() for part in path.parts[:-1]]


def _check_pairs(pictures: Files, masks: Files, labelled: bool) -> None:
    if not pictures and not masks:
        raise InvalidInput("the zip file holds no pictures")
    if not labelled and not pictures:
        raise InvalidInput("the zip file holds masks alone")
    if labelled:
        _refuse([Fault(_name(pictures[key]), "has no mask") for key in sorted(pictures.keys() - masks.keys())]
                + [Fault(_name(masks[key]), "is a mask without a picture")
                   for key in sorted(masks.keys() - pictures.keys())])


def _name(member: zipfile.ZipInfo) -> str:
    return shown(str(path_of(member)))


def _refuse(faults: list[Fault]) -> None:
    if faults:
        more = f" (and {len(faults) - 1} more)" if len(faults) > 1 else ""
        raise InvalidInput(f"{faults[0].where}: {faults[0].problem}{more}", faults[:MAX_FAULTS])


@dataclass(slots=True)
class _Unpacker:
    """Counts what comes out, as the sizes that a zip file states are only words."""

    archive: zipfile.ZipFile
    limits: ArchiveLimits
    unpacked_bytes: int = 0

    def file(self, member: zipfile.ZipInfo) -> ArchivedFile:
        pieces, size = [], 0
        try:
            with self.archive.open(member) as packed:
                while piece := packed.read(_PIECE_BYTES):
                    size += len(piece)
                    self._count(_name(member), size, len(piece))
                    pieces.append(piece)
        except TooLarge:
            raise
        except Exception as failure:  # zipfile and zlib raise many kinds
            problem = f"does not unpack: {str(failure) or type(failure).__name__}"
            raise InvalidInput(f"{_name(member)}: {problem}", [Fault(_name(member), problem)]) from failure
        return ArchivedFile(str(path_of(member)), b"".join(pieces))

    def _count(self, name: str, size: int, more: int) -> None:
        self.unpacked_bytes += more
        if size > self.limits.max_member_bytes:
            raise TooLarge(f"{name} unpacks to more than {self.limits.max_member_bytes:,} bytes")
        if self.unpacked_bytes > self.limits.max_total_bytes:
            raise TooLarge(f"the zip file unpacks to more than {self.limits.max_total_bytes:,} bytes")


class _Gathered(io.RawIOBase):
    """A file that cannot be sought, whose bytes are taken away as they come."""

    def __init__(self) -> None:
        self._pieces: list[bytes] = []

    def writable(self) -> bool:
        return True

    def write(self, piece) -> int:
        self._pieces.append(bytes(piece))
        return len(piece)

    def take(self) -> bytes:
        taken = b"".join(self._pieces)
        self._pieces.clear()
        return taken
