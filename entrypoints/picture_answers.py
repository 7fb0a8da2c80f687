"""Answers to what an archive holds: a picture by a picture, a video by a video or by its frames."""
from __future__ import annotations

import base64
import io
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import groupby

from application.data.frame_rows import Clip
from application.ports.picture_codec import PictureCodec
from application.ports.video_codec import MEDIA_TYPES, VideoCodec, VideoFrame
from application.use_cases.forward_batch import BatchAnswer, BatchPart
from domain import picture_answer
from domain.picture_answer import Output
from domain.task import Task
from entrypoints.picture_files import DrawnAnswer, Wish, drawn


@dataclass(frozen=True, eq=False, slots=True)
class DrawnVideo:
    """content: of the same kind of file as was sent. summary: the mean over the frames of their shares by label."""

    content: bytes
    media_type: str
    width: int
    height: int
    frames: int
    summary: Mapping[str, float]

    def file_name(self, name: str) -> str:
        return name

    def as_fields(self) -> dict[str, object]:
        return {"video": base64.b64encode(self.content).decode(), "media_type": self.media_type, "width": self.width,
                "height": self.height, "frames": self.frames, "summary": self.summary}


def drawn_answers(codec: PictureCodec, videos: VideoCodec, answer: BatchAnswer, wish: Wish
                  ) -> Iterator[tuple[str, DrawnAnswer | DrawnVideo]]:
    """What each is called, and its answer, in the order of the rows. Frames are drawn as their answers come.

    Raises: what taking the parts does."""
    for clip, parts in groupby(answer.parts, key=lambda part: part.rows.clip):
        if clip is None or wish.as_frames:
            for part in parts:
                yield part.rows.name, drawn(answer.served.task, codec, part.inputs, part.predictions, wish)
        else:
            yield clip.name, _drawn_video(videos, answer.served.task, clip, parts, wish)


def _drawn_video(videos: VideoCodec, task: Task, clip: Clip, parts: Iterable[BatchPart], wish: Wish) -> DrawnVideo:
    file, shares = io.BytesIO(), _MeanShares()
    frames = (_drawn_frame(task, part, wish, shares) for part in parts)
    videos.write(file, clip.facts, frames, exact=wish.output is Output.MASK)
    return DrawnVideo(file.getvalue(), MEDIA_TYPES[clip.facts.container], clip.facts.width, clip.facts.height,
                      shares.frames, shares.means())


def _drawn_frame(task: Task, part: BatchPart, wish: Wish, shares: _MeanShares) -> VideoFrame:
    picture, probabilities = part.inputs[task.schema.features[0].name][0], part.predictions.probabilities[0]
    mask = picture_answer.decide(probabilities, wish.threshold)
    shares.add(picture_answer.summary(task, mask))
    pixels = picture_answer.draw_frame(wish.output, task, picture, probabilities, mask)
    return VideoFrame(pixels, part.rows.frame.at, part.rows.frame.lasts)


class _MeanShares:
    def __init__(self) -> None:
        self.frames, self._sums = 0, {}

    def add(self, shares: Mapping[str, float]) -> None:
        self.frames += 1
        self._sums = {label: self._sums.get(label, 0) + share for label, share in shares.items()}

    def means(self) -> dict[str, float]:
        return {label: round(total / self.frames, 6) for label, total in self._sums.items()}
