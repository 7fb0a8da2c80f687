"""What rows can show of the difference between two models that both answered them."""
from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from domain.arrays import Array
from domain.influence import Influences
from domain.scoring import LARGER_IS_BETTER

# The normal distribution's quantile for 95 % in the middle.
_SURE = 1.959964
# Fewer groups have no spread to speak of.
_LEAST_GROUPS = 3
# Probabilities and numbers come as 32-bit floats.
_ROUNDED = 1e-6


class Verdict(StrEnum):
    BETTER = "better"
    WORSE = "worse"
    UNCLEAR = "unclear"


@dataclass(frozen=True, slots=True)
class ShownDifference:
    """Of a metric, candidate minus other. low, high: its 95 % interval. verdict: on the candidate; unclear where the
    interval holds 0, or the difference is no more than
    rounding, so that the rows do not tell which of the two is better."""

    value: float
    low: float
    high: float
    verdict: Verdict


def shown_differences(candidate: Mapping[str, float], other: Mapping[str, float], of_candidate: Influences,
                      of_other: Influences, groups: Array | None) -> Mapping[str, ShownDifference]:
    """By metric, those that both have. candidate, other: the metrics. of_candidate, of_other: of the same rows in the
    same order. groups: int64[n_rows], the group from 0 of each row, of rows that came in groups; such rows are alike,
    and only groups are independent (Liang, Zeger 1986; of the AUC Obuchowski 1997). Empty for fewer than three of them.
    """
    found = {}
    for name in candidate.keys() & other.keys() & of_candidate.keys() & of_other.keys():
        half = margin(of_candidate[name] - of_other[name], groups)
        if half is not None:
            found[name] = _shown(name, candidate[name] - other[name], half, abs(other[name]))
    return {name: found[name] for name in candidate if name in found}


def margin(drawn: Array, groups: Array | None = None) -> float | None:
    """Half of the width of a 95 % interval; None for fewer than three rows or groups. drawn: how far each row draws the
    metric, or by how much more the one than the other."""
    sums = drawn if groups is None else np.bincount(groups, drawn)
    count = len(sums)
    if count < _LEAST_GROUPS:
        return None
    return _quantile(count - 1) * math.sqrt(float(sums @ sums) * count / (count - 1)) / len(drawn)


def _quantile(freedom: int) -> float:
    """Of Student's distribution: Abramowitz, Stegun 1964, 26.7.5; within 2 % from 2 degrees of freedom on."""
    z = _SURE
    return (z + (z**3 + z) / (4 * freedom) + (5 * z**5 + 16 * z**3 + 3 * z) / (96 * freedom**2)
            + (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / (384 * freedom**3))


def _shown(metric: str, value: float, margin: float, scale: float) -> ShownDifference:
    """scale: of the metric; what is far below it may come of rounding, the same way in every row."""
    low, high = value - margin, value + margin
    if low <= 0 <= high or abs(value) <= _ROUNDED * scale:
        return ShownDifference(value, low, high, Verdict.UNCLEAR)
    better = (value > 0) == LARGER_IS_BETTER[metric]
    return ShownDifference(value, low, high, Verdict.BETTER if better else Verdict.WORSE)
