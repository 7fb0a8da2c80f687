"""The threads that put right what killed processes leave, over the real stores."""
from __future__ import annotations

import io
import logging
import os
from datetime import datetime, timedelta

import pytest
from sqlmodel import select

from adapters.sqlmodel.models import BatchRecord, BatchState
from application.use_cases.recover_experiments import Recovered
from entrypoints.processes.training import recovering
from entrypoints.settings import Settings
from entrypoints.wiring.container import make_container
from tests.waiting import until

EVERY_S = 0.02


@pytest.fixture
def container(tmp_path):
    container = make_container(Settings(home=tmp_path, commit_hash="abc"))
    container.storage().migrate()
    yield container
    container.storage().close()


def test_the_rows_of_a_killed_writer_are_removed(container, caplog):
    silent = container.clock().now() - timedelta(hours=2)
    with container.database().write() as session:
        session.add(BatchRecord(task="gone", batch_id="1", state=BatchState.STAGED, created_at=silent,
                                touched_at=silent))
    with caplog.at_level(logging.ERROR), recovering(container.recovery(), EVERY_S):
        until(lambda: not _batches(container))
    assert not caplog.messages


def test_the_artifacts_of_a_killed_writer_are_removed(container, tmp_path, caplog):
    container.artifact_store().put("1/whole", io.BytesIO(b"whole"))
    folder, = {path.parent.parent for path in tmp_path.rglob("whole")}
    left = folder / ":unfinished-0123"
    left.write_bytes(b"half")
    os.utime(left, (0, 0))
    with recovering(container.recovery(), EVERY_S):
        until(lambda: not left.exists())
    assert container.artifact_store().read("1/whole") == b"whole" and not caplog.messages


def test_what_cannot_be_swept_hinders_no_recovery(container, caplog):
    """Only an outage of the record itself makes the patience with silent runs begin anew."""
    class Unsweepable:
        def sweep(self) -> int:
            raise OSError("the disk is full")

    container.feature_store.override(Unsweepable())
    listening_since = []

    class NothingToRecover:
        def execute(self, since: datetime) -> Recovered:
            listening_since.append(since)
            return Recovered(())

    container.recover_experiments.override(NothingToRecover())
    with recovering(container.recovery(), EVERY_S):
        until(lambda: len(listening_since) >= 3)
    assert len(set(listening_since)) == 1
    assert caplog.messages == ["what killed writers left could not be removed: the disk is full"]


def _batches(container) -> list[int]:
    with container.database().read() as session:
        return list(session.exec(select(BatchRecord.id)))
