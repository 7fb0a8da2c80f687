"""What all requests may have in memory together."""
from __future__ import annotations

import gc
import io
import random
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import cache

import numpy as np
import pytest

from adapters.archive.picture_archive import ZipPictureArchive
from application.decorators.picture_codec import BYTES_A_PIXEL, RoomyPictureCodec
from application.decorators.video_codec import BYTES_A_PIXEL as BYTES_A_FRAME_PIXEL
from application.decorators.video_codec import RoomyVideoCodec
from application.ports.picture_archive import BrokenFile
from application.ports.picture_codec import UnreadablePicture
from application.ports.video_codec import VideoContainer
from application.serving.current_request import CurrentRequest, current_request
from application.serving.room import SMALL_BYTES, Room
from application.serving.turns import Turns
from domain.columns import ColumnType
from domain.errors import Busy, TooLarge
from domain.kinds.kind import Kind
from domain.schema import Column
from tests import videos
from tests.fakes.picture_codec import NpyPictureCodec
from tests.fakes.picture_measure import NpyPictureMeasure
from tests.fakes.video_codec import LinesVideoCodec
from tests.hostile.attacks.files import zipped
from tests.waiting import until

GREY = Column("image", ColumnType.PICTURE)


KIB = 1 << 10


@cache
def request(name: str) -> CurrentRequest:
    return CurrentRequest(name, "/forward")


@pytest.fixture(autouse=True)
def others():
    """Requests of this test alone."""
    request.cache_clear()


@contextmanager
def of(name: str) -> Iterator[None]:
    before = current_request.set(request(name))
    try:
        yield
    finally:
        current_request.reset(before)


def taken(room: Room, name: str, wanted_bytes: int) -> Callable[[], None]:
    with of(name):
        return room.take(wanted_bytes)


def test_the_sum_is_bounded():
    told, in_memory = list[int](), list[int]()
    room = Room(1_000 * KIB, 0, 0, lambda: told.append(1), lambda measure: in_memory.append(measure()))
    first, _ = taken(room, "a", 600 * KIB), taken(room, "b", 400 * KIB)
    with pytest.raises(Busy) as refused:
        taken(room, "c", 100 * KIB)
    with of("c"):
        assert room.take_at_once(100 * KIB) is None
    assert refused.value.retry_after_s >= 1 and told == [1]
    first()
    taken(room, "c", 600 * KIB)
    assert room.taken_bytes() == 1_000 * KIB
    assert in_memory == [600 * KIB, 1_000 * KIB, 1_000 * KIB]


def test_whoever_waits_for_room_lets_go_of_its_turn():
    """What it waits for may be given back by one that waits for a turn."""
    turns = Turns(1)
    room = Room(1_000 * KIB, 0, 30, resting=turns.let_go)
    give_back = taken(room, "a", 900 * KIB)

    def ends() -> None:
        with turns.taken(Kind.IMAGE):
            give_back()
    with turns.taken(Kind.IMAGE):
        other = threading.Thread(target=ends, daemon=True)
        other.start()
        until(lambda: turns._waiting)
        taken(room, "b", 900 * KIB)
        assert turns._free == 0
    other.join(30)
    assert turns._free == 1 and room.taken_bytes() == 900 * KIB


def test_one_alone_may_have_more_and_never_waits_for_itself():
    room = Room(100 * KIB, 1_000 * KIB, 0)
    give_back = [taken(room, "a", 500 * KIB), taken(room, "a", 500 * KIB)]
    with pytest.raises(Busy):
        taken(room, "b", 100 * KIB)
    for each in give_back:
        each()
    taken(room, "b", 500 * KIB)


def test_what_could_never_be_had_is_refused_at_once():
    room = Room(100 * KIB, 1_000 * KIB, 3_600)
    taken(room, "b", 100 * KIB)
    for _ in range(2):
        with of("a"), pytest.raises(TooLarge, match="takes 2 MB of memory .* may have 1 MB"):
            room.take_at_once(1_001 * KIB)
        with pytest.raises(TooLarge):
            taken(room, "a", 1_001 * KIB)
    assert room.taken_bytes() == 100 * KIB


def test_hardly_anything_is_always_had_and_counted():
    room = Room(KIB, 1 << 30, 0)
    for name in "abc":
        taken(room, name, SMALL_BYTES - 1)
    assert room.taken_bytes() == 3 * (SMALL_BYTES - 1)
    with pytest.raises(Busy):
        taken(room, "a", 2)


def test_two_requests_of_one_id_are_two():
    room = Room(100 * KIB, 0, 0)
    taken(room, "a", 100 * KIB)
    request.cache_clear()
    with pytest.raises(Busy):
        taken(room, "a", 100 * KIB)


def test_at_its_end_a_request_has_nothing_and_gets_nothing_any_more():
    in_memory = list[int]()
    room = Room(100 * KIB, 0, 0, tell=lambda measure: in_memory.append(measure()))
    first, _, _ = taken(room, "a", 10 * KIB), taken(room, "a", 20 * KIB), taken(room, "b", 30 * KIB)
    first()
    first()
    assert room.taken_bytes() == 50 * KIB, "what is given back twice counts once"
    room.end(request("a"))
    first()
    taken(room, "a", 40 * KIB)()
    room.end(request("a"))
    assert (room.taken_bytes(), in_memory[-1]) == (30 * KIB, 30 * KIB)
    room.end(request("b"))
    room.end(request("c"))
    assert (room.taken_bytes(), in_memory[-1]) == (0, 0)


def test_threads_that_take_and_give_back_leave_nothing():
    room, refused = Room(700 * KIB, 0, 0.001), list[int]()

    def work(number: int) -> None:
        mine = CurrentRequest("the same", "/forward")
        before = current_request.set(mine)
        try:
            kept = [room.take(each * KIB) for each in (number % 7 * 100, 50, 300)]
            kept[number % 3]()
            room.take_at_once(number * KIB)
            assert room.taken_bytes() >= 0
        except (Busy, TooLarge):
            refused.append(number)
        finally:
            room.end(mine)
            current_request.reset(before)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(work, range(1_000)))
    assert room.taken_bytes() == 0 and refused


def test_whoever_waits_goes_on_when_there_is_room():
    room, entered = Room(100 * KIB, 0, 30), threading.Event()
    give_back = taken(room, "a", 100 * KIB)

    def wait() -> None:
        taken(room, "b", 100 * KIB)
        entered.set()

    thread = threading.Thread(target=wait)
    thread.start()
    give_back()
    assert entered.wait(30)
    thread.join()


def test_work_for_no_request_is_not_counted():
    room = Room(1, 0, 0)
    room.take(1_000)()
    assert room.taken_bytes() == 0 and room.take_at_once(1_000) is not None


def test_a_picture_is_counted_for_as_long_as_somebody_has_its_pixels():
    room = Room(1, 1 << 30, 0)
    codec = RoomyPictureCodec(NpyPictureCodec(), NpyPictureMeasure(), room)
    content = codec.write(np.zeros((80, 100), np.uint8))
    with of("a"):
        pixels = codec.read_picture(content, GREY)
        codec.look(content)
    assert room.taken_bytes() == 8_000 * BYTES_A_PIXEL
    with of("b"), pytest.raises(Busy):
        codec.read_picture(content, GREY)
    del pixels
    gc.collect()
    assert room.taken_bytes() == 0


def test_a_broken_picture_takes_nothing():
    room = Room(1, 1 << 30, 0)
    codec = RoomyPictureCodec(NpyPictureCodec(), NpyPictureMeasure(), room)
    colour = codec.write(np.arange(60, dtype=np.uint8).reshape(4, 5, 3))
    with of("a"), pytest.raises(UnreadablePicture):
        codec.read_picture(colour, GREY)
    assert room.taken_bytes() == 0


def test_a_file_of_an_archive_is_counted_for_as_long_as_somebody_has_it():
    room = Room(1, 1 << 30, 0)
    content = zipped(("a.png", bytes(200_000)), ("b.png", bytes(100_000)))
    with of("a"):
        found = ZipPictureArchive(room.take).read(io.BytesIO(content), labelled=False)
        first = next(found)
        assert room.taken_bytes() == 200_000
        with of("b"), pytest.raises(Busy):
            room.take(100_000)
        del first
        gc.collect()
        assert room.taken_bytes() == 0
        del found
    gc.collect()
    assert room.taken_bytes() == 0


def test_a_file_that_does_not_unpack_takes_nothing():
    room = Room(1, 1 << 30, 0)
    content = bytearray(zipped(("a.png", random.Random(0).randbytes(100_000))))
    content[50_000:50_010] = bytes(10)
    with of("a"):
        broken, = ZipPictureArchive(room.take).read(io.BytesIO(content), labelled=False)
    assert isinstance(broken, BrokenFile) and room.taken_bytes() == 0


def test_a_video_is_counted_until_nobody_takes_frames_of_it():
    room = Room(1, 1 << 30, 0)
    codec = RoomyVideoCodec(LinesVideoCodec(), room.take)
    content = videos.written(codec, VideoContainer.MP4, list(videos.grey_frames(3, 60, 80)))
    for leave in (lambda frames: None, next, list):
        with of("a"):
            frames = codec.read(content, VideoContainer.MP4).frames
        assert room.taken_bytes() == 4_800 * BYTES_A_FRAME_PIXEL
        with of("b"), pytest.raises(Busy):
            codec.read(content, VideoContainer.MP4)
        leave(frames)
        del frames
        gc.collect()
        assert room.taken_bytes() == 0
