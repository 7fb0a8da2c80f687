"""What only files can get wrong: kills, torn lines, a full disk, folders of the dead."""
from __future__ import annotations

import errno
import os
import random
import resource
import signal
import sys
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from adapters.spool import lines
from adapters.spool.prediction_log import SpoolPredictionLog
from adapters.spool.prediction_spool import SpoolPredictionSpool
from tests.builders import make_answered
from tests.contracts.processes import start_process
from tests.fakes.telemetry import InMemoryTelemetry


@pytest.fixture
def telemetry():
    return InMemoryTelemetry()


@pytest.fixture
def log(tmp_path, telemetry):
    return SpoolPredictionLog(tmp_path, telemetry)


def ids(spool: SpoolPredictionSpool) -> list[str]:
    return [entry.rows.request_id for entry in spool.pending(10**9)]


def segments(folder: Path) -> list[Path]:
    return sorted(folder.glob("*/*.ndjson"))


def test_a_line_is_text_that_a_person_can_read(log, tmp_path):
    log.append(make_answered(request_id="0190-abc"))
    line, = segments(tmp_path)[0].read_text().splitlines()
    assert line[8:].startswith(' 1 {"request_id":"0190-abc","created_at":"20')


@pytest.mark.parametrize("harm", [
    lambda text: text[:-1], lambda text: text[:-40], lambda text: text[:5], lambda text: text[:-30] + b"x" + text[-29:],
], ids=["no newline", "half", "five bytes", "one byte changed"])
def test_a_torn_tail_is_left_out_and_counted(harm, log, tmp_path):
    for name in ("a", "b"):
        log.append(make_answered(request_id=name))
    whole = lines.encode(make_answered(request_id="torn"))
    with segments(tmp_path)[0].open("ab") as file:
        file.write(harm(whole))
    log.close()
    spool = SpoolPredictionSpool(tmp_path)
    # Without its newline the line is whole all the same; the checksum says so.
    is_whole = harm(whole) == whole[:-1]
    assert ids(spool) == ["a", "b"] + ["torn"] * is_whole
    spool.shipped()
    assert (spool.torn(), spool.backlog_rows(), segments(tmp_path)) == (0 if is_whole else 1, 0, [])


def test_a_torn_line_in_the_middle_hides_no_other(log, tmp_path):
    for name in ("a", "b", "c"):
        log.append(make_answered(request_id=name))
    path = segments(tmp_path)[0]
    path.write_bytes(path.read_bytes().replace(b'"b"', b'"B"'))
    assert ids(SpoolPredictionSpool(tmp_path)) == ["a", "c"]


def test_half_a_line_of_the_living_is_waited_for(log, tmp_path):
    log.append(make_answered(request_id="a"))
    line = lines.encode(make_answered(request_id="b"))
    spool = SpoolPredictionSpool(tmp_path)
    with segments(tmp_path)[0].open("ab", buffering=0) as file:
        file.write(line[:20])
        assert ids(spool) == ["a"]
        spool.shipped()
        file.write(line[20:])
    assert ids(spool) == ["b"]
    assert spool.torn() == 0


def test_a_file_is_deleted_when_it_is_full_and_shipped(tmp_path, telemetry):
    log = SpoolPredictionLog(tmp_path, telemetry, max_segment_bytes=1_000)
    spool = SpoolPredictionSpool(tmp_path)
    for number in range(20):
        log.append(make_answered(request_id=str(number)))
    assert len(segments(tmp_path)) > 3
    assert ids(spool) == [str(number) for number in range(20)]
    spool.shipped()
    assert len(segments(tmp_path)) == 1, "the one that is written to stays"
    log.append(make_answered(request_id="more"))
    assert ids(spool) == ["more"]


def test_an_old_file_is_left_for_a_new_one(tmp_path, telemetry):
    log = SpoolPredictionLog(tmp_path, telemetry, max_segment_age_s=0.0)
    for number in range(3):
        log.append(make_answered(request_id=str(number)))
    assert len(segments(tmp_path)) == 3


def test_another_taker_is_given_nothing_while_the_first_lives(log, tmp_path):
    log.append(make_answered(request_id="a"))
    first, second = SpoolPredictionSpool(tmp_path), SpoolPredictionSpool(tmp_path)
    assert (ids(first), ids(second), second.backlog_rows()) == (["a"], [], 0)
    first.close()
    assert ids(second) == ["a"]


def test_a_restart_gives_the_same_entries_again(log, tmp_path):
    for number in range(3):
        log.append(make_answered(request_id=str(number)))
    first = SpoolPredictionSpool(tmp_path)
    given = first.pending(10)
    first.shipped()
    first.close()
    assert SpoolPredictionSpool(tmp_path).pending(10) == given, "the store knows them by their ids"


def test_a_batch_that_a_kill_cut_short_is_never_given(log, tmp_path):
    batch = log.batch()
    add = batch.__enter__()
    add(make_answered(5, "cut"))
    log.append(make_answered(request_id="a"))
    log.close()
    spool = SpoolPredictionSpool(tmp_path)
    assert ids(spool) == ["a"]
    spool.shipped()
    spool.backlog_rows()
    assert list(tmp_path.glob("*/*")) == []


def test_a_full_disk_loses_rows_and_says_so(log, tmp_path, telemetry, monkeypatch):
    """Half of a line still goes onto the disk, then none."""
    log.append(make_answered(request_id="before"))
    write = os.write

    def short_write(file: int, data: bytes) -> int:
        monkeypatch.setattr(os, "write", no_write)
        return write(file, data[:len(data) // 2])

    def no_write(file: int, data: bytes) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "write", short_write)
    log.append(make_answered(3, "lost"))
    assert telemetry.lost_rows == 3
    monkeypatch.setattr(os, "write", write)
    log.append(make_answered(request_id="after"))
    log.close()
    spool = SpoolPredictionSpool(tmp_path)
    assert ids(spool) == ["before", "after"]
    spool.shipped()
    assert spool.torn() == 0


def test_a_short_write_is_finished(log, tmp_path, monkeypatch):
    write = os.write
    monkeypatch.setattr(os, "write", lambda file, data: write(file, data[:7]))
    log.append(make_answered(request_id="a"))
    assert ids(SpoolPredictionSpool(tmp_path)) == ["a"]


def append_with_little_room(folder: str) -> None:
    """The kernel itself refuses to let a file grow: a limit on its size, as a quota would be."""
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (4_000, 4_000))
    telemetry = InMemoryTelemetry()
    log = SpoolPredictionLog(Path(folder), telemetry)
    for number in range(40):
        log.append(make_answered(request_id=str(number)))
    with log.batch() as add:
        add(make_answered(400, "batch"))
    print(telemetry.lost_rows, flush=True)


def test_where_files_cannot_grow_what_is_not_counted_as_lost_is_there(tmp_path):
    process = start_process(append_with_little_room, str(tmp_path))
    lost = int(process.communicate(timeout=60)[0])
    kept = ids(SpoolPredictionSpool(tmp_path))
    assert 400 < lost < 440 and len(kept) == 440 - lost
    assert kept == [str(number) for number in range(len(kept))]


def append_and_tell(folder: str, name: str) -> None:
    log = SpoolPredictionLog(Path(folder), InMemoryTelemetry(), max_segment_bytes=20_000)
    number = 0
    while True:
        log.append(make_answered(request_id=f"{name}-{number}"))
        os.write(sys.stdout.fileno(), f"{name}-{number}\n".encode())
        number += 1


@pytest.mark.slow
def test_kill_9_loses_no_row_that_was_acknowledged(tmp_path):
    told: list[str] = []
    spool, shipped = SpoolPredictionSpool(tmp_path), []
    chance = random.Random(7)
    for name in range(8):
        process = start_process(append_and_tell, str(tmp_path), str(name))
        told.append(process.stdout.readline().strip())
        time.sleep(chance.uniform(0.01, 0.15))  # at any moment of its work
        shipped += ids(spool)
        spool.shipped()
        process.kill()
        told += process.communicate()[0].split()
    shipped += ids(spool)
    spool.shipped()
    # The last word may be cut in the pipe; it stands for a row that was written before it was told.
    assert set(told[:-1]) <= set(shipped)
    assert len(shipped) == len(set(shipped)), "given once"
    assert len(shipped) - len(told) <= 8
    assert (spool.backlog_rows(), segments(tmp_path)) == (0, [])


def test_what_the_system_takes_in_small_pieces_is_whole_and_in_order(log, tmp_path, monkeypatch):
    write = os.write
    monkeypatch.setattr(os, "writev", lambda file, pieces: write(file, b"".join(pieces)[:1_001]))
    numbers = np.arange(1_000, dtype=np.float32)
    with log.batch() as add:
        add(replace(make_answered(1_000), inputs={"a": numbers, "b": -numbers}))
    entry, = SpoolPredictionSpool(tmp_path).pending(10**9)
    assert entry.rows.inputs == {"a": numbers.tolist(), "b": (-numbers).tolist()}
