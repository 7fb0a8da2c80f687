"""What has to be so once it is quiet again, whatever struck."""
from __future__ import annotations

import os
import pickle
import subprocess
import sys
from collections import Counter
from pathlib import Path

import numpy as np
from sqlmodel import select

from adapters.sqlmodel.models import PredictionRecord
from entrypoints.settings import Settings
from entrypoints.wiring import get
from entrypoints.wiring.container import Container, make_container
from tests.builders import DISTANCE
from tests.e2e.server import wait_until, web
from tests.e2e.small_task import TASK
from tests.faults.ledger import Ledger
from tests.faults.load import BATCH_ROWS, FIRST_NUMBER, FORWARD, numbers_of
from tests.faults.world import World
from tests.order import ROOT

QUIET_WITHIN_S = 120.0


def check(world: World, ledger: Ledger, file: Path) -> None:
    """After the last fault, with nobody who asks. file: for what the clients were told. Raises: AssertionError."""
    assert not (failures := ledger.unexplained()), failures[:5]
    file.write_bytes(pickle.dumps(ledger))
    # Where the service runs: its disk may be there alone.
    told = subprocess.run([*world.server.before, sys.executable, "-m", __name__, str(file)], capture_output=True,
                          text=True, env=dict(world.server.environment) | {"PYTHONPATH": str(ROOT)},
                          timeout=3 * QUIET_WITHIN_S)
    assert told.returncode == 0, told.stdout + told.stderr
    check_deployments(world, ledger)


def cancel_all(world: World) -> None:
    """For who has no time to wait until trainings end by themselves: those that live end soon then."""
    told = web.get(f"{world.server.url}/experiments?task=small&limit=20").raise_for_status().json()["experiments"]
    for number in [entry["experiment_id"] for entry in told if entry["finished_at"] is None]:
        # It may have ended meanwhile.
        assert web.post(f"{world.server.url}/experiments/{number}/cancel", timeout=60).status_code in (202, 409)


def main(file: str) -> None:
    ledger: Ledger = pickle.loads(Path(file).read_bytes())
    container = make_container(Settings.from_environment(os.environ))
    check_answers(container, ledger)
    check_rows(container, ledger)
    check_experiments(container, ledger)
    # As `progon check` tells it: database, artifacts and models agree.
    assert (wrong := list(get.what_is_wrong(container).look())) == [], wrong
    container.storage().close()


def check_answers(container: Container, ledger: Ledger) -> None:
    """Each once in the prediction log, of the experiment that the client was told; what was not acknowledged may be
    there once."""
    needed = {request_id for request_id in ledger.answered if not ledger.may_be_lost(request_id)}
    wait_until(lambda: needed <= {request_id for request_id, _ in _logged(container)}, "the prediction log",
               QUIET_WITHIN_S)
    logged = _logged(container)
    twice = [request_id for request_id, times in Counter(request_id for request_id, _ in logged).items() if times > 1]
    assert twice == []
    for request_id, experiment_id in logged:
        assert ledger.answered.get(request_id, (experiment_id,))[0] == experiment_id


def _logged(container: Container) -> list[tuple[str, int]]:
    asked = select(PredictionRecord.request_id, PredictionRecord.experiment_id).where(PredictionRecord.route == FORWARD)
    with container.database().read() as session:
        return [(request_id, experiment_id) for request_id, experiment_id in session.exec(asked)]


def check_rows(container: Container, ledger: Ledger) -> None:
    """Each acknowledged row once, in the version that the client was told; nothing else of half a batch."""
    store = container.feature_store()
    versions = store.versions(TASK.name)
    tables = store.read(TASK, versions[-1].version, columns=[DISTANCE])
    numbers = np.concatenate([table[DISTANCE] for table in tables])
    times = Counter(numbers[numbers >= FIRST_NUMBER].astype(int).tolist())
    for batch, version in ledger.batches.items():
        assert {times[number] for number in numbers_of(batch)} == {1}, f"the rows of batch {batch}"
        assert versions[version - 1].rows_added == BATCH_ROWS
    assert set(times.values()) <= {1} and len(times) % BATCH_ROWS == 0
    assert len(versions) == 1 + len(times) // BATCH_ROWS


def check_experiments(container: Container, ledger: Ledger) -> None:
    """All are known and have ended, or end now."""
    log = container.experiment_log()
    assert set(ledger.experiments) <= {experiment.id for experiment in log.list(limit=1_000_000)}
    wait_until(lambda: all(experiment.status.is_final for experiment in log.list(limit=1_000_000)),
               "the end of every experiment", QUIET_WITHIN_S)


def check_deployments(world: World, ledger: Ledger) -> None:
    """Each acknowledged one is in the history, which has no gaps; the newest serves, and is the last acknowledged one
    unless an attempt that nobody knows the end of came later. One more works at once."""
    history = web.get(f"{world.server.url}/deployments?task=small&limit=1000").json()["deployments"]
    serving = {entry["generation"]: entry["experiment_id"] for entry in history}
    assert sorted(serving) == list(range(1, len(serving) + 1))
    assert serving.items() >= ledger.deployed.items()
    told, newest = max(ledger.deployed, default=1), history[0]
    for entry in history:
        if entry["generation"] > told:
            assert entry["experiment_id"] in {*ledger.attempted, serving[told]}, entry
    assert _metadata(world)["experiment_id"] == newest["experiment_id"]
    deployed = web.post(f"{world.server.url}/deploy/2", timeout=60)
    assert deployed.status_code == 200, deployed.text
    assert _metadata(world)["experiment_id"] == 2


def _metadata(world: World) -> dict:
    return web.get(f"{world.server.url}/metadata?task=small").raise_for_status().json()


if __name__ == "__main__":
    main(sys.argv[1])
