"""What a file was read as, and what became of it."""
from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class ReadAs:
    """What a file with a table was read as."""

    #: csv, xlsx or ndjson
    format: str
    #: Of a text
    charset: str | None
    #: Of a CSV; empty where it has one column
    separator: str | None
    #: In what, from the outside in: gzip, zstd, zip
    packed: list[str]
    #: Of a workbook
    sheet: str | None
    #: Columns without name and value, further sheets, other files of a zip
    left_out: list[str]


@dataclass(frozen=True, kw_only=True)
class Added:
    """What became of the rows of a file."""

    task: str
    batch_id: str
    dataset_version: int
    rows_added: int
    #: This very data was there already, and nothing was added
    duplicate: bool
    #: How many rows are the label of an earlier answer
    late_labels: int
    #: Were left out
    rows_without_target: int
    #: What keeps a model from learning or being judged, and what to do
    warnings: list[str]
    #: Of a table
    read: ReadAs | None = None
    #: Columns that are answers of a model, files of no use in a zip
    passed_over: list[str] | None = None


@dataclass(frozen=True, kw_only=True)
class Preview:
    """A picture of a file with its mask, small, both PNG in base64, or with its class."""

    name: str
    #: Of the picture itself
    width: int
    #: Of the picture itself
    height: int
    picture: str
    #: Null where there is a class
    mask: str | None
    #: Share of the pixels by label; null without a mask
    summary: dict[str, float] | None
    #: Class of the picture; null where there is a mask
    label: str | None


@dataclass(frozen=True, kw_only=True)
class Checked:
    """A labelled file that would be taken."""

    task: str
    rows: int
    #: Would be left out
    rows_without_target: int
    #: As many as `preview` asked for
    pictures: list[Preview] | None = None
    #: By column: share of the rows whose value the model that serves has never seen; left out where there are none
    unseen: dict[str, float] | None = None
    #: Of a table
    read: ReadAs | None = None
    #: Columns that are answers of a model, files of no use in a zip
    passed_over: list[str] | None = None


@dataclass(frozen=True, kw_only=True)
class LabelsAdded:
    """What became of late labels."""

    #: Met an answer that was given earlier
    matched: int
    #: No answer of that request is known yet; kept for one that is still on its way
    unknown: int
    #: Were known with this very label
    already: int
