"""What a service stands on: a network, a clock, a disk."""
from __future__ import annotations

from collections.abc import Iterator
from random import Random

from tests.faults.fault import CHANGES, NOTHING, fault
from tests.faults.world import World

MINUTE_S = 60
_JUMPS_S = (2 * MINUTE_S, 60 * MINUTE_S, 24 * 60 * MINUTE_S)


@fault()
def the_network_is_cut(world: World, chance: Random) -> Iterator[None]:
    world.wire.cut()
    yield
    world.wire.mend()


@fault()
def connections_break(world: World, chance: Random) -> Iterator[None]:
    """And can be made again at once: what was asked may have been done."""
    world.wire.cut()
    world.wire.mend()
    yield


@fault(stops=NOTHING)
def the_network_is_slow(world: World, chance: Random) -> Iterator[None]:
    world.wire.delay_s = chance.uniform(0.05, 0.3)
    yield
    world.wire.delay_s = 0


@fault(stops=NOTHING)
def the_clock_goes_forth_and_back(world: World, chance: Random) -> Iterator[None]:
    world.clock.set(chance.choice(_JUMPS_S))
    yield
    world.clock.set(0)


@fault(stops=NOTHING)
def the_clock_goes_back_and_forth(world: World, chance: Random) -> Iterator[None]:
    world.clock.set(-chance.choice(_JUMPS_S))
    yield
    world.clock.set(0)


@fault("disk", stops=CHANGES, loses_answers=True)
def the_disk_is_full(world: World, chance: Random) -> Iterator[None]:
    with world.disk.filled():
        yield
