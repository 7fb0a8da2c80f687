"""Masks as the maker of a model answers them, and whether the imported file answers the same, pixel by pixel."""
from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from domain.arrays import Array
from domain.makers_answers import MakersAnswers
from domain.parity import TOLERANCE, ParityBroken
from domain.picture import VOID
from domain.prediction import Predictions


@dataclass(frozen=True, eq=False, slots=True)
class MakersMasks(MakersAnswers):
    """numbers: None. labels: object[n] of uint8[height, width] class positions; VOID is compared with nothing.
    names: object[n] of str, of the files that the pictures came as."""

    names: Array

    def compared(self, pieces: Iterable[Predictions]) -> float:
        """How far the file is from the maker's class where it answers another one: the difference of its own
        probabilities of the two. Within TOLERANCE either of them is right, as rounding decides there.

        pieces: of MaskPredictions, with probabilities; they are let go one by one. Raises: ParityBroken saying on how
        many pixels of how many pictures, and in which one most.
        """
        assert self.labels is not None
        answers = (answer for piece in pieces for answer in zip(piece.values, piece.shares, strict=True))
        found = [_compared(name, mask, *answer)
                 for name, mask, answer in zip(self.names, self.labels, answers, strict=True)]
        _raise_if_any(found)
        return max((picture.difference for picture in found), default=0.0)


@dataclass(frozen=True, slots=True)
class _Compared:
    """One picture. apart, pixels: how many are of another class, of how many that count. difference: the largest."""

    name: str
    apart: int
    pixels: int
    difference: float


def _compared(name: str, mask: Array, answer: Array, shares: Array) -> _Compared:
    """answer: uint8[height, width]; shares: float32[height, width, classes], both the file's."""
    if mask.shape != answer.shape:
        raise ParityBroken("the file answers {} by a mask of {} x {} pixels, its maker by one of {} x {}".format(
            name, *answer.shape[::-1], *mask.shape[::-1]))
    counts = mask != VOID
    other = counts & (answer != mask)
    of_pixels, rows = shares[other].astype(np.float64), np.arange(np.count_nonzero(other))
    differences = np.abs(of_pixels[rows, answer[other]] - of_pixels[rows, mask[other]])
    return _Compared(name, int(np.count_nonzero(differences > TOLERANCE)), int(np.count_nonzero(counts)),
                     float(differences.max(initial=0.0)))


def _raise_if_any(found: Sequence[_Compared]) -> None:
    wrong = [picture for picture in found if picture.apart]
    if not wrong:
        return
    apart, pixels = sum(picture.apart for picture in wrong), sum(picture.pixels for picture in found)
    worst = max(wrong, key=lambda picture: picture.apart)
    difference = max(picture.difference for picture in wrong)
    raise ParityBroken(
        f"the file answers differently from its maker on {apart:,} of {pixels:,} pixels in {len(wrong):,} of "
        f"{len(found):,} pictures of the check, most in {worst.name}: the class is another there, to which the file "
        f"gives a probability larger by up to {difference:.3g} ({TOLERANCE:g} is allowed). The conversion to ONNX "
        "changed the model, or its maker scales or resizes pictures or orders the classes otherwise than the mapping")
