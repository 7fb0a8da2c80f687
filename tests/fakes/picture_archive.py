from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from pathlib import PurePosixPath
from typing import BinaryIO

from application.ports.picture_archive import ArchivedFile, ArchivedPicture, ArchiveLimits, PictureArchive
from domain.errors import Fault, InvalidInput, TooLarge


class JsonPictureArchive(PictureArchive):
    """One JSON line a file."""

    def read(self, stream: BinaryIO, labelled: bool, limits: ArchiveLimits = ArchiveLimits()
             ) -> Iterator[ArchivedPicture]:
        files = _files(stream)
        _check(files, limits)
        pictures, masks = {}, {}
        by_folder = any("masks" in PurePosixPath(file.name).parts for file in files)
        for file in files:
            path = PurePosixPath(file.name)
            stem = path.stem if by_folder else path.stem.removesuffix("_mask")
            is_mask = path.parent.name == "masks" if by_folder else stem != path.stem
            (masks if is_mask else pictures)[stem] = file
        if not pictures:
            raise InvalidInput("no pictures")
        odd = [*(pictures[key] for key in pictures.keys() - masks.keys()),
               *(masks[key] for key in masks.keys() - pictures.keys())]
        if labelled and odd:
            raise InvalidInput("not in pairs", [Fault(file.name, "has no mask or no picture") for file in odd])
        for key in sorted(pictures):
            yield ArchivedPicture(pictures[key], masks[key] if labelled else None)

    def write(self, files: Iterator[ArchivedFile]) -> Iterator[bytes]:
        for file in files:
            yield json.dumps([file.name, base64.b64encode(file.content).decode()]).encode() + b"\n"


def _files(stream: BinaryIO) -> list[ArchivedFile]:
    stream.seek(0)
    try:
        entries = [json.loads(line) for line in stream.read().splitlines()]
        files = [ArchivedFile(name, base64.b64decode(content)) for name, content in entries]
    except ValueError as failure:
        raise InvalidInput("no archive") from failure
    kept = [file for file in files if not any(part.startswith((".", "__MACOSX")) and part != ".."
                                              for part in PurePosixPath(file.name).parts)]
    if faults := [Fault(file.name, "is no picture that may be here") for file in kept
                  if ".." in file.name or not file.name.endswith(".png")]:
        raise InvalidInput("odd names", faults)
    return kept


def _check(files: list[ArchivedFile], limits: ArchiveLimits) -> None:
    sizes = [len(file.content) for file in files]
    if len(files) > limits.max_members or max(sizes, default=0) > limits.max_member_bytes or (
            sum(sizes) > limits.max_total_bytes):
        raise TooLarge("too large")
