"""Answers to pictures by class: of a video one for each frame, and their mean."""
from __future__ import annotations

import base64
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

import numpy as np

from application.ports.picture_codec import PictureCodec
from domain import picture_answer
from domain.arrays import Array
from domain.errors import NoHeatmap
from domain.exchange import Part
from domain.picture_answer import Output
from domain.prediction import ClassPredictions
from domain.task import Task
from entrypoints.formats.drawing import PNG, clip_of
from entrypoints.formats.picture_wish import PictureWish

Fields = dict[str, object]


@dataclass(frozen=True, eq=False, slots=True)
class ClassAnswer:
    """Of a picture or a video. shares: float[classes]. image: a PNG, if one was asked for. frames: of a video the
    shares of each, None for a picture."""

    task: Task
    shares: Array
    width: int
    height: int
    image: bytes | None = None
    frames: Sequence[Array] | None = None

    def as_fields(self) -> Fields:
        said = said_by(self.task, self.shares)
        size = {"width": self.width, "height": self.height}
        if self.frames is not None:
            answers = [{"frame": number} | said_by(self.task, shares) for number, shares in enumerate(self.frames)]
            return {**said, **size, "frames": len(self.frames), "answers": answers}
        image = None if self.image is None else base64.b64encode(self.image).decode()
        return {**said, "image": image, "media_type": None if image is None else PNG, **size}


def said_by(task: Task, shares: Array) -> Fields:
    """The likeliest class, and how likely each is."""
    probabilities = dict(zip(map(str, task.labels), shares.tolist(), strict=True))
    return {"prediction": task.labels[int(shares.argmax())], "probabilities": probabilities}


@dataclass(frozen=True, slots=True)
class Classifier:
    """Puts the answers of a model into form."""

    pictures: PictureCodec

    def answers(self, task: Task, parts: Iterable[Part], wish: PictureWish) -> Iterator[tuple[str, ClassAnswer]]:
        """What each picture or video is called, and its answer, in the order of the rows. Raises: NoHeatmap, and what
        taking the parts does."""
        for clip, of_clip in groupby(parts, key=clip_of):
            if clip is None or wish.as_frames:
                for part in of_clip:
                    yield part.rows.name, self.picture(task, part, wish)
            else:
                frames = [part.answers.shares[0] for part in of_clip]
                mean = np.mean(frames, axis=0)
                yield clip.name, ClassAnswer(task, mean, clip.facts.width, clip.facts.height, frames=frames)

    def picture(self, task: Task, part: Part, wish: PictureWish) -> ClassAnswer:
        """The answer to the one picture of the part. Raises: NoHeatmap."""
        pixels = part.table[task.schema.features[0].name][0]
        image = self._heatmap(task, pixels, part) if wish.output is Output.HEATMAP else None
        return ClassAnswer(task, part.answers.shares[0], pixels.shape[1], pixels.shape[0], image)

    def _heatmap(self, task: Task, pixels: Array, part: Part) -> bytes:
        answers = part.answers
        if not isinstance(answers, ClassPredictions) or answers.regions is None:
            raise NoHeatmap(f"the model that serves {task.name} does not tell which regions decided: it was imported, "
                            "or its features are of the whole picture; train one where the extra pictures is installed")
        return self.pictures.write(picture_answer.heatmap(pixels, answers.regions[0]))


def table_row(name: str, answer: ClassAnswer) -> Mapping[str, object]:
    """As a line of a CSV."""
    said = said_by(answer.task, answer.shares)
    shares = {f"probability_{label}": float(share)
              for label, share in zip(answer.task.labels, answer.shares, strict=True)}
    return {"name": name, "prediction": said["prediction"], **shares}
