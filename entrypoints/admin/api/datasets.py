"""The data of a task."""
from __future__ import annotations

from typing import NotRequired, TypedDict

from entrypoints.admin.api.tasks import VersionBody


class CountedBody(TypedDict):
    """labels: in how much of the rows each is. pixels: of pictures, of how many of them each is."""

    labels: dict[str, float] | None
    pixels: NotRequired[dict[str, float] | None]


class CountedVersionBody(VersionBody, CountedBody):
    pass


class DatasetBody(CountedBody):
    rows: int
    warnings: NotRequired[list[str]]
    versions: list[CountedVersionBody]


class SummaryBody(TypedDict):
    """Of a column. A number has `edges`, one more than `counts`; a category has its most frequent `values`, each with
    its count, and how many `distinct` ones there are."""

    name: str
    missing: int
    missing_share: float
    edges: list[float]
    counts: list[int]
    mean: float | None
    values: list[str]
    distinct: int | None


class SummariesBody(TypedDict):
    dataset_version: int
    rows: int
    looked_at: int
    columns: list[SummaryBody]


class PictureBody(TypedDict):
    """summary: class -> share of the pixels; None where the picture has a class."""

    width: int
    height: int
    summary: dict[str, float] | None


class StoredPictureBody(PictureBody):
    """picture, mask: digests, None of what is private. label: of the whole picture, None where it has a mask."""

    row: int
    picture: str | None
    mask: str | None
    label: NotRequired[str | None]


class GalleryBody(TypedDict):
    dataset_version: int
    rows: int
    pictures: list[StoredPictureBody]
    next: int | None


class PreviewedPictureBody(PictureBody):
    """picture, mask: small PNGs in base64. label: in place of the mask."""

    name: str
    picture: str
    mask: str | None
    label: NotRequired[str | None]


class CheckedBody(TypedDict):
    rows: int
    unseen: NotRequired[dict[str, float]]
    pictures: NotRequired[list[PreviewedPictureBody]]


SampleBody = TypedDict("SampleBody", {"rows": list[dict[str, str | float | None]]})
