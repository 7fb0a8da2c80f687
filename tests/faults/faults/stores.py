"""The database and the store of models: away, locked, read-only, slow."""
from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from random import Random

import psutil

from tests.faults.fault import CHANGES, NOTHING, NotThere, fault
from tests.faults.world import World

_LOCK = """
import sqlite3, sys
connection = sqlite3.connect(sys.argv[1], timeout=60, isolation_level=None)
connection.execute("BEGIN EXCLUSIVE")
print("locked", flush=True)
sys.stdin.read()
connection.execute("ROLLBACK")
"""


@fault("sqlite", stops=NOTHING)
def the_database_is_locked(world: World, chance: Random) -> Iterator[None]:
    """By somebody else who writes; whoever else wants to waits."""
    command = [*world.server.before, sys.executable, "-c", _LOCK, str(world.server.home / "progon.db")]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout.readline() == b"locked\n"
        yield
        process.stdin.close()


@fault("disk", stops=CHANGES)
def the_database_is_read_only(world: World, chance: Random) -> Iterator[None]:
    """For connections that begin meanwhile."""
    files = [file for file in world.home.glob("progon.db*") if file.is_file()]
    for file in files:
        file.chmod(0o400)
    try:
        yield
    finally:
        for file in files:
            with suppress(FileNotFoundError):
                file.chmod(0o600)


@fault("postgresql", stops=CHANGES)
def the_database_is_away(world: World, chance: Random) -> Iterator[None]:
    world.postgresql.stop()
    yield
    world.postgresql.start()


@fault("postgresql", stops=CHANGES)
def the_database_crashes(world: World, chance: Random) -> Iterator[None]:
    """One of its processes is killed; it ends the others and reads its log from the last checkpoint on."""
    if not (backends := world.postgresql.backends()):
        raise NotThere
    with suppress(psutil.NoSuchProcess):
        chance.choice(backends).kill()
    yield


@fault("postgresql", stops=CHANGES)
def the_way_to_the_database_is_cut(world: World, chance: Random) -> Iterator[None]:
    world.database_wire.cut()
    yield
    world.database_wire.mend()


@fault("store", stops=CHANGES)
def the_store_of_models_is_away(world: World, chance: Random) -> Iterator[None]:
    world.store_wire.cut()
    yield
    world.store_wire.mend()


@fault("store", stops=NOTHING)
def the_store_of_models_is_slow(world: World, chance: Random) -> Iterator[None]:
    world.store_wire.delay_s = chance.uniform(0.1, 0.5)
    yield
    world.store_wire.delay_s = 0
