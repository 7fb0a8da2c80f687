"""The lines of Python on an experiment's page run its model."""
from __future__ import annotations

import contextlib
import io

import pytest

from domain.kinds.kind import Problem
from domain.provenance import model_path
from domain.task_document import to_document
from entrypoints.admin.model_snippet import snippet
from tests.builders import make_task
from tests.e2e.small_task import TASK, put_small_task
from tests.pictures import make_picture_task

EXPERIMENT = {"status": "succeeded", "schema_version": 1}


def of(task, **changes) -> str:
    return snippet(to_document(task) | {"schema_version": 1}, EXPERIMENT | changes)


def test_it_runs_beside_the_file(tmp_path, monkeypatch):
    container = put_small_task(tmp_path / "home")
    (tmp_path / "model.onnx").write_bytes(b"".join(container.artifact_store().open(model_path(1))[1]))
    container.storage().close()
    monkeypatch.chdir(tmp_path)
    said = io.StringIO()
    with contextlib.redirect_stdout(said):
        exec(of(TASK), {})
    assert said.getvalue().strip("[]'\n") in map(str, TASK.labels)


def test_numbers_have_no_probabilities():
    said = of(make_task(Problem.REGRESSION))
    assert "prediction, = session.run(['prediction'], feed)" in said
    compile(said, "snippet", "exec")


@pytest.mark.parametrize(("task", "changes"), [
    (TASK, {"status": "failed"}), (TASK, {"schema_version": 2}), (make_picture_task(), {})],
    ids=["no model", "another schema", "pictures"])
def test_there_is_none(task, changes):
    assert of(task, **changes) == ""
