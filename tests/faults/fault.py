"""What a fault is."""
from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from random import Random

from tests.faults.load import ADD_DATA, DEPLOY, RETRAIN, ROUTES
from tests.faults.world import World

# What needs more than a model and a disk.
CHANGES = frozenset({ADD_DATA, RETRAIN, DEPLOY})
NOTHING: frozenset[str] = frozenset()


class NotThere(Exception):
    """What was to be broken is not there at the moment."""


Strike = Callable[[World, Random], AbstractContextManager[None]]


@dataclass(frozen=True)
class Fault:
    """strike: breaks it at the beginning of its block and mends it at the end. needs: one of World.has(). stops: routes
    that may fail until all is well again. loses_answers: what is answered meanwhile need not be in the log."""

    name: str
    strike: Strike
    needs: str
    stops: frozenset[str]
    loses_answers: bool


FAULTS: list[Fault] = []


def fault(needs: str = "", stops: frozenset[str] = ROUTES, loses_answers: bool = False
          ) -> Callable[[Callable[[World, Random], Iterator[None]]], object]:
    """Registers a generator that breaks, yields and mends."""
    def register(strike: Callable[[World, Random], Iterator[None]]) -> object:
        name = strike.__name__.replace("_", " ")
        FAULTS.append(Fault(name, contextmanager(strike), needs, stops, loses_answers))
        return strike
    return register
