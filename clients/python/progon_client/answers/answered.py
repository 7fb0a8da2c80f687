"""Answers of models."""
from __future__ import annotations

from base64 import b64decode
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from progon_client.answers.files import ReadAs

if TYPE_CHECKING:
    import pandas

Label = str | int | float
Probabilities = dict[str, float]


@dataclass(frozen=True, kw_only=True)
class Parts:
    """The connected parts of a class in a mask."""

    count: int
    median_px: float | None
    sizes_px: list[int]


@dataclass(frozen=True, kw_only=True)
class Explanation:
    """Base and contributions add up to the answer: the number, or the probability of the predicted label."""

    #: The predicted one, of whose probability this tells; not of a number
    label: Label | None = None
    #: The mean answer to rows that the model has learned from
    base: float
    #: By column, what its value adds to the base
    contributions: dict[str, float]


@dataclass(frozen=True, kw_only=True)
class Explanations:
    """Of some rows, in their order."""

    #: The predicted ones; not of numbers
    label: list[Label] | None = None
    #: The mean answer to rows that the model has learned from, to each label
    base: list[float]
    #: By column, what its value adds to the base
    contributions: dict[str, list[float]]


@dataclass(frozen=True, kw_only=True)
class RowAnswer:
    """The answer to a row."""

    request_id: str
    task: str
    experiment_id: int
    prediction: Label
    #: Of each label; None of a regression
    probabilities: Probabilities | None
    #: Columns that the task does not know, where they were to be ignored
    ignored: list[str] | None = None
    explanation: Explanation | None = None


@dataclass(frozen=True, kw_only=True)
class PictureAnswer:
    """The answer to a picture: a picture, or a class."""

    request_id: str
    task: str
    experiment_id: int
    width: int
    height: int
    #: Base64; None where the answer is a class, and no heat map was asked for
    image: str | None = None
    media_type: str | None = None
    #: Share of the pixels by label
    summary: Probabilities | None = None
    #: Of a mask, by label
    parts: dict[str, Parts] | None = None
    #: By the name of each output, where several were asked for; base64
    images: dict[str, str] | None = None
    #: Class of the picture
    prediction: Label | None = None
    probabilities: Probabilities | None = None

    def picture(self, output: str | None = None) -> bytes:
        """The file of the answer, or of one of several outputs. Raises: LookupError if there is none."""
        encoded = self.image if output is None else (self.images or {}).get(output)
        if encoded is None:
            raise LookupError(f"the answer has no picture{f' {output}' if output else ''}")
        return b64decode(encoded)


@dataclass(frozen=True, kw_only=True)
class FrameAnswer:
    """The class of a frame of a video."""

    frame: int
    prediction: Label
    probabilities: Probabilities | None


@dataclass(frozen=True, kw_only=True)
class ItemAnswer:
    """The answer to a picture or a video of a zip."""

    name: str
    width: int
    height: int
    image: str | None = None
    video: str | None = None
    media_type: str | None = None
    summary: Probabilities | None = None
    #: Of a mask, by label
    parts: dict[str, Parts] | None = None
    prediction: Label | None = None
    probabilities: Probabilities | None = None
    #: Of a video
    frames: int | None = None
    answers: list[FrameAnswer] | None = None

    def content(self) -> bytes:
        """The file of the answer. Raises: LookupError if there is none."""
        encoded = self.video if self.image is None else self.image
        if encoded is None:
            raise LookupError(f"the answer to {self.name} has no picture")
        return b64decode(encoded)


@dataclass(frozen=True, kw_only=True)
class FileAnswer:
    """What is told of a file beside the answers to what is in it."""

    request_id: str | None = None
    task: str
    experiment_id: int
    #: Of what was answered
    count: int
    #: Of a table
    read: ReadAs | None = None
    #: Columns that are answers of a model, files of no use in a zip
    passed_over: list[str] | None = None
    #: Of an evaluation
    metrics: dict[str, float | None] | None = None
    #: Of an evaluation: by name why a metric is null
    no_value: dict[str, str] | None = None
    #: Of an evaluation: answered, and not judged
    rows_without_target: int | None = None
    #: Share of the rows with a category that training never saw, by column, where there are some
    unseen: dict[str, float] | None = None
    #: Columns that the task does not know, where they were to be ignored
    ignored: list[str] | None = None
    #: Where a command put the answers
    output: str | None = None


@dataclass(frozen=True, kw_only=True)
class RowsAnswer(FileAnswer):
    """The answers to the rows of a table, in their order."""

    predictions: list[Label]
    #: Of each label; None of a regression
    probabilities: dict[str, list[float]] | None
    #: Where it was asked for
    explanation: Explanations | None = None

    def to_pandas(self) -> pandas.DataFrame:
        """prediction, probability_<label>, and explanation_base, contribution_<column> where they were asked for: a row
        each, in the order of the rows that were sent. Needs pandas."""
        import pandas

        columns: dict[str, list[Any]] = {"prediction": self.predictions}
        columns |= {f"probability_{label}": values for label, values in (self.probabilities or {}).items()}
        if (said := self.explanation) is not None:
            columns["explanation_base"] = said.base
            columns |= {f"contribution_{name}": values for name, values in said.contributions.items()}
        return pandas.DataFrame(columns)


@dataclass(frozen=True, kw_only=True)
class PicturesAnswer(FileAnswer):
    """The answers to the pictures and videos of a zip, by their names."""

    items: list[ItemAnswer]
