"""Attacks on a live service with a good client beside each: what is refused is refused in words, the memory stays
within its bound, and the good client is answered."""
from __future__ import annotations

import time
from collections.abc import Iterator

import pytest

from tests.e2e.server import Server
from tests.e2e.small_task import put_small_task
from tests.hostile import attacks
from tests.hostile.attack import Attack, Target
from tests.hostile.beside import Seen, watched
from tests.hostile.picture_task import put_picture_task

pytestmark = [pytest.mark.e2e, pytest.mark.slow]
MEMORY_BYTES = 1_200_000_000
# The good client's, in times of what it is while nobody else asks.
MOST_SLOWER = 5
# So long it is looked at where its times are judged: the slowest of a few dozen answers is no percentile.
THOROUGH_S = 4.0


@pytest.fixture(scope="module")
def target(tmp_path_factory) -> Iterator[Target]:
    home = tmp_path_factory.mktemp("home")
    container = put_small_task(home)
    put_picture_task(container, home)
    container.storage().close()
    # Nothing is trained here, so no engine for it is started.
    with Server(home, PROGON_LOG_LEVEL="warning", PROGON_DASK_SCHEDULER="tcp://127.0.0.1:1") as server:
        server.start("/readyz")
        yield Target(server)


@pytest.fixture(scope="module")
def idle(target, request) -> Seen:
    with watched(target.server.port, target.server.process.pid) as seen:
        # How long is looked, not something waited for.
        time.sleep(THOROUGH_S if request.config.getoption("--all-attacks") else 1)
    return seen


@pytest.mark.parametrize("attack", attacks.ATTACKS, ids=lambda attack: attack.name)
def test_holds(attack: Attack, target, idle, request):
    thorough = request.config.getoption("--all-attacks")
    if attack.is_long and not thorough:
        pytest.skip("a long one: make hostile runs it")
    began, told = time.monotonic(), target.server.log.stat().st_size
    with watched(target.server.port, target.server.process.pid) as seen:
        attack.run(target)
        while thorough and time.monotonic() - began < THOROUGH_S:
            attack.run(target)
    print(f"\n{attack.name}: {time.monotonic() - began:.1f} s, {seen.peak_bytes / 1e6:.0f} MB, good client "
          f"{seen.p99_s * 1000:.1f} ms (idle {idle.p99_s * 1000:.1f} ms) at the 99th percentile of "
          f"{len(seen.durations_s)}")
    assert seen.failed == []
    assert seen.peak_bytes < MEMORY_BYTES
    if thorough:
        assert seen.p99_s < MOST_SLOWER * idle.p99_s
    assert b"Traceback" not in target.server.log.read_bytes()[told:], "a failure that nobody foresaw"
