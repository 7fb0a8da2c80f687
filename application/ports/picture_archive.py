"""Many pictures and videos in one file, with or without their masks."""
from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import BinaryIO, Protocol

from domain.legend import Legend
from domain.outlines import Outlines


@dataclass(frozen=True, slots=True)
class ArchiveLimits:
    """Of what comes out of an archive, counted while it is unpacked."""

    max_members: int = 5_000
    max_member_bytes: int = 256 << 20
    max_total_bytes: int = 4 << 30


@dataclass(frozen=True, slots=True, weakref_slot=True)
class ArchivedFile:
    """name: the whole path in the archive, with / between parts."""

    name: str
    content: bytes


@dataclass(frozen=True, slots=True)
class ArchivedPicture:
    """mask: None where no masks were asked for. legend: what its pixels mean, where a file of the archive says it.
    label: the class that the picture is of, where classes were asked for; empty where nobody has said it."""

    picture: ArchivedFile
    mask: ArchivedFile | None
    legend: Legend | None = None
    label: str | None = None


@dataclass(frozen=True, slots=True)
class ArchivedOutlines:
    """A picture whose mask is told by outlines."""

    picture: ArchivedFile
    outlines: Outlines


@dataclass(frozen=True, slots=True)
class ArchivedVideo:
    """masks: by the number of the frame, from 0, that each is of, rising; empty where no masks were asked for."""

    video: ArchivedFile
    masks: Mapping[int, ArchivedFile]


@dataclass(frozen=True, slots=True)
class BrokenFile:
    """What is in an archive and cannot be had: it comes in place of the picture or video, so that the faults of all
    files can be told together."""

    name: str
    problem: str


Archived = ArchivedPicture | ArchivedOutlines | ArchivedVideo | BrokenFile


class PictureArchive(Protocol):
    """Thread-safe: yes; one stream or iterator belongs to one caller."""

    @abstractmethod
    def read(self, stream: BinaryIO, labelled: bool, limits: ArchiveLimits = ArchiveLimits()) -> Iterator[Archived]:
        """The pictures and videos by their names in order. Nothing is written anywhere.

        A mask has its picture's name, in any case and form of Unicode: in a folder masks/ beside images/, or in the
        same folder with _mask before the suffix; there may be both, and other words that mean the same (image and
        label, JPEGImages and SegmentationClass, _segmentation, _gt). That of a frame of a video is called clip_000012,
        clip/000012 or clip.mp4/000012. Folders above, hidden files and what macOS and Windows leave behind do not
        count. If `labelled`, every picture has a mask, every video one or more, and every mask a picture or video; else
        masks are left out. A video with masks may also come as pictures: those of its frames that have one.
        A table of colours beside the masks (labelmap.txt of CVAT, label_colors.txt, class_dict.csv) is their legend.
        Of a picture without a mask, outlines in a JSON file of labelme or COCO stand for it; such a picture may also
        come with its mask drawn.
        Texts, thumbnails and masks of instances are passed over; any other file is a fault.
        A file that does not unpack comes as a BrokenFile.
        Raises: InvalidInput, TooLarge; before the first picture for all that the list of contents tells, with one fault
        for each file; TooLarge for more bytes than were told, while the pictures are taken.
        """

    @abstractmethod
    def passed_over(self, stream: BinaryIO, labelled: bool, limits: ArchiveLimits = ArchiveLimits()) -> list[str]:
        """The names, in order, of the files that `read` with the same arguments leaves out, but for those that do not
        count. Raises: as `read` before its first picture."""

    @abstractmethod
    def write(self, files: Iterator[ArchivedFile]) -> Iterator[bytes]:
        """An archive of these files, piece by piece while they are taken; the same bytes for the same files."""
