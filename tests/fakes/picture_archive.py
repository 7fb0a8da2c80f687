from __future__ import annotations

import base64
import json
import unicodedata
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
        files = [file for file in files_of(stream) if not file.name.endswith(".txt")]
        check_sizes(files, limits)
        by_folder = any("masks" in _folded(file.name).parts for file in files)
        found: dict[str, ArchivedFile] = {}
        masks: dict[str, ArchivedFile] = {}
        for file in files:
            is_mask, key = _key(_folded(file.name), by_folder)
            if key in (masks if is_mask else found):
                raise InvalidInput("two of one name", [Fault(file.name, "has the same name")])
            (masks if is_mask else found)[key] = file
        if not found:
            raise InvalidInput("no pictures")
        of_frames = {key: mask for key, mask in masks.items() if key not in found}
        pairs = {key: _masks_of(key, file, of_frames if is_video(file) else masks)
                 for key, file in found.items()} if labelled else {}
        taken = {mask.name for own in pairs.values() for mask in own.values()}
        odd = [found[key] for key, own in pairs.items() if not own]
        odd += [mask for mask in masks.values() if mask.name not in taken] if labelled else []
        if odd:
            raise InvalidInput("not in pairs", [Fault(file.name, "has no mask or no picture") for file in odd])
        for key in sorted(found):
            own = pairs.get(key, {})
            if broken := [file.name for file in (found[key], *own.values()) if is_spoiled(file)]:
                yield BrokenFile(broken[0], "does not unpack")
                continue
            yield ArchivedVideo(found[key], dict(sorted(own.items()))) if is_video(found[key]) else ArchivedPicture(
                found[key], own.get(0))

    def passed_over(self, stream: BinaryIO, labelled: bool, limits: ArchiveLimits = ArchiveLimits()) -> list[str]:
        for _ in self.read(stream, labelled, limits):
            break
        names = [file.name for file in files_of(stream)]
        by_folder = any("masks" in _folded(name).parts for name in names)
        return sorted(name for name in names if name.endswith(".txt") or (
            not labelled and _key(_folded(name), by_folder)[0]))

    def write(self, files: Iterator[ArchivedFile]) -> Iterator[bytes]:
        for file in files:
            yield json.dumps([file.name, base64.b64encode(file.content).decode()]).encode() + b"\n"


def is_video(file: ArchivedFile) -> bool:
    return file.name.endswith((".mp4", ".avi", ".webm"))


_WORDS = {"image": "images", "JPEGImages": "images", "label": "masks", "SegmentationClass": "masks"}


def _folded(name: str) -> PurePosixPath:
    path = PurePosixPath(unicodedata.normalize("NFC", name))
    return PurePosixPath(*(_WORDS.get(part, part).casefold() for part in path.parts))


def _key(path: PurePosixPath, by_folder: bool) -> tuple[bool, str]:
    """The path without folders that every file has, and without what makes a mask."""
    if by_folder:
        at = next((at for at, part in enumerate(path.parts) if part in ("images", "masks")), -1)
        if at < 0:
            return False, str(path)
        is_mask = path.parts[at] == "masks"
        stem = path.stem.removesuffix("_mask") if is_mask else path.stem
        return is_mask, "/".join([*path.parts[at + 1:-1], stem])
    stem = str(path.with_suffix(""))
    ending = next((ending for ending in ("_mask", "_segmentation", "_gt") if stem.endswith(ending)), "")
    return bool(ending), stem.removesuffix(ending)


def _masks_of(key: str, file: ArchivedFile, masks: dict[str, ArchivedFile]) -> dict[int, ArchivedFile]:
    if not is_video(file):
        return {0: masks[key]} if key in masks else {}
    own: dict[int, ArchivedFile] = {}
    for name, mask in masks.items():
        for start in (f"{key}_", f"{key}/", f"{key}{PurePosixPath(file.name).suffix}/"):
            if name.startswith(start) and (number := name.removeprefix(start)).isdecimal():
                if int(number) in own:
                    raise InvalidInput("twice", [Fault(mask.name, "is for the same frame")])
                own[int(number)] = mask
    return own


def files_of(stream: BinaryIO, texts: tuple[str, ...] = ()) -> list[ArchivedFile]:
    """Without those that do not count. texts: further suffixes that may be there."""
    stream.seek(0)
    try:
        entries = [json.loads(line) for line in stream.read().splitlines()]
        files = [_file(name, text) for name, text in entries]
    except ValueError as failure:
        raise InvalidInput("no archive") from failure
    kept = [file for file in files if not any(part.startswith((".", "__MACOSX")) and part != ".."
                                              for part in PurePosixPath(file.name).parts)]
    if faults := [Fault(file.name, "is no picture that may be here") for file in kept
                  if ".." in file.name or not (file.name.lower().endswith((".png", ".txt", *texts)) or is_video(file))]:
        raise InvalidInput("odd names", faults)
    return kept


class _Spoiled(ArchivedFile):
    """Its content cannot be had."""


def is_spoiled(file: ArchivedFile) -> bool:
    return isinstance(file, _Spoiled)


def _file(name: str, text: str) -> ArchivedFile:
    try:
        return ArchivedFile(name, base64.b64decode(text, validate=True))
    except ValueError:
        return _Spoiled(name, b"")


def check_sizes(files: list[ArchivedFile], limits: ArchiveLimits) -> None:
    sizes = [len(file.content or b"") for file in files]
    if len(files) > limits.max_members or max(sizes, default=0) > limits.max_member_bytes or (
            sum(sizes) > limits.max_total_bytes):
        raise TooLarge("too large")
