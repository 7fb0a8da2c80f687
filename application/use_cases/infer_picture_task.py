"""A look at pictures and their masks: what task would they make?"""
from __future__ import annotations

from collections.abc import Iterable

from application.ports.picture_archive import ArchivedFile, ArchivedPicture
from application.ports.picture_codec import PictureCodec, PictureFacts, PictureLimits
from domain.errors import Fault, InvalidInput
from domain.picture import task_of_pictures
from domain.schema import Schema
from domain.task import MAX_MASK_CLASSES, Kind, Problem, Split, Task, Training

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

    def execute(self, name: str, pictures: Iterable[ArchivedPicture]) -> Task:
        """Raises: InvalidInput naming files, TooLarge."""
        channels, bits, values = 1, 8, set()
        for found in pictures:
            facts = self._look(found.picture, numbers=False)
            channels, bits = max(channels, facts.channels), max(bits, facts.bits)
            values |= set(self._look(found.mask, numbers=True).values)
            if len(values) > MAX_MASK_CLASSES:
                raise _refused(found.mask, f"makes more than {MAX_MASK_CLASSES} different values in the masks so far; "
                                           "each is taken for a class")
        if len(values) < 2:
            raise InvalidInput(f"all pixels of all masks are {', '.join(map(str, values))}; there is nothing to learn")
        labels = tuple(sorted(values))
        return Task(name, Kind.IMAGE, Problem.SEGMENTATION, Schema(task_of_pictures(channels, bits, labels)), labels,
                    SPLIT, TRAINING)

    def _look(self, file: ArchivedFile, numbers: bool) -> PictureFacts:
        try:
            return self._codec.look(file.content, numbers, self._limits)
        except InvalidInput as failure:
            raise _refused(file, failure.detail) from failure


def _refused(file: ArchivedFile, problem: str) -> InvalidInput:
    return InvalidInput(f"{file.name}: {problem}", [Fault(file.name, problem)])
