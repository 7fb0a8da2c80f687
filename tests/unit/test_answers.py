"""Answers as structs: what they say, and what /openapi.json says of them."""
from __future__ import annotations

import msgspec
import pytest

from domain.kinds.kind import Kind, Problem
from domain.schema import Role
from domain.task import Task
from domain.task_document import from_document, to_document
from entrypoints.answers.answer import Answer
from entrypoints.answers.schemas import components
from entrypoints.answers.tasks import TaskDocument
from entrypoints.formats.documents import read_task
from entrypoints.settings import ROOT
from tests.builders import make_task

SPELLED_OUT = from_document({
    "name": "spots", "kind": "image", "problem": "segmentation", "description": "пятна", "labels": ["none", "spot"],
    "columns": [{"name": "picture", "type": "picture", "channels": 3, "bits": 16},
                {"name": "mask", "type": "mask", "role": "target", "values": [0, 255], "private": True}],
    "split": {"holdout": 0.3, "valid": 0.25}, "training": {"iterations": 3}})
TASKS = [*(make_task(problem) for problem in (Problem.BINARY, Problem.MULTICLASS, Problem.REGRESSION)), SPELLED_OUT,
         *(read_task(path) for path in sorted((ROOT / "pipelines" / "tasks").glob("*.yaml")))]


@pytest.mark.parametrize("task", TASKS, ids=lambda task: f"{task.name} {task.problem}")
def test_a_task_is_answered_by_its_document(task: Task):
    assert msgspec.json.encode(TaskDocument.of(task)) == msgspec.json.encode(to_document(task))
    assert from_document(msgspec.to_builtins(TaskDocument.of(task))) == task


def test_there_is_a_schema_of_every_answer():
    def below(kind: type[Answer]) -> set[type[Answer]]:
        return {kind}.union(*map(below, kind.__subclasses__()))

    told = {kind.__name__ for kind in below(Answer) if not kind.__name__.startswith("_")} - {"Answer"}
    assert told and not told - set(components())


def test_what_is_null_a_moment_or_one_of_a_few_is_told():
    fields = components()["ExperimentAnswer"]["properties"]
    assert fields["loss"] == {"anyOf": [{"type": "number"}, {"type": "null"}]}
    assert fields["created_at"] == {"type": "string", "format": "date-time"}
    assert fields["status"] == {"$ref": "#/components/schemas/Status"}
    assert set(components()["Kind"]["enum"]) == set(Kind) and set(components()["Role"]["enum"]) == set(Role)


def test_what_is_left_out_is_not_promised():
    assert "edges" not in components()["DriftAnswer"]["required"]
    assert components()["ProblemAnswer"]["required"] == ["status", "title", "detail"]
    assert set(components()["TaskDocument"]["required"]) == {"name", "kind", "problem", "columns"}
