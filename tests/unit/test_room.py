"""What all requests may have in memory together."""
from __future__ import annotations

import gc
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import numpy as np
import pytest

from application.decorators.picture_codec import BYTES_A_PIXEL, RoomyPictureCodec
from application.ports.picture_codec import UnreadablePicture
from application.serving.current_request import CurrentRequest, current_request
from application.serving.room import Room
from domain.columns import ColumnType
from domain.errors import Busy
from domain.schema import Column
from tests.fakes.picture_codec import NpyPictureCodec
from tests.fakes.picture_measure import NpyPictureMeasure

GREY = Column("image", ColumnType.PICTURE)


@contextmanager
def of(request_id: str) -> Iterator[None]:
    before = current_request.set(CurrentRequest(request_id, "/forward"))
    try:
        yield
    finally:
        current_request.reset(before)


def taken(room: Room, request_id: str, wanted_bytes: int) -> Callable[[], None]:
    with of(request_id):
        return room.take(wanted_bytes)


def test_the_sum_is_bounded():
    told: list[int] = []
    room = Room(100, 0, lambda: told.append(1))
    first, _ = taken(room, "a", 60), taken(room, "b", 40)
    with pytest.raises(Busy) as refused:
        taken(room, "c", 1)
    assert refused.value.retry_after_s >= 1 and told == [1]
    first()
    taken(room, "c", 60)
    assert room.taken_bytes == 100


def test_one_alone_may_have_more_and_never_waits_for_itself():
    room = Room(100, 0)
    give_back = [taken(room, "a", 500), taken(room, "a", 500)]
    with pytest.raises(Busy):
        taken(room, "b", 1)
    for each in give_back:
        each()
    taken(room, "b", 500)


def test_whoever_waits_goes_on_when_there_is_room():
    room, entered = Room(100, 30), threading.Event()
    give_back = taken(room, "a", 100)

    def wait() -> None:
        taken(room, "b", 100)
        entered.set()

    thread = threading.Thread(target=wait)
    thread.start()
    give_back()
    assert entered.wait(30)
    thread.join()


def test_work_for_no_request_is_not_counted():
    room = Room(1, 0)
    room.take(1_000)()
    assert room.taken_bytes == 0


def test_a_picture_is_counted_for_as_long_as_somebody_has_its_pixels():
    room = Room(1, 0)
    codec = RoomyPictureCodec(NpyPictureCodec(), NpyPictureMeasure(), room)
    content = codec.write(np.zeros((4, 5), np.uint8))
    with of("a"):
        pixels = codec.read_picture(content, GREY)
        codec.look(content)
    assert room.taken_bytes == 20 * BYTES_A_PIXEL
    with of("b"), pytest.raises(Busy):
        codec.read_picture(content, GREY)
    del pixels
    gc.collect()
    assert room.taken_bytes == 0


def test_a_broken_picture_takes_nothing():
    room = Room(1, 0)
    codec = RoomyPictureCodec(NpyPictureCodec(), NpyPictureMeasure(), room)
    colour = codec.write(np.arange(60, dtype=np.uint8).reshape(4, 5, 3))
    with of("a"), pytest.raises(UnreadablePicture):
        codec.read_picture(colour, GREY)
    assert room.taken_bytes == 0
