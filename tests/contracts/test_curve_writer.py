"""The contract of the port CurveWriter."""
from __future__ import annotations

import json

import pytest

from adapters.tensorboard.curve_writer import TensorboardCurveWriter
from tests.fakes.curve_writer import JsonCurveWriter

CURVE = [{"iteration": 1, "train": 0.75, "valid": 0.875}, {"iteration": 2, "train": 0.5, "valid": 0.625}]


def read_events(path):
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
    events = EventAccumulator(str(path)).Reload()
    return {tag: [[event.step, event.value] for event in events.Scalars(tag)] for tag in events.Tags()["scalars"]}


def read_json(path):
    return json.loads((path / "tfevents.json").read_text())


@pytest.fixture(params=[(JsonCurveWriter, read_json), (TensorboardCurveWriter, read_events)],
                ids=["fake", "tensorboard"])
def writer_and_reader(request):
    return request.param[0](), request.param[1]


def test_what_was_written_is_read(writer_and_reader, tmp_path):
    writer, read = writer_and_reader
    writer.write(CURVE, "logloss", tmp_path / "new" / "tensorboard")
    assert read(tmp_path / "new" / "tensorboard" / "train") == {"logloss": [[1, 0.75], [2, 0.5]]}
    assert read(tmp_path / "new" / "tensorboard" / "valid") == {"logloss": [[1, 0.875], [2, 0.625]]}


def test_the_same_curve_gives_the_same_files(writer_and_reader, tmp_path):
    writer, _ = writer_and_reader
    files = []
    for name in ("first", "second"):
        writer.write(CURVE, "rmse", tmp_path / name)
        files.append({path.relative_to(tmp_path / name): path.read_bytes()
                      for path in (tmp_path / name).rglob("*") if path.is_file()})
    assert files[0] == files[1]
    assert all("tfevents" in path.name for path in files[0])
