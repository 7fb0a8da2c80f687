"""Frames that somebody has drawn a mask for are pictures like others, and outlines are masks."""
from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import BinaryIO

from application.pictures.frame_rows import frame_name, named, opened
from application.ports.outline_filler import OutlineFiller
from application.ports.picture_archive import (
    Archived,
    ArchivedFile,
    ArchivedOutlines,
    ArchivedPicture,
    ArchivedVideo,
    ArchiveLimits,
    BrokenFile,
    PictureArchive,
)
from application.ports.picture_codec import PictureCodec, PictureLimits
from application.ports.video_codec import VideoCodec, VideoFrame, VideoLimits
from domain.arrays import Array
from domain.errors import Fault, InvalidInput, TooLarge


class LabelledFrames(PictureArchive):
    """Another archive. Where masks are asked for, in place of a video come its frames that have one, as pictures
    without loss; the other frames are passed over.

    videos: gives the codec once the first video comes, as nobody else needs its library.
    """

    def __init__(self, archive: PictureArchive, pictures: PictureCodec, videos: Callable[[], VideoCodec],
                 limits: VideoLimits) -> None:
        self._archive, self._pictures, self._videos, self._limits = archive, pictures, videos, limits

    def read(self, stream: BinaryIO, labelled: bool, limits: ArchiveLimits = ArchiveLimits()) -> Iterator[Archived]:
        for found in self._archive.read(stream, labelled, limits):
            if labelled and isinstance(found, ArchivedVideo):
                yield from self._frames(found)
            else:
                yield found

    def passed_over(self, stream: BinaryIO, labelled: bool, limits: ArchiveLimits = ArchiveLimits()) -> list[str]:
        return self._archive.passed_over(stream, labelled, limits)

    def write(self, files: Iterator[ArchivedFile]) -> Iterator[bytes]:
        return self._archive.write(files)

    def _frames(self, found: ArchivedVideo) -> Iterator[ArchivedPicture | BrokenFile]:
        try:
            yield from self._labelled(found)
        except InvalidInput as failure:
            yield from (BrokenFile(fault.where, fault.problem) for fault in failure.faults)

    def _labelled(self, found: ArchivedVideo) -> Iterator[ArchivedPicture]:
        left, number = dict(found.masks), -1
        with named(found.video):
            for number, frame in enumerate(opened(found.video, self._videos(), self._limits).frames):
                if number in left:
                    content = self._pictures.write(_picture(frame))
                    yield ArchivedPicture(ArchivedFile(frame_name(found.video.name, number), content), left.pop(number))
                if not left:
                    return
        problem = f"is for a frame that {found.video.name} has not; its {number + 1} frames are 0 to {number}"
        faults = [Fault(mask.name, problem) for mask in left.values()]
        raise InvalidInput(f"{faults[0].where}: {problem}", faults)


class DrawnOutlines(PictureArchive):
    """Another archive; where a mask is told by outlines, it is drawn."""

    def __init__(self, archive: PictureArchive, filler: OutlineFiller, pictures: PictureCodec,
                 limits: PictureLimits) -> None:
        self._archive, self._filler, self._pictures, self._limits = archive, filler, pictures, limits

    def read(self, stream: BinaryIO, labelled: bool, limits: ArchiveLimits = ArchiveLimits()) -> Iterator[Archived]:
        for found in self._archive.read(stream, labelled, limits):
            yield self._drawn(found) if isinstance(found, ArchivedOutlines) else found

    def passed_over(self, stream: BinaryIO, labelled: bool, limits: ArchiveLimits = ArchiveLimits()) -> list[str]:
        return self._archive.passed_over(stream, labelled, limits)

    def write(self, files: Iterator[ArchivedFile]) -> Iterator[bytes]:
        return self._archive.write(files)

    def _drawn(self, found: ArchivedOutlines) -> ArchivedPicture:
        """Raises: TooLarge."""
        name, outlines = found.picture.name, found.outlines
        try:
            content = self._pictures.write(self._filler.fill(outlines, self._limits))
        except TooLarge as failure:
            raise TooLarge(f"{name}, as {outlines.file} outlines it, {failure.detail}") from failure
        return ArchivedPicture(found.picture, ArchivedFile(f"{outlines.file} ({name})", content), outlines.legend)


def _picture(frame: VideoFrame) -> Array:
    return frame.pixels[:, :, 0] if frame.pixels.shape[2] == 1 else frame.pixels
