"""The contract of the port ProgressReport; and what the reader of a progress file makes of it."""
from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor

import pytest

from adapters.dvc.progress_report import FileProgressReport, ProgressReader
from domain.experiment import Progress
from tests.fakes.progress_report import InMemoryProgressReport

LINES = [("extract_data", 0, 1, None), ("train_model", 1, 500, 0.6931), ("train_model", 500, 500, 1e-9)]


class Told:
    """A report, and what came of it."""

    def __init__(self, report, path=None) -> None:
        self.report, self._path = report, path

    def lines(self) -> list[tuple]:
        if self._path is None:
            return self.report.told
        return [tuple(json.loads(line).values()) for line in self._path.read_text(encoding="utf-8").splitlines()]


@pytest.fixture(params=[InMemoryProgressReport, FileProgressReport])
def told(request, tmp_path) -> Told:
    if request.param is InMemoryProgressReport:
        return Told(InMemoryProgressReport())
    return Told(FileProgressReport(tmp_path / "progress.jsonl"), tmp_path / "progress.jsonl")


def test_what_is_told_arrives_in_order(told):
    for line in LINES:
        told.report.tell(*line)
    assert told.lines() == LINES


def test_lines_of_several_threads_stay_whole(told):
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda number: told.report.tell("train_model", number, 500, 0.5), range(500)))
    assert sorted(told.lines()) == [("train_model", number, 500, 0.5) for number in range(500)]


def test_a_loss_that_is_no_number_fails_nothing(told):
    told.report.tell("train_model", 1, 2, float("nan"))
    assert told.lines()[0][:3] == ("train_model", 1, 2)


def test_nobody_waits():
    FileProgressReport(None).tell("train_model", 1, 2, 0.5)


def test_a_file_that_cannot_be_written_fails_nothing(tmp_path):
    FileProgressReport(tmp_path / "no" / "folder" / "progress.jsonl").tell("train_model", 1, 2, 0.5)
    FileProgressReport(tmp_path).tell("train_model", 1, 2, 0.5)
    assert list(tmp_path.iterdir()) == []


@pytest.fixture
def path(tmp_path):
    return tmp_path / "progress.jsonl"


def test_the_reader_gives_the_newest(path):
    report, reader = FileProgressReport(path), ProgressReader(path)
    assert reader.read() == Progress()
    report.tell("extract_data", 0, 1, None)
    assert reader.read() == Progress(0.0, "extract_data", 0, 1, None)
    report.tell("train_model", 1, 4, 0.7)
    report.tell("train_model", 2, 4, 0.6)
    assert reader.read() == Progress(0.5, "train_model", 2, 4, 0.6)
    assert reader.read() == Progress(0.5, "train_model", 2, 4, 0.6)


def test_the_share_grows_over_the_stages(path):
    report, reader, shares = FileProgressReport(path), ProgressReader(path), []
    for stage, iterations in (("extract_data", 1), ("train_model", 3), ("inference_model", 1)):
        for iteration in range(iterations + 1):
            report.tell(stage, iteration, iterations, None)
            shares.append(reader.read().share)
    assert shares == sorted(shares)
    assert (shares[0], shares[-1]) == (0.0, 1.0)


def test_half_a_line_waits_for_its_other_half(path):
    reader = ProgressReader(path)
    line = b'{"stage": "train_model", "iteration": 1, "iterations": 2, "loss": 0.5}\n'
    with open(path, "ab", buffering=0) as file:
        file.write(line + line[:20])
        assert reader.read() == Progress(0.5, "train_model", 1, 2, 0.5)
        file.write(line[20:].replace(b": 1", b": 2"))
    assert reader.read() == Progress(0.9, "train_model", 2, 2, 0.5)


@pytest.mark.parametrize(("iteration", "iterations"), [(0, 0), (7, 0), (7, 5)])
def test_the_share_stays_within_the_stage(path, iteration, iterations):
    FileProgressReport(path).tell("train_model", iteration, iterations, None)
    assert 0.1 <= ProgressReader(path).read().share <= 0.9
