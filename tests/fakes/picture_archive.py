from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from pathlib import PurePosixPath
from typing import BinaryIO

from application.ports.picture_archive import (
    Archived,
    ArchivedFile,
    ArchivedPicture,
    ArchivedVideo,
    ArchiveLimits,
    BrokenFile,
    PictureArchive,
)
from domain.errors import Fault, InvalidInput, TooLarge


class JsonPictureArchive(PictureArchive):
    """One JSON line a file."""

    def read(self, stream: BinaryIO, labelled: bool, limits: ArchiveLimits = ArchiveLimits()) -> Iterator[Archived]:
        files = _files(stream)
        _check(files, limits)
        by_folder = any("masks" in PurePosixPath(file.name).parts for file in files)
        found: dict[str, ArchivedFile] = {}
        masks: dict[str, ArchivedFile] = {}
        for file in files:
            is_mask, key = _key(PurePosixPath(file.name), by_folder)
            if key in (masks if is_mask else found):
                raise InvalidInput("two of one name", [Fault(file.name, "has the same name")])
            (masks if is_mask else found)[key] = file
        if not found:
            raise InvalidInput("no pictures")
        of_frames = {key: mask for key, mask in masks.items() if key not in found}
        pairs = {key: _masks_of(key, file, of_frames if _is_video(file) else masks)
                 for key, file in found.items()} if labelled else {}
        taken = {mask.name for own in pairs.values() for mask in own.values()}
        odd = [found[key] for key, own in pairs.items() if not own]
        odd += [mask for mask in masks.values() if mask.name not in taken] if labelled else []
        if odd:
            raise InvalidInput("not in pairs", [Fault(file.name, "has no mask or no picture") for file in odd])
        for key in sorted(found):
            own = pairs.get(key, {})
            if broken := [file.name for file in (found[key], *own.values()) if isinstance(file, _Spoiled)]:
                yield BrokenFile(broken[0], "does not unpack")
                continue
            yield ArchivedVideo(found[key], dict(sorted(own.items()))) if _is_video(found[key]) else ArchivedPicture(
                found[key], own.get(0))

    def write(self, files: Iterator[ArchivedFile]) -> Iterator[bytes]:
        for file in files:
            yield json.dumps([file.name, base64.b64encode(file.content).decode()]).encode() + b"\n"


def _is_video(file: ArchivedFile) -> bool:
    return file.name.endswith((".mp4", ".avi", ".webm"))


def _key(path: PurePosixPath, by_folder: bool) -> tuple[bool, str]:
    """The path without folders that every file has, and without what makes a mask."""
    if by_folder:
        at = next(at for at, part in enumerate(path.parts) if part in ("images", "masks"))
        return path.parts[at] == "masks", "/".join([*path.parts[at + 1:-1], path.stem])
    return path.stem.endswith("_mask"), str(path.with_suffix("")).removesuffix("_mask")


def _masks_of(key: str, file: ArchivedFile, masks: dict[str, ArchivedFile]) -> dict[int, ArchivedFile]:
    if not _is_video(file):
        return {0: masks[key]} if key in masks else {}
    own: dict[int, ArchivedFile] = {}
    for name, mask in masks.items():
        for start in (f"{key}_", f"{key}/", f"{key}{PurePosixPath(file.name).suffix}/"):
            if name.startswith(start) and (number := name.removeprefix(start)).isdecimal():
                if int(number) in own:
                    raise InvalidInput("twice", [Fault(mask.name, "is for the same frame")])
                own[int(number)] = mask
    return own


def _files(stream: BinaryIO) -> list[ArchivedFile]:
    stream.seek(0)
    try:
        entries = [json.loads(line) for line in stream.read().splitlines()]
        files = [_file(name, text) for name, text in entries]
    except ValueError as failure:
        raise InvalidInput("no archive") from failure
    kept = [file for file in files if not any(part.startswith((".", "__MACOSX")) and part != ".."
                                              for part in PurePosixPath(file.name).parts)]
    if faults := [Fault(file.name, "is no picture that may be here") for file in kept
                  if ".." in file.name or not (file.name.endswith(".png") or _is_video(file))]:
        raise InvalidInput("odd names", faults)
    return kept


class _Spoiled(ArchivedFile):
    """Its content cannot be had."""


def _file(name: str, text: str) -> ArchivedFile:
    try:
        return ArchivedFile(name, base64.b64decode(text, validate=True))
    except ValueError:
        return _Spoiled(name, b"")


def _check(files: list[ArchivedFile], limits: ArchiveLimits) -> None:
    sizes = [len(file.content) for file in files]
    if len(files) > limits.max_members or max(sizes, default=0) > limits.max_member_bytes or (
            sum(sizes) > limits.max_total_bytes):
        raise TooLarge("too large")
