"""The collector of garbage does not look again at what is there when a process has settled."""
from __future__ import annotations

import gc
import weakref
from collections.abc import Iterator

import pytest

from entrypoints.processes import garbage


class Ring:
    def __init__(self) -> None:
        self.itself = self


@pytest.fixture(autouse=True)
def as_before() -> Iterator[None]:
    before = gc.get_threshold()
    yield
    gc.unfreeze()
    gc.set_threshold(*before)


def test_what_lives_is_put_aside_and_what_is_dead_is_not() -> None:
    living, dead = Ring(), weakref.ref(Ring())
    garbage.settle()
    assert dead() is None and living.itself is living
    assert not any(one is living for one in gc.get_objects())
    assert gc.get_threshold() == garbage.THRESHOLDS


def test_what_comes_later_is_collected() -> None:
    garbage.settle()
    later = weakref.ref(Ring())
    gc.collect()
    assert later() is None
