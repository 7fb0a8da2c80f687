"""The masks of a model's maker against the file's, pixel by pixel."""
from __future__ import annotations

import weakref
from collections.abc import Iterator

import numpy as np
import pytest

from domain.makers_masks import MakersMasks
from domain.parity import ParityBroken
from domain.picture import VOID, cells
from domain.prediction import MaskPredictions
from domain.table import Table
from tests.builders import texts

LABELS = ("ground", "cell", "edge")
# Of two pictures of other sizes, pixel by pixel.
ANSWERS = [np.array([[0, 1, 2], [2, 1, 0]], np.uint8), np.array([[1, 1], [0, 0], [2, 2], [0, 2]], np.uint8)]


def shares_of(answer: np.ndarray, share: float = 0.8) -> np.ndarray:
    """The class that is answered has `share`, the others half of the rest."""
    shares = np.full((*answer.shape, len(LABELS)), (1 - share) / 2, np.float32)
    np.put_along_axis(shares, answer[:, :, None].astype(int), np.float32(share), axis=2)
    return shares


def pieces(*shares: np.ndarray) -> list[MaskPredictions]:
    """The file's answers, a picture each."""
    given = shares or [shares_of(answer) for answer in ANSWERS]
    return [MaskPredictions(cells([each.argmax(axis=2).astype(np.uint8)]), cells([each]), LABELS) for each in given]


def makers(*masks: np.ndarray) -> MakersMasks:
    given = masks or ANSWERS
    return MakersMasks(Table({"image": cells([np.zeros((*mask.shape, 1), np.uint8) for mask in given])}), None,
                       cells(list(given)), texts([f"images/{number}.png" for number in range(1, len(given) + 1)]))


def changed(mask: np.ndarray, value: int, *places: tuple[int, int]) -> np.ndarray:
    mask = mask.copy()
    for place in places:
        mask[place] = value
    return mask


def test_the_same_masks():
    assert makers().compared(pieces()) == 0
    both = MaskPredictions(cells(ANSWERS), cells([shares_of(answer) for answer in ANSWERS]), LABELS)
    assert makers().compared([both]) == 0


def test_a_pixel_between_two_classes_may_be_of_either():
    shares = shares_of(ANSWERS[0])
    shares[0, 1] = [0.4999966, 0.5000034, 0]
    mask = changed(ANSWERS[0], 0, (0, 1))
    assert makers(mask).compared(pieces(shares)) == pytest.approx(6.8e-6, abs=1e-7)
    shares[0, 1] = [0.499994, 0.500006, 0]
    with pytest.raises(ParityBroken, match=r"1 of 6 pixels in 1 of 1 pictures.* up to 1.2e-05 \(1e-05 is allowed\)"):
        makers(mask).compared(pieces(shares))


def test_what_lies_between_two_classes_is_of_no_third():
    shares = shares_of(ANSWERS[0])
    shares[0, 1] = [0.4, 0.4, 0.2]
    assert makers(changed(ANSWERS[0], 1, (0, 1))).compared(pieces(shares)) == 0
    with pytest.raises(ParityBroken, match="larger by up to 0.2 "):
        makers(changed(ANSWERS[0], 2, (0, 1))).compared(pieces(shares))


def test_one_pixel_of_another_class():
    with pytest.raises(ParityBroken, match=r"on 1 of 14 pixels in 1 of 2 pictures of the check, most in images/2.png: "
                                           r"the class is another there, .* larger by up to 0.7 \(1e-05 is allowed\)"):
        makers(ANSWERS[0], changed(ANSWERS[1], 0, (3, 1))).compared(pieces())


def test_the_picture_with_the_most_of_them_is_named():
    one, more = changed(ANSWERS[0], 0, (0, 1)), changed(ANSWERS[1], 1, (1, 0), (1, 1), (2, 0))
    with pytest.raises(ParityBroken, match="on 4 of 14 pixels in 2 of 2 pictures of the check, most in images/2.png"):
        makers(one, more).compared(pieces())


def test_pixels_that_are_void_are_not_compared():
    mask = changed(ANSWERS[0], VOID, (0, 0), (0, 2), (1, 1))
    assert makers(mask).compared(pieces(shares_of(changed(ANSWERS[0], 1, (0, 0), (0, 2))))) == 0
    with pytest.raises(ParityBroken, match="on 1 of 3 pixels"):
        makers(changed(mask, 2, (0, 1))).compared(pieces(shares_of(ANSWERS[0])))


def test_masks_of_other_sizes():
    with pytest.raises(ParityBroken, match="answers images/1.png by a mask of 3 x 2 pixels, its maker by one of 2 x 3"):
        makers(ANSWERS[0].T).compared(pieces(shares_of(ANSWERS[0])))


def test_answers_are_let_go_one_by_one():
    held: list[weakref.ref[np.ndarray]] = []

    def answered() -> Iterator[MaskPredictions]:
        for _ in range(6):
            assert sum(shares() is not None for shares in held) <= 1, "what came before the last one is held"
            piece, = pieces(shares_of(ANSWERS[0]))
            held.append(weakref.ref(piece.shares[0]))
            yield piece
            del piece

    assert makers(*[ANSWERS[0]] * 6).compared(answered()) == 0
    assert len(held) == 6
