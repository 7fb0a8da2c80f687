"""kill -9, and a freeze for a while, of each process that a service has."""
from __future__ import annotations

import signal
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from functools import partial
from random import Random

import psutil

from tests.e2e.server import wait_until
from tests.faults.fault import FAULTS, NOTHING, Fault, NotThere, fault
from tests.faults.load import ROUTES
from tests.faults.world import RUN, STAGES, World, command_of

_COMES_WITHIN_S = 5.0
IsIt = Callable[[psutil.Process, list[str]], bool]


@fault()
def the_service_is_killed(world: World, chance: Random) -> Iterator[None]:
    """With all that it has started, which dies with it; the next one begins at once, or a little later."""
    _running(world).kill()
    world.server.process.wait()
    yield
    world.server.launch()


@fault()
def the_service_is_stopped_and_started(world: World, chance: Random) -> Iterator[None]:
    _running(world)
    assert world.server.stop() == 0
    yield
    world.server.launch()


@fault()
def the_service_freezes(world: World, chance: Random) -> Iterator[None]:
    yield from _frozen(_running(world))


def _running(world: World) -> psutil.Process:
    """Raises: NotThere while another fault keeps it from running."""
    if world.server.process.poll() is not None:
        raise NotThere
    return psutil.Process(world.server.process.pid)


def _is_module(name: str, _: psutil.Process, command: list[str]) -> bool:
    return f"entrypoints.processes.{name}" in command


def _is_spawned_by(name: str, process: psutil.Process, command: list[str]) -> bool:
    """A worker of what has `name` in its command."""
    if not any("spawn_main" in word for word in command):
        return False
    with suppress(psutil.Error):
        parent = process.parent()
        return parent is not None and name in command_of(parent)
    return False


def _is_stage(_: psutil.Process, command: list[str]) -> bool:
    return any(word.rpartition("/")[2] in STAGES for word in command[:3])


KINDS: Mapping[str, tuple[IsIt, str, frozenset[str]]] = {
    "a process that answers": (partial(_is_spawned_by, "serve"), "workers", ROUTES),
    "housekeeping": (partial(_is_module, "housekeeping"), "", NOTHING),
    "the engine": (partial(_is_module, "engine"), "", NOTHING),
    "a worker of the engine": (partial(_is_spawned_by, "entrypoints.processes.engine"), "", NOTHING),
    "a run": (lambda _, command: RUN in command, "", NOTHING),
    "a stage of a run": (_is_stage, "", NOTHING),
}


@contextmanager
def _killed(is_it: IsIt, world: World, chance: Random) -> Iterator[None]:
    with suppress(psutil.NoSuchProcess):
        _of(world, is_it).kill()
    yield


@contextmanager
def _freezes(is_it: IsIt, world: World, chance: Random) -> Iterator[None]:
    yield from _frozen(_of(world, is_it))


def _of(world: World, is_it: IsIt) -> psutil.Process:
    """Raises: NotThere if none comes."""
    try:
        return wait_until(partial(world.find, is_it), "such a process", _COMES_WITHIN_S)
    except AssertionError:
        raise NotThere from None


def _frozen(process: psutil.Process) -> Iterator[None]:
    with suppress(psutil.NoSuchProcess):
        process.send_signal(signal.SIGSTOP)
    try:
        yield
    finally:
        with suppress(psutil.NoSuchProcess):
            process.send_signal(signal.SIGCONT)


FAULTS += [Fault(f"{name} {how}", partial(strike, is_it), needs, stops, loses_answers=False)
           for name, (is_it, needs, stops) in KINDS.items()
           for how, strike in (("is killed", _killed), ("freezes", _freezes))]
