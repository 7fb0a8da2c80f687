"""A look at pictures by class: what task would they make?"""
from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping

from application.pictures.picture_rows import named, refused
from application.ports.class_archive import Classified
from application.ports.picture_archive import ArchivedPicture, BrokenFile
from application.ports.picture_codec import PictureCodec, PictureLimits
from domain.cells import MAX_FAULTS, describe, in_words, unusable
from domain.errors import Fault, InvalidInput
from domain.kinds.answers import MAX_CLASSES
from domain.kinds.kind import Kind, Problem
from domain.picture import task_of_classes
from domain.schema import Schema
from domain.task import Task


class InferClassTask:
    """Infers a task from pictures of which each has a class, and stores nothing.

    The classes are texts, in the order of the alphabet; of two, the last one is what a score is the probability of.
    Every picture is looked at, so that what cannot be used is named before anything is stored.
    """

    def __init__(self, codec: PictureCodec, limits: PictureLimits) -> None:
        self._codec, self._limits = codec, limits

    def execute(self, name: str, pictures: Iterable[Classified], told_by: str) -> Task:
        """told_by: what tells the classes, in words. Raises: InvalidInput naming files, TooLarge."""
        picture, target = task_of_classes(f"classes by {told_by}")
        seen: Counter[str] = Counter()
        faults: list[Fault] = []
        for found in pictures:
            try:
                seen[self._looked_at(found)] += 1
            except InvalidInput as failure:
                faults += failure.faults
        if faults:
            raise InvalidInput(in_words(faults), faults[:MAX_FAULTS])
        labels = _labels(seen)
        problem = Problem.BINARY if len(labels) == 2 else Problem.MULTICLASS
        return Task(name, Kind.IMAGE, problem, Schema((picture, target)), labels)

    def _looked_at(self, found: Classified) -> str:
        """Its class. Raises: InvalidInput, TooLarge."""
        if isinstance(found, BrokenFile):
            raise refused(found.name, found.problem)
        assert isinstance(found, ArchivedPicture), "labelled archives hold these alone"
        picture, _ = task_of_classes("")
        with named(found.picture.name):
            self._codec.read_picture(found.picture.content, picture, self._limits)
        return found.label or ""


def _labels(seen: Mapping[str, int]) -> tuple[str, ...]:
    """seen: how many pictures are of each class; "" for those of none. Raises: InvalidInput."""
    labels = sorted(label for label in seen if label)
    if faults := [Fault(f"class {describe(label)}", problem) for label in labels if (problem := unusable(label))]:
        raise InvalidInput(f"{faults[0].where} {faults[0].problem}", faults[:MAX_FAULTS])
    if len(labels) > MAX_CLASSES:
        raise InvalidInput(f"the pictures are of {len(labels)} classes; {MAX_CLASSES} are allowed")
    if len(labels) < 2:
        raise InvalidInput(f"all pictures are of the class {describe(labels[0])}; there is nothing to learn" if labels
                           else "no picture has a class")
    return tuple(labels)
