"""A zip of pictures with the masks that the maker of a model answers to them."""
from __future__ import annotations

import io

import numpy as np
import pytest

from application.decorators.picture_codec import BYTES_A_LOOK, BYTES_A_PIXEL
from application.serving.current_request import CurrentRequest, current_request
from domain.errors import InvalidInput
from domain.picture import VOID
from entrypoints.formats.mask_checks import MaskChecks
from entrypoints.settings import Settings
from entrypoints.wiring.container import make_container
from tests.http.test_picture_classes import file_of, zipped
from tests.pictures import IMAGE, make_picture_task

TASK = make_picture_task(labels=("ground", "cell", "edge"), values=(0, 128, 255), void=7)
GREY = np.arange(12, dtype=np.uint8).reshape(3, 4)
MASK = np.array([[0, 128, 255, 7], [255, 0, 0, 7], [128, 128, 128, 0]], np.uint8)


@pytest.fixture
def checks(tmp_path):
    return MaskChecks(make_container(Settings(home=tmp_path)).pictures())


def read(checks, task, *files):
    return checks.read(task, io.BytesIO(zipped(*files)))


def test_what_is_in_it(checks):
    makers = read(checks, TASK, ("images/b.png", file_of(GREY[:2])), ("images/a.png", file_of(GREY)),
                  ("masks/a.png", file_of(MASK)), ("masks/b.png", file_of(MASK[:2])))
    assert makers.names.tolist() == ["images/a.png", "images/b.png"] and list(makers.rows.columns) == [IMAGE]
    assert makers.numbers is None and makers.rows[IMAGE][0][:, :, 0].tolist() == GREY.tolist()
    positions = [[0, 1, 2, VOID], [2, 0, 0, VOID], [1, 1, 1, 0]]
    assert [mask.tolist() for mask in makers.labels] == [positions, positions[:2]]


def test_masks_in_colour(checks):
    task = make_picture_task(channels=3, labels=("ground", "tree"), values=(0x000000, 0x008000), mask_channels=3)
    colours = np.zeros((3, 4, 3), np.uint8)
    colours[1, :, 1] = 128
    makers = read(checks, task, ("a.png", file_of(np.repeat(GREY[:, :, None], 3, axis=2))),
                  ("a_mask.png", file_of(colours)))
    assert [mask.tolist() for mask in makers.labels] == [[[0] * 4, [1] * 4, [0] * 4]]
    assert makers.names.tolist() == ["a.png"]


def test_every_fault_is_told(checks):
    with pytest.raises(InvalidInput) as refused:
        read(checks, TASK, ("images/a.png", file_of(GREY)), ("masks/a.png", file_of(MASK[:2])),
             ("images/b.png", file_of(GREY)), ("masks/b.png", file_of(GREY)),
             ("images/c.png", b"no picture"), ("masks/c.png", file_of(MASK)))
    faults = {fault.where: fault.problem for fault in refused.value.faults}
    assert list(faults) == ["masks/a.png", "masks/b.png", "images/c.png"]
    assert faults["masks/a.png"] == "has 4 x 2 pixels, its picture 4 x 3"
    assert faults["masks/b.png"].endswith("the values of the classes are 0, 128, 255")


@pytest.mark.parametrize(("files", "where"), [
    ([("images/a.png", file_of(GREY)), ("images/b.png", file_of(GREY)), ("masks/a.png", file_of(MASK))],
     "images/b.png"), ([("masks/a.png", file_of(MASK))], "masks/a.png")])
def test_pictures_and_masks_that_stand_alone(checks, files, where):
    with pytest.raises(InvalidInput) as refused:
        read(checks, TASK, *files)
    assert where in [fault.where for fault in refused.value.faults]


def test_masks_in_which_nothing_counts(checks):
    files = ("images/a.png", file_of(GREY)), ("images/b.png", file_of(GREY))
    void = file_of(np.full_like(MASK, 7))
    with pytest.raises(InvalidInput, match="the check has no pixel that counts: its masks are void"):
        read(checks, TASK, *files, ("masks/a.png", void), ("masks/b.png", void))
    assert read(checks, TASK, *files, ("masks/a.png", void), ("masks/b.png", file_of(MASK))).rows.n_rows == 2


def test_its_pixels_are_counted_as_long_as_they_are_held(tmp_path):
    container = make_container(Settings(home=tmp_path))
    room, before = container.room(), current_request.set(CurrentRequest("one", "/experiments"))
    try:
        makers = read(MaskChecks(container.pictures()), TASK, *(
            (f"{folder}/{name}.png", file_of(pixels)) for name in "abc" for folder, pixels in (
                ("images", GREY), ("masks", MASK))))
        assert room.taken_bytes() == makers.rows.n_rows * GREY.size * (BYTES_A_PIXEL + BYTES_A_LOOK)
        del makers
        assert room.taken_bytes() == 0
    finally:
        current_request.reset(before)
