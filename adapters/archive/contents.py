"""What a zip file says is in it, and whether it may be unpacked. Each claim may be a lie."""
from __future__ import annotations

import os
import stat
import struct
import zipfile
from collections.abc import Iterator
from pathlib import PurePosixPath
from typing import BinaryIO

from adapters.archive.roles import folded
from application.ports.picture_archive import ArchiveLimits
from domain.errors import Fault, InvalidInput, TooLarge

_END, _END_64, _LOCATOR_64 = b"PK\5\6", b"PK\6\6", b"PK\6\7"
_END_BYTES, _LOCATOR_BYTES, _LONGEST_COMMENT_BYTES = 22, 20, 65_535
# Per file in the list of contents: 46 bytes, a name and a few extras.
_LISTED_BYTES = 512
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_ENCRYPTED = 0x1
_LEFT_BEHIND = {"__macosx", "thumbs.db", "desktop.ini"}
_ARCHIVES = {".zip", ".7z", ".rar", ".tar", ".gz", ".tgz", ".bz2", ".xz"}
MAX_FAULTS = 100


def open_zip(stream: BinaryIO, limits: ArchiveLimits) -> tuple[zipfile.ZipFile, list[zipfile.ZipInfo]]:
    """The files in it that count. Raises: InvalidInput, TooLarge."""
    _check_end_record(stream, limits)
    try:
        archive = zipfile.ZipFile(stream)
    except Exception as failure:  # zipfile raises a dozen kinds on a broken list of contents
        raise InvalidInput(f"the zip file is broken: {str(failure) or type(failure).__name__}") from failure
    members = [member for member in archive.infolist() if not member.is_dir() and not _left_behind(path_of(member))]
    if len(members) > limits.max_members:
        raise TooLarge(f"the zip file holds {len(members)} files; {limits.max_members} are allowed")
    if faults := list(_faults(members)):
        raise InvalidInput(f"{faults[0].where}: {faults[0].problem}", faults[:MAX_FAULTS])
    _check_sizes(members, limits)
    return archive, members


def path_of(member: zipfile.ZipInfo) -> PurePosixPath:
    """Some Windows programs part folders by a backslash."""
    return PurePosixPath(member.filename.replace("\\", "/"))


def _check_end_record(stream: BinaryIO, limits: ArchiveLimits) -> None:
    """How many files there are is read first: zipfile makes an object for each before anybody can look."""
    size = stream.seek(0, os.SEEK_END)
    start = max(size - _END_BYTES - _LONGEST_COMMENT_BYTES - _LOCATOR_BYTES, 0)
    stream.seek(start)
    tail = stream.read()
    at = tail.rfind(_END)
    if at < 0 or len(tail) < at + _END_BYTES:
        raise InvalidInput("this is no zip file, or a part of it is missing at its end")
    count, listed_bytes = struct.unpack_from("<HI", tail, at + 10)
    if tail[max(at - _LOCATOR_BYTES, 0):at].startswith(_LOCATOR_64):
        count, listed_bytes = _end_record_64(stream, struct.unpack_from("<Q", tail, at - _LOCATOR_BYTES + 8)[0])
    # Folders are listed too, and the count may be forged while the list is long.
    if count > 2 * limits.max_members or listed_bytes > limits.max_members * _LISTED_BYTES:
        raise TooLarge(f"the zip file lists {count} files in {listed_bytes} bytes; {limits.max_members} are allowed")


def _end_record_64(stream: BinaryIO, at: int) -> tuple[int, int]:
    try:
        stream.seek(at)
        record = stream.read(56)
        if not record.startswith(_END_64):
            raise ValueError("no such record")
        return struct.unpack_from("<QQ", record, 32)
    except (OSError, ValueError, OverflowError, struct.error) as failure:
        raise InvalidInput("the zip file is broken: its end record is not where it says") from failure


def _left_behind(path: PurePosixPath) -> bool:
    return any(part.lower() in _LEFT_BEHIND or (part.startswith(".") and part != "..") for part in path.parts)


def _faults(members: list[zipfile.ZipInfo]) -> Iterator[Fault]:
    seen: set[str] = set()
    for member in members:
        path, name = path_of(member), str(folded(path_of(member)))
        if problem := _problem(member) or ("is there twice" if name in seen else None):
            yield Fault(shown(str(path)), problem)
        seen.add(name)


def _problem(member: zipfile.ZipInfo) -> str | None:
    path = path_of(member)
    if path.is_absolute() or not path.parts or ".." in path.parts or ":" in path.parts[0]:
        return "leads out of the archive"
    if stat.S_ISLNK(member.external_attr >> 16):
        return "is a link"
    if member.flag_bits & _ENCRYPTED:
        return "is encrypted"
    if member.compress_type not in _METHODS:
        return "is packed by a method other than deflate"
    if path.suffix.lower() in _ARCHIVES:
        return "is an archive in the archive"
    return None


def _check_sizes(members: list[zipfile.ZipInfo], limits: ArchiveLimits) -> None:
    for member in members:
        if member.file_size > limits.max_member_bytes:
            raise TooLarge(f"{shown(member.filename)} has {member.file_size:,} bytes; "
                           f"{limits.max_member_bytes:,} are allowed")
    if (total := sum(member.file_size for member in members)) > limits.max_total_bytes:
        raise TooLarge(f"the zip file unpacks to {total:,} bytes; {limits.max_total_bytes:,} are allowed")


def shown(name: str) -> str:
    """A name that can stand in an answer, whatever it is made of."""
    text = "".join(letter if letter.isprintable() else "?" for letter in name)
    return text if len(text) <= 100 else f"{text[:97]}..."
