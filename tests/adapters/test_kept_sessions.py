"""Sessions that are closed when others need the memory, and opened again for whoever asks."""
from __future__ import annotations

import gc
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import onnx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.catboost.pictures.trainer import CatboostClassTrainer
from adapters.catboost.pixels.trainer import CatboostPixelTrainer
from adapters.catboost.trainer import CatboostTrainer
from adapters.onnx.kept_sessions import KeptSession, KeptSessions, memory_of
from adapters.onnx.model_runner import OnnxModelLoader
from adapters.onnx.session import read_proto
from domain.prediction import Predictions
from domain.table import Table
from tests.builders import FEATURES, make_parts, make_table, make_task
from tests.pictures import (
    IMAGE,
    make_class_parts,
    make_class_task,
    make_classified,
    make_picture_parts,
    make_picture_task,
    make_pictures,
)

NAMES = [column.name for column in FEATURES]


class Session:
    """Answers with its number, as a session that was opened would."""

    def __init__(self, number: int) -> None:
        self.number = number

    def run(self, outputs, feed) -> list:
        return [self.number]


class Opened:
    """How often each of the sessions was opened; `meanwhile` is called in the middle of it."""

    def __init__(self, most_bytes: int, sizes: list[int], meanwhile: Callable[[], object] = lambda: None) -> None:
        self.times, self._meanwhile = [0] * len(sizes), meanwhile
        self.sessions = KeptSessions(most_bytes)
        self.kept = [self.sessions.keep(lambda number=number: self._open(number), size)
                     for number, size in enumerate(sizes)]

    def _open(self, number: int) -> Session:
        self.times[number] += 1
        self._meanwhile()
        return Session(number)

    @property
    def open_now(self) -> list[int]:
        return [number for number, kept in enumerate(self.kept) if kept.is_open]


def ask(kept: KeptSession) -> object:
    return kept.run(None, {})[0]


@given(st.integers(1, 12), st.lists(st.integers(1, 5), min_size=1, max_size=6), st.data())
def test_those_asked_last_are_open_and_within_the_bound(most: int, sizes: list[int], data: st.DataObject) -> None:
    opened, recent = Opened(most, sizes), []
    for number in data.draw(st.lists(st.integers(0, len(sizes) - 1), max_size=20)):
        was_open, times = opened.open_now, opened.times[number]
        assert ask(opened.kept[number]) == number
        recent = [number, *(other for other in recent if other != number)]
        assert opened.times[number] == times + (number not in was_open)
        assert opened.open_now == sorted(recent[:len(opened.open_now)]), "the longest ago is closed first"
        assert sum(sizes[one] for one in opened.open_now) <= most or opened.open_now == [number]


def test_one_that_is_open_from_the_start_counts() -> None:
    opened = Opened(3, [2])
    ask(opened.kept[0])
    other = opened.sessions.keep(lambda: Session(7), 2, Session(6))
    assert opened.open_now == [] and ask(other) == 6
    other.close()
    assert ask(other) == 7


def test_what_nobody_holds_takes_no_room() -> None:
    opened = Opened(3, [2, 2])
    ask(opened.kept[0])
    del opened.kept[0]
    gc.collect()
    ask(opened.kept[0])
    other = opened.sessions.keep(lambda: Session(9), 1)
    ask(other)
    assert opened.open_now == [0], "2 and 1 are within 3"


def test_many_who_ask_at_once_wait_for_one_opening() -> None:
    go_on, asking = threading.Event(), threading.Semaphore(0)
    opened = Opened(1, [1], lambda: go_on.wait(30))

    def work() -> object:
        asking.release()
        return ask(opened.kept[0])

    with ThreadPoolExecutor(8) as pool:
        asked = [pool.submit(work) for _ in range(8)]
        for _ in asked:
            assert asking.acquire(timeout=30)
        go_on.set()
        assert [one.result(30) for one in asked] == [0] * 8
    assert opened.times == [1]


def test_an_opening_that_fails_is_told_and_tried_again() -> None:
    failures = [OSError("no memory")]

    def open_session() -> Session:
        if failures:
            raise failures.pop()
        return Session(3)

    kept = KeptSessions(1).keep(open_session, 1)
    with pytest.raises(OSError, match="no memory"):
        ask(kept)
    assert ask(kept) == 3


# --- and the models of all kinds, when not even one of them has room ---

def rows_of(seed: int) -> Table:
    return make_table(make_task(), 3, seed).select(NAMES)


def pixels_of(seed: int) -> Table:
    # Of a size that goes through tiles, and of one that does not.
    sides = {"height": 40, "width": 56} if seed % 2 else {"height": 760, "width": 720}
    return make_pictures(make_picture_task(), 1, seed, **sides).select([IMAGE])


def pictures_of(seed: int) -> Table:
    return make_classified(make_class_task(), 2, seed).select([IMAGE])


@pytest.fixture(scope="module")
def files(tmp_path_factory) -> list[tuple[bytes, Callable[[int], Table]]]:
    folder, made = tmp_path_factory.mktemp("events"), []
    for trainer, task, parts, rows in (
            (CatboostTrainer(1), make_task(), make_parts(make_task(), 200), rows_of),
            (CatboostPixelTrainer(1), make_picture_task(), make_picture_parts(make_picture_task()), pixels_of),
            (CatboostClassTrainer(1), make_class_task(), make_class_parts(make_class_task(), 30), pictures_of)):
        made.append((trainer.fit(task, parts, folder, lambda *_: None).export(), rows))
    return made


def test_models_that_close_each_other_answer_as_ever_side_by_side(files) -> None:
    loaders = OnnxModelLoader(most_bytes=1), OnnxModelLoader()
    squeezed, roomy = ([loader.load(model) for model, _ in files] for loader in loaders)

    def expected(number: int, seed: int) -> Predictions:
        return roomy[number].predict(files[number][1](seed))

    wanted = {(number, seed): expected(number, seed) for number in range(3) for seed in range(2)}

    def work(start: int) -> None:
        for turn in range(6):
            number, seed = (start + turn) % 3, (start + turn) % 2
            answer, same = squeezed[number].predict(files[number][1](seed)), wanted[number, seed]
            np.testing.assert_array_equal(answer.numbers, same.numbers)

    with ThreadPoolExecutor(4) as pool:
        for done in [pool.submit(work, start) for start in range(4)]:
            done.result()


def test_the_estimate_grows_with_what_a_file_holds(files) -> None:
    proto = read_proto(files[0][0])
    before = memory_of(proto)
    assert len(files[0][0]) < before < 100 * len(files[0][0])
    proto.graph.initializer.append(onnx.numpy_helper.from_array(np.zeros(1 << 20, np.float32), "weights"))
    assert memory_of(proto) - before >= 4 << 20
    leaves = onnx.helper.make_node("TreeEnsembleRegressor", ["x"], ["y"], target_weights=[0.5] * 100_000)
    branch = onnx.helper.make_graph([leaves], "branch", [], [])
    proto.graph.node.append(onnx.helper.make_node("If", ["many"], ["y"], then_branch=branch))
    assert memory_of(proto) - before >= (4 << 20) + 4_000_000, "what stands in a branch counts too"
