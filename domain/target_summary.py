"""What the targets of some rows are like, in a few numbers that add up."""
from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from domain.arrays import Array
from domain.labels import Label
from domain.picture import class_counts


@dataclass(frozen=True, slots=True)
class TargetSummary:
    """counts: rows of each label, as text; of pictures those that show it. span: least, mean and greatest target of a
    regression. pixels: of pictures, how many of all their pixels are of each label."""

    rows: int
    counts: Mapping[str, int]
    span: Mapping[str, float] | None = None
    pixels: Mapping[str, int] | None = None

    @property
    def shares(self) -> dict[str, float]:
        return {label: count / self.rows for label, count in self.counts.items()}


def of_labels(labels: Sequence[Label], targets: Array) -> TargetSummary:
    """targets: int64[n] positions."""
    return TargetSummary(len(targets), _named(labels, np.bincount(targets, minlength=len(labels))))


def of_numbers(targets: Array) -> TargetSummary:
    span = {"min": float(targets.min()), "mean": float(targets.mean()), "max": float(targets.max())}
    return TargetSummary(len(targets), {}, span)


def of_masks(labels: Sequence[Label], targets: Array) -> TargetSummary:
    """targets: object[n] of uint8[height, width] positions."""
    pixels = np.array([class_counts(mask, len(labels)) for mask in targets])
    return TargetSummary(len(targets), _named(labels, (pixels > 0).sum(axis=0)),
                         pixels=_named(labels, pixels.sum(axis=0)))


def joined(one: TargetSummary, other: TargetSummary) -> TargetSummary:
    """Of the rows of both."""
    return TargetSummary(one.rows + other.rows, _added(one.counts, other.counts), _spanned(one, other),
                         None if one.pixels is None or other.pixels is None else _added(one.pixels, other.pixels))


def _added(one: Mapping[str, int], other: Mapping[str, int]) -> dict[str, int]:
    return {label: count + other[label] for label, count in one.items()}


def _spanned(one: TargetSummary, other: TargetSummary) -> dict[str, float] | None:
    if one.span is None or other.span is None:
        return None
    total = one.span["mean"] * one.rows + other.span["mean"] * other.rows
    return {"min": min(one.span["min"], other.span["min"]), "mean": total / (one.rows + other.rows),
            "max": max(one.span["max"], other.span["max"])}


def _named(labels: Sequence[Label], counts: Array) -> dict[str, int]:
    return dict(zip(map(str, labels), counts.tolist(), strict=True))
