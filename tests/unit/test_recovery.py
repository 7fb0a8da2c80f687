"""The thread that puts right what killed processes leave, over the real stores."""
from __future__ import annotations

import io
import logging
import os
from datetime import datetime, timedelta

import pytest
from sqlmodel import select

from adapters.sqlmodel.models import BatchRecord, BatchState
from application.use_cases.recover_experiments import Recovered
from entrypoints.container import make_container
from entrypoints.settings import Settings
from entrypoints.training import Recovery
from tests.waiting import until


@pytest.fixture
def container(tmp_path):
    container = make_container(Settings(home=tmp_path, recover_s=0.02, commit_hash="abc"))
    container.storage().migrate()
    yield container
    container.storage().close()


def test_the_rows_of_a_killed_writer_are_removed(container, caplog):
    silent = container.clock().now() - timedelta(hours=2)
    with container.database().write() as session:
        session.add(BatchRecord(task="gone", batch_id="1", state=BatchState.STAGED, created_at=silent,
                                touched_at=silent))
    recovery = Recovery(container)
    with caplog.at_level(logging.ERROR):
        recovery.start()
        try:
            until(lambda: not _batches(container))
        finally:
            recovery.stop()
    assert not caplog.messages


def test_the_artifacts_of_a_killed_writer_are_removed(container, tmp_path, caplog):
    container.artifact_store().put("1/whole", io.BytesIO(b"whole"))
    folder, = {path.parent.parent for path in tmp_path.rglob("whole")}
    left = folder / ":unfinished-0123"
    left.write_bytes(b"half")
    os.utime(left, (0, 0))
    recovery = Recovery(container)
    recovery.start()
    try:
        until(lambda: not left.exists())
    finally:
        recovery.stop()
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
    recovery = Recovery(container)
    recovery.start()
    until(lambda: len(listening_since) >= 3)
    recovery.stop()
    assert len(set(listening_since)) == 1
    assert caplog.messages == ["what killed writers left could not be removed: the disk is full"]


def _batches(container) -> list[int]:
    with container.database().read() as session:
        return list(session.exec(select(BatchRecord.id)))
