"""Answers about pictures as the bytes of pictures and videos."""
from __future__ import annotations

import base64
import io
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import groupby
from pathlib import PurePosixPath

from application.pictures.frame_rows import Clip, FrameRows
from application.ports.picture_codec import PictureCodec
from application.ports.video_codec import MEDIA_TYPES, VideoCodec, VideoFrame
from domain import picture_answer
from domain.connected import ConnectedParts, connected_parts
from domain.exchange import Part
from domain.picture_answer import Output
from domain.task import Task
from entrypoints.formats.picture_wish import PictureWish

PNG = "image/png"


@dataclass(frozen=True, eq=False, slots=True)
class Drawing:
    """What a picture or a video is answered by. content: PNG, or a video of the same kind as was sent. summary: the
    share of the pixels by label, of a video the mean over its frames. frames: None for a picture. parts: the connected
    ones of a picture by label, but of the first; None of noise, and of a video."""

    content: bytes
    media_type: str
    width: int
    height: int
    summary: Mapping[str, float]
    frames: int | None = None
    parts: Mapping[str, ConnectedParts] | None = None

    def file_name(self, name: str) -> str:
        return name if self.frames is not None else png_name(name)

    def as_fields(self) -> dict[str, object]:
        content = base64.b64encode(self.content).decode()
        size = {"media_type": self.media_type, "width": self.width, "height": self.height}
        if self.frames is None:
            return {"image": content, **size, "summary": self.summary, "parts": self.parts}
        return {"video": content, **size, "frames": self.frames, "summary": self.summary}


def png_name(name: str) -> str:
    """images/a.tif -> images/a.tif.png: two pictures that differ in their suffix alone get two answers."""
    path = PurePosixPath(name)
    return str(path if path.suffix.lower() == ".png" else path.with_name(f"{path.name}.png"))


@dataclass(frozen=True, slots=True)
class Draughtsman:
    """Draws answers as a wish says. videos: gives the codec once a video comes."""

    pictures: PictureCodec
    videos: Callable[[], VideoCodec]

    def drawings(self, task: Task, parts: Iterable[Part], wish: PictureWish) -> Iterator[tuple[str, Drawing]]:
        """What each picture or video is called, and its answer, in the order of the rows. Frames are drawn as their
        answers come. Raises: what taking the parts does."""
        for clip, of_clip in groupby(parts, key=clip_of):
            if clip is None or wish.as_frames:
                for part in of_clip:
                    yield part.rows.name, self.picture(task, part, wish)
            else:
                yield clip.name, self._video(task, clip, of_clip, wish)

    def picture(self, task: Task, part: Part, wish: PictureWish) -> Drawing:
        """The answer to the one picture of the part."""
        pixels, shares = part.table[task.schema.features[0].name][0], part.answers.shares[0]
        mask = picture_answer.decide(shares, wish.threshold)
        content = self.pictures.write(picture_answer.draw(wish.output or Output.MASK, task, pixels, shares, mask))
        return Drawing(content, PNG, mask.shape[1], mask.shape[0], picture_answer.summary(task, mask),
                       parts=connected_parts(mask, task.labels))

    def _video(self, task: Task, clip: Clip, parts: Iterable[Part], wish: PictureWish) -> Drawing:
        file, shares = io.BytesIO(), _MeanShares()
        frames = (_frame(task, part, wish, shares) for part in parts)
        self.videos().write(file, clip.facts, frames, exact=wish.output in (None, Output.MASK))
        return Drawing(file.getvalue(), MEDIA_TYPES[clip.facts.container], clip.facts.width, clip.facts.height,
                       shares.means(), shares.frames)


def clip_of(part: Part) -> Clip | None:
    """The video that it is a frame of."""
    return part.rows.clip if isinstance(part.rows, FrameRows) else None


def _frame(task: Task, part: Part, wish: PictureWish, shares: _MeanShares) -> VideoFrame:
    assert isinstance(part.rows, FrameRows)
    pixels, probabilities = part.table[task.schema.features[0].name][0], part.answers.shares[0]
    mask = picture_answer.decide(probabilities, wish.threshold)
    shares.add(picture_answer.summary(task, mask))
    drawn = picture_answer.draw_frame(wish.output or Output.MASK, task, pixels, probabilities, mask)
    return VideoFrame(drawn, part.rows.frame.at, part.rows.frame.lasts)


@dataclass(slots=True)
class _MeanShares:
    frames: int = 0
    _sums: dict[str, float] = field(default_factory=dict)

    def add(self, shares: Mapping[str, float]) -> None:
        self.frames += 1
        self._sums = {label: self._sums.get(label, 0) + share for label, share in shares.items()}

    def means(self) -> dict[str, float]:
        return {label: round(total / self.frames, 6) for label, total in self._sums.items()}
