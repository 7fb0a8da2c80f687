"""A look at pictures and their masks: what task would they make?"""
from __future__ import annotations

from collections.abc import Iterable

from application.pictures.mask_classes import MaskClassesSeen
from application.pictures.picture_rows import named, of_another_size, refused
from application.ports.picture_archive import Archived, ArchivedPicture, BrokenFile
from application.ports.picture_codec import PictureCodec, PictureFacts, PictureLimits
from domain.cells import MAX_FAULTS, in_words
from domain.errors import Fault, InvalidInput
from domain.kinds.kind import Kind, Problem
from domain.schema import Schema
from domain.task import Split, Task
from domain.training import Training

# Single pixels are many and alike, so few trees do.
TRAINING = Training.of(iterations=200, learning_rate=0.05)
SPLIT = Split(holdout=0.25, valid=0.15)


class InferPictureTask:
    """Infers a task from labelled pictures, and stores nothing.

    Grey or colour, 8 or 16 bits, by the picture that holds most; a class for each value in the masks, the smallest one,
    the background, first. Classes have names where a file beside the masks has some. What was made of colours, of 255
    beside small numbers and of JPEG masks is told in the description of the column of the masks.
    """

    def __init__(self, codec: PictureCodec, limits: PictureLimits) -> None:
        self._codec, self._limits = codec, limits

    def execute(self, name: str, pictures: Iterable[Archived]) -> Task:
        """Raises: InvalidInput naming files, TooLarge."""
        channels, bits = 1, 8
        masks = MaskClassesSeen()
        faults: list[Fault] = []
        for found in pictures:
            try:
                picture = self._looked_at(found, masks)
            except InvalidInput as failure:
                faults += failure.faults
                continue
            channels, bits = max(channels, picture.channels), max(bits, picture.bits)
        if faults:
            raise InvalidInput(in_words(faults), faults[:MAX_FAULTS])
        classes = masks.found()
        return Task(name, Kind.IMAGE, Problem.SEGMENTATION, Schema(classes.columns(channels, bits)), classes.labels,
                    SPLIT, TRAINING)

    def _looked_at(self, found: Archived, masks: MaskClassesSeen) -> PictureFacts:
        """The picture, and its mask added to the others. Raises: InvalidInput, TooLarge."""
        if isinstance(found, BrokenFile):
            raise refused(found.name, found.problem)
        assert isinstance(found, ArchivedPicture) and found.mask is not None, "labelled archives hold these alone"
        coloured = found.legend is not None and found.legend.coloured
        with named(found.picture.name):
            picture = self._codec.look(found.picture.content, self._limits)
        with named(found.mask.name):
            mask = self._codec.look_at_mask(found.mask.content, coloured, self._limits)
        if (mask.width, mask.height) != (picture.width, picture.height):
            raise of_another_size(found.mask.name, (mask.width, mask.height), (picture.width, picture.height))
        masks.add(found.mask.name, mask, found.legend)
        return picture
