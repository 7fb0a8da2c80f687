"""A look at pictures and their masks: what task would they make?"""
from __future__ import annotations

from collections.abc import Iterable

from application.pictures.picture_rows import of_another_size, refused
from application.ports.picture_archive import Archived, ArchivedFile, ArchivedPicture, BrokenFile
from application.ports.picture_codec import PictureCodec, PictureFacts, PictureLimits
from domain.cells import MAX_FAULTS, in_words
from domain.errors import Fault, InvalidInput, TooLarge
from domain.kinds.answers import MAX_MASK_CLASSES
from domain.kinds.kind import Kind, Problem
from domain.picture import task_of_pictures
from domain.schema import Schema
from domain.task import Split, Task, Training

# Single pixels are many and alike, so few trees do.
TRAINING = Training(iterations=200, learning_rate=0.05)
SPLIT = Split(holdout=0.25, valid=0.15)


class InferPictureTask:
    """Infers a task from labelled pictures, and stores nothing.

    Grey or colour, 8 or 16 bits, by the picture that holds most; a class for each value in the masks, the smallest one,
    the background, first.
    """

    def __init__(self, codec: PictureCodec, limits: PictureLimits) -> None:
        self._codec, self._limits = codec, limits

    def execute(self, name: str, pictures: Iterable[Archived]) -> Task:
        """Raises: InvalidInput naming files, TooLarge."""
        channels, bits = 1, 8
        values: set[int] = set()
        faults: list[Fault] = []
        for found in pictures:
            try:
                picture, mask, mask_name = self._both(found)
            except InvalidInput as failure:
                faults += failure.faults
                continue
            channels, bits, values = max(channels, picture.channels), max(bits, picture.bits), values | {*mask.values}
            if len(values) > MAX_MASK_CLASSES:
                raise refused(mask_name, f"makes more than {MAX_MASK_CLASSES} different values in the masks so far; "
                                         "each is taken for a class")
        if faults:
            raise InvalidInput(in_words(faults), faults[:MAX_FAULTS])
        if len(values) < 2:
            raise InvalidInput(f"all pixels of all masks are {', '.join(map(str, values))}; there is nothing to learn")
        labels = tuple(sorted(values))
        return Task(name, Kind.IMAGE, Problem.SEGMENTATION, Schema(task_of_pictures(channels, bits, labels)), labels,
                    SPLIT, TRAINING)

    def _both(self, found: Archived) -> tuple[PictureFacts, PictureFacts, str]:
        """Of a picture and its mask, and the mask's name. Raises: InvalidInput, TooLarge."""
        if isinstance(found, BrokenFile):
            raise refused(found.name, found.problem)
        assert isinstance(found, ArchivedPicture) and found.mask is not None, "labelled archives hold these alone"
        picture, mask = self._look(found.picture, numbers=False), self._look(found.mask, numbers=True)
        if mask.channels > 1:
            raise refused(found.mask.name, "is in colour; a mask has one number a pixel")
        if (mask.width, mask.height) != (picture.width, picture.height):
            raise of_another_size(found.mask.name, (mask.width, mask.height), (picture.width, picture.height))
        return picture, mask, found.mask.name

    def _look(self, file: ArchivedFile, numbers: bool) -> PictureFacts:
        try:
            return self._codec.look(file.content, numbers, self._limits)
        except TooLarge as failure:
            raise TooLarge(f"{file.name} {failure.detail}") from failure
        except InvalidInput as failure:
            raise refused(file.name, failure.detail) from failure
