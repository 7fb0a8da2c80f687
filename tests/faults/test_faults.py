"""A live service under load is killed, frozen, cut off and starved in random order: nothing that it acknowledged is
lost or there twice, nothing hangs, and it answers on wherever the fault leaves it what it needs for that."""
from __future__ import annotations

from time import monotonic

import pytest

from tests.faults import faults
from tests.faults.invariants import cancel_all, check
from tests.faults.ledger import Ledger
from tests.faults.load import Load
from tests.faults.places import PLACES
from tests.faults.storm import Storm

pytestmark = [pytest.mark.e2e, pytest.mark.slow]
FEW = {"one machine": 6}
IN_ONE_TEST = 10


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """A few with a seed that stays, or as many as were asked for, in tests of IN_ONE_TEST by turns in each place."""
    wanted, seed = (metafunc.config.getoption(name) for name in ("--faults", "--faults-seed"))
    if not wanted:
        metafunc.parametrize("place, count, seed", [(place, count, 1) for place, count in FEW.items()])
        return
    parts = [(list(PLACES)[part % len(PLACES)], min(IN_ONE_TEST, wanted - done), seed + part)
             for part, done in enumerate(range(0, wanted, IN_ONE_TEST))]
    metafunc.parametrize("place, count, seed", parts)


def test_nothing_is_lost(place: str, count: int, seed: int, tmp_path, request):
    ledger = Ledger()
    print(f"\n{place}: {count} faults, seed {seed}")
    with PLACES[place](tmp_path) as world:
        world.server.start("/readyz")
        load = Load(world.url, ledger, seed)
        storm = Storm(world, ledger, faults.FAULTS, seed)
        load.start()
        try:
            storm.blow(count)
        finally:
            load.stop()
        quiet = monotonic()
        if not request.config.getoption("--faults"):
            cancel_all(world)
        print(f"{len(ledger.answered)} answers, {len(ledger.batches)} batches, {len(ledger.experiments)} trainings, "
              f"{len(ledger.deployed)} deployments acknowledged; {len(ledger.failures)} requests failed")
        check(world, ledger, tmp_path / "ledger")
        print(f"looked through in {monotonic() - quiet:.1f} s")
