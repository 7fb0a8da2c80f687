"""How the answer to a picture is to look, as headers say it."""
from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from domain.errors import Fault, InvalidInput
from domain.picture_answer import Output


@dataclass(frozen=True, slots=True)
class PictureWish:
    """output: None for what is usual. threshold: see `decide` of domain.picture_answer. as_frames: a video is answered
    frame by frame."""

    output: Output | None = None
    threshold: float | None = None
    as_frames: bool = False


def read_wish(headers: Mapping[str, str]) -> PictureWish:
    """Raises: InvalidInput."""
    return PictureWish(read_output(headers.get("x-output")), read_threshold(headers.get("x-threshold")),
                       _read_as_frames(headers.get("x-video")))


def read_wishes(headers: Mapping[str, str]) -> list[PictureWish]:
    """X-Output may name several, so that one run of the model is enough to see them all. Raises: InvalidInput."""
    said = headers.get("x-output")
    outputs = [None] if said is None else [read_output(text) for text in said.split(",")]
    threshold = read_threshold(headers.get("x-threshold"))
    return [PictureWish(output, threshold) for output in dict.fromkeys(outputs)]


def read_output(text: str | None) -> Output | None:
    """Raises: InvalidInput."""
    if text is None:
        return None
    try:
        return Output(text.strip().lower())
    except ValueError as failure:
        raise wrong("X-Output", f"is one of {', '.join(Output)}") from failure


def read_threshold(text: str | None) -> float | None:
    """Raises: InvalidInput."""
    if text is None:
        return None
    try:
        value = float(text)
    except ValueError:
        value = np.nan
    if not 0 <= value <= 1:
        raise wrong("X-Threshold", "is a number from 0 to 1")
    return value


def _read_as_frames(text: str | None) -> bool:
    """Raises: InvalidInput."""
    wanted = "video" if text is None else text.strip().lower()
    if wanted not in ("video", "frames"):
        raise wrong("X-Video", "is video or frames")
    return wanted == "frames"


def wrong(header: str, problem: str) -> InvalidInput:
    """What is wrong with a header."""
    return InvalidInput(f"{header} {problem}", [Fault(header, problem)])


def check_not_labelled(wish: PictureWish) -> None:
    """Raises: InvalidInput."""
    if wish.threshold is not None:
        raise InvalidInput("X-Threshold is for /forward and /forward_batch; metrics are those of the likeliest class")
