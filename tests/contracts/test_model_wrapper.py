"""The contract of the port ModelWrapper."""
from __future__ import annotations

from dataclasses import dataclass

import pytest

from adapters.onnx.model_runner import OnnxModelLoader
from adapters.onnx.model_wrapper import OnnxModelWrapper
from application.ports.model_runner import ModelLoader
from application.ports.model_wrapper import ModelSource, ModelWrapper
from domain.errors import InvalidInput
from domain.model_mapping import InputMapping, ModelMapping
from domain.parity import largest_difference
from domain.table import Table
from domain.task import Task
from tests import foreign
from tests.fakes.model_runner import LinearModelLoader, linear_model
from tests.fakes.model_wrapper import LinearModelWrapper

TASK = foreign.make_foreign_task(jobs=False)


@dataclass(frozen=True)
class Maker:
    wrapper: ModelWrapper
    loader: ModelLoader
    source: bytes
    task: Task = TASK

    def wrap(self, content: bytes | None = None, mapping: ModelMapping = ModelMapping()):
        return self.wrapper.wrap(self.task, ModelSource(self.source if content is None else content), mapping)


MAKERS = {
    "LinearModelWrapper": lambda: Maker(LinearModelWrapper(), LinearModelLoader(), linear_model(TASK)),
    "OnnxModelWrapper": lambda: Maker(OnnxModelWrapper(), OnnxModelLoader(), foreign.tensor_model()),
}


@pytest.fixture(params=MAKERS)
def maker(request) -> Maker:
    return MAKERS[request.param]()


@pytest.fixture
def rows() -> Table:
    return foreign.make_foreign_rows(TASK, 60).without(["y"])


def test_what_comes_out_is_a_model_of_the_task(maker, rows):
    card = maker.loader.load(maker.wrap().model).card
    assert card.task == TASK.name
    assert card.labels == TASK.labels
    assert [column.name for column in card.features] == [column.name for column in TASK.schema.features]
    assert len(set(maker.loader.load(maker.wrap().model).predict(rows).scores.tolist())) > 5


def test_the_same_bytes_each_time(maker):
    assert maker.wrap().model == maker.wrap().model


def test_what_was_understood_is_a_mapping_that_leaves_nothing_to_guess(maker, rows):
    wrapped = maker.wrap()
    assert wrapped.notes
    again = maker.wrap(mapping=wrapped.mapping)
    assert again.mapping == wrapped.mapping
    assert again.notes == ()
    assert largest_difference(maker.loader.load(wrapped.model).predict(rows),
                              maker.loader.load(again.model).predict(rows)) == 0


@pytest.mark.parametrize("content", [b"", b"PK\3\4 no zip", b"\x08\x01", b"[]"])
def test_what_is_no_model(maker, content):
    with pytest.raises(InvalidInput) as refused:
        maker.wrap(content)
    assert [fault.where for fault in refused.value.faults] == ["file"]


def test_every_fault_at_once(maker):
    mapping = ModelMapping({"nowhere": InputMapping(("age",))}, labels=("yes", "maybe"))
    with pytest.raises(InvalidInput) as refused:
        maker.wrap(mapping=mapping)
    assert [fault.where for fault in refused.value.faults] == ["inputs.nowhere", "labels"]
