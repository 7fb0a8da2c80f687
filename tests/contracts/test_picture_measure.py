"""The contract of the port PictureMeasure."""
from __future__ import annotations

import numpy as np
import pytest

from adapters.pillow.picture_codec import PillowPictureCodec
from adapters.pillow.picture_measure import PillowPictureMeasure
from application.ports.picture_codec import PictureLimits, UnreadablePicture
from domain.errors import TooLarge
from tests.fakes.picture_codec import NpyPictureCodec
from tests.fakes.picture_measure import NpyPictureMeasure


@pytest.fixture(params=[(NpyPictureMeasure(), NpyPictureCodec()), (PillowPictureMeasure(), PillowPictureCodec())],
                ids=["fake", "pillow"])
def measured(request):
    return request.param


@pytest.mark.parametrize("shape", [(1, 1), (3, 200), (37, 41, 3)])
def test_width_and_height(measured, shape):
    measure, codec = measured
    assert measure.size(codec.write(np.zeros(shape, np.uint8))) == (shape[1], shape[0])


def test_what_is_no_picture_or_too_large(measured):
    measure, codec = measured
    with pytest.raises(UnreadablePicture):
        measure.size(b"no picture")
    with pytest.raises(TooLarge):
        measure.size(codec.write(np.zeros((3, 200), np.uint8)), PictureLimits(599))


def test_nothing_is_decoded():
    """Whose pixels are not there has a size all the same."""
    whole = PillowPictureCodec().write(np.random.default_rng(0).integers(0, 256, (50, 60), np.uint8))
    assert PillowPictureMeasure().size(whole[:200]) == (60, 50)
