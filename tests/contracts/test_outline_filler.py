"""The contract of the port OutlineFiller."""
from __future__ import annotations

import numpy as np
import pytest

from adapters.pillow.outline_filler import PillowOutlineFiller
from application.ports.picture_codec import PictureLimits
from domain.errors import TooLarge
from domain.outlines import Outlines, Shape
from domain.picture import VOID
from tests.fakes.outline_filler import NumpyOutlineFiller


@pytest.fixture(params=[PillowOutlineFiller, NumpyOutlineFiller])
def filler(request):
    return request.param()


def test_outlines_are_filled_the_later_on_top(filler):
    square, inner = (tuple((x, y) for x, y in ((low, low), (high, low), (high, high), (low, high)))
                     for low, high in ((4.0, 24.0), (10.0, 18.0)))
    outlines = Outlines("a.json", 40, 30, (Shape("cell", (square,)), Shape("void", (inner,))))
    mask = filler.fill(outlines)
    assert mask.shape == (30, 40) and mask.dtype == np.uint8
    assert [mask[row, row] for row in (1, 6, 14, 22, 27)] == [0, 1, VOID, 1, 0]
    with pytest.raises(TooLarge):
        filler.fill(outlines, PictureLimits(1199))
