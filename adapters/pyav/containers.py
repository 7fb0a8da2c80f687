"""What kind of file it is by its first bytes, and whether its end is there: asked before anything is decoded."""
from __future__ import annotations

import struct
from collections.abc import Callable, Iterator

from application.ports.video_codec import UnreadableVideo, VideoContainer

_WORDS = {VideoContainer.MP4: "MP4", VideoContainer.AVI: "AVI", VideoContainer.WEBM: "WebM"}
# Boxes that an MP4 begins with; older files have no ftyp.
_FIRST_BOXES = (b"ftyp", b"moov", b"mdat", b"free", b"skip", b"wide")
_EBML, _SEGMENT = b"\x1a\x45\xdf\xa3", b"\x18\x53\x80\x67"


def check_whole(content: bytes, container: VideoContainer) -> None:
    """Raises: UnreadableVideo."""
    found = _found(content)
    if found is None:
        raise UnreadableVideo(f"is no {_WORDS[container]} video" if content else "is empty")
    if found is not container:
        raise UnreadableVideo(f"is called .{container} and is {_WORDS[found]}; give it the suffix .{found}")
    for end in _ENDS[container](content):
        if end > len(content):
            raise UnreadableVideo(f"is cut: {len(content):,} of at least {end:,} bytes are there")


def _found(content: bytes) -> VideoContainer | None:
    if content[4:8] in _FIRST_BOXES:
        return VideoContainer.MP4
    if content[:4] == b"RIFF" and content[8:12] == b"AVI ":
        return VideoContainer.AVI
    return VideoContainer.WEBM if content[:4] == _EBML else None


def _mp4_ends(content: bytes) -> Iterator[int]:
    """Where each outermost box ends. A size of 0 is up to the end, of 1 in 64 bits behind."""
    at = 0
    while at < len(content):
        head = content[at:at + 16].ljust(16, b"\0")
        size = struct.unpack_from(">I", head)[0]
        if size == 0 or not head[4:8].rstrip(b"\0").isascii():
            return
        at += max(struct.unpack_from(">Q", head, 8)[0], 16) if size == 1 else max(size, 8)
        yield at


def _avi_ends(content: bytes) -> Iterator[int]:
    """A long AVI is several RIFF in a row. One whose writer was stopped says 0: no end is known."""
    at = 0
    while content[at:at + 4] == b"RIFF":
        size = int.from_bytes(content[at + 4:at + 8], "little")
        if size == 0:
            return
        yield at + 8 + size
        at += 8 + size + size % 2


def _webm_ends(content: bytes) -> Iterator[int]:
    """A header and a segment. What is recorded live says nothing of its size."""
    size, at = _ebml_size(content, 4)
    at += size
    yield at
    if content[at:at + 4] == _SEGMENT:
        size, at = _ebml_size(content, at + 4)
        yield at + size


def _ebml_size(content: bytes, at: int) -> tuple[int, int]:
    """(size, where it begins): the number of leading zero bits tells the number of bytes; all ones are 'unknown'."""
    length = 9 - content[at:at + 1].ljust(1, b"\xff")[0].bit_length()
    digits = int.from_bytes(content[at:at + length].ljust(length, b"\0")) & ((1 << 7 * length) - 1)
    return (0 if digits == (1 << 7 * length) - 1 else digits), at + length


_ENDS: dict[VideoContainer, Callable[[bytes], Iterator[int]]] = {
    VideoContainer.MP4: _mp4_ends, VideoContainer.AVI: _avi_ends, VideoContainer.WEBM: _webm_ends}
