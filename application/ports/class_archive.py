"""Many pictures in one file, each with the class that it is of."""
from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator
from typing import BinaryIO, Protocol

from application.ports.picture_archive import ArchivedPicture, ArchivedVideo, ArchiveLimits, BrokenFile

Classified = ArchivedPicture | ArchivedVideo | BrokenFile
# What may tell the classes.
FOLDERS, LABELS = "folders", "labels.csv"


class ClassArchive(Protocol):
    """Thread-safe: yes; one stream or iterator belongs to one caller."""

    @abstractmethod
    def read(self, stream: BinaryIO, labelled: bool, limits: ArchiveLimits = ArchiveLimits()) -> Iterator[Classified]:
        """The pictures, and if not `labelled` the videos too, by their names in order. Nothing is written anywhere.

        A picture's class is the name of the folder that it lies in; folders of classes stand side by side, under a
        folder of their own if need be, or under train, valid and test, which are taken together. Where there is a table
        labels.csv with the columns name and label, that tells the classes: by the path of the picture or an end of it,
        with its suffix or without. A picture with an empty label there has the label "".
        Hidden files and what macOS and Windows leave behind do not count; texts and thumbnails are passed over; any
        other file is a fault, and if `labelled` so is a video, a picture without a class, and a name in the table that
        no picture has. A file that does not unpack comes as a BrokenFile.
        Raises: InvalidInput, TooLarge; before the first picture for all that the list of contents tells, with one fault
        for each file; TooLarge for more bytes than were told, while the pictures are taken.
        """

    @abstractmethod
    def passed_over(self, stream: BinaryIO, labelled: bool, limits: ArchiveLimits = ArchiveLimits()) -> list[str]:
        """The names, in order, of the files that `read` with the same arguments leaves out, but for those that do not
        count and the table of labels. Raises: as `read` before its first picture."""

    @abstractmethod
    def told_by(self, stream: BinaryIO, limits: ArchiveLimits = ArchiveLimits()) -> str | None:
        """What tells the classes: "folders", two at least, or the name of the table of labels. None where nothing does,
        or where the pictures have masks or outlines, which tell more. Raises: InvalidInput, TooLarge for what is no
        archive to begin with."""
