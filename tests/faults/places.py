"""Where a service lives: on one machine with all in its HOME, or with a database and a store of models elsewhere."""
from __future__ import annotations

import asyncio
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from functools import partial
from pathlib import Path

from tests.e2e.server import Server, wait_until
from tests.e2e.small_task import put_small_task
from tests.faults.clock import SettableClock
from tests.faults.database import SOCKET, PostgresqlCluster
from tests.faults.disk import SmallDisk, can_mount
from tests.faults.wire import Wire
from tests.faults.world import World, command_of, processes
from tests.s3 import BUCKET, KEYS, local_s3

_AWS = {f"AWS_{name.upper()}": value for name, value in KEYS.items()} | {"AWS_ALLOW_HTTP": "true"}
EXPERIMENTS = 2


@contextmanager
def one_machine(folder: Path) -> Iterator[World]:
    """SQLite and files in HOME, on a small disk where that can be had; one process answers."""
    with _world(folder, SmallDisk(folder / "home") if can_mount() else None, {}) as world:
        seed = folder / "seed"
        put_small_task(seed, EXPERIMENTS).storage().close()
        shutil.copytree(seed, world.home, dirs_exist_ok=True)
        yield world


@contextmanager
def apart(folder: Path) -> Iterator[World]:
    """PostgreSQL and S3 behind wires; two processes answer."""
    with ExitStack() as stack:
        host, port = stack.enter_context(local_s3())
        short = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="progon-pg-", ignore_cleanup_errors=True)))
        cluster = PostgresqlCluster(short)
        stack.callback(cluster.close)
        database_wire = Wire(lambda: asyncio.open_unix_connection(str(cluster.socket)))
        database_wire.listen_on(str(short / SOCKET))
        store_wire = Wire(partial(asyncio.open_connection, host, port))
        store = _AWS | {"AWS_ENDPOINT_URL": f"http://127.0.0.1:{store_wire.listen()}"}
        # The local S3 of a process keeps what an earlier one held.
        artifacts = f"s3://{BUCKET}/{folder.name}-{short.name}"
        settings = {"PROGON_DATABASE_URL": cluster.url_over(short), "PROGON_ARTIFACTS_URL": artifacts,
                    "PROGON_WORKERS": 2}
        parts = {"postgresql": cluster, "database_wire": database_wire, "store_wire": store_wire}
        world = stack.enter_context(_world(folder, None, settings | store, **parts))
        os.environ.update(store)
        stack.callback(lambda: [os.environ.pop(name) for name in store])
        put_small_task(world.home, EXPERIMENTS, database_url=cluster.url, artifacts_url=artifacts).storage().close()
        yield world


@contextmanager
def _world(folder: Path, disk: SmallDisk | None, settings: dict[str, object], **parts: object) -> Iterator[World]:
    home, clock = folder / "home", SettableClock(folder / "clock")
    home.mkdir(exist_ok=True)
    server = Server(home, PROGON_COMMIT_HASH="abc", PROGON_RECOVER_S=0.5, PROGON_TRAINING_THREADS=1,
                    PROGON_MIN_DISK_BYTES=1 << 20, PROGON_LOG_LEVEL="warning", **settings, **clock.environment)
    server.log = folder / "serve.log"
    if disk is not None:
        server.before = disk.command
    world = World(server, home if disk is None else disk.seen_from_outside, clock, disk, **parts)
    try:
        with server:
            yield world
        _wait_for_the_end_of_all(home)
    finally:
        world.close()
        shutil.rmtree(home, ignore_errors=True)


def _wait_for_the_end_of_all(home: Path) -> None:
    """Nothing outlives the service, whatever was killed of it."""
    with suppress(AssertionError):
        wait_until(lambda: not processes(home), "the end of all processes", 10)
    assert (left := [" ".join(command_of(process)) for process in processes(home)]) == [], left


PLACES = {"one machine": one_machine, "apart": apart}
