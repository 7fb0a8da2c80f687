"""Linear models of JSON, wrapped by giving them the task's metadata."""
from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from application.ports.model_wrapper import ModelSource, ModelWrapper, WrappedModel
from domain.cells import in_words
from domain.errors import Fault, InvalidInput
from domain.model_mapping import InputMapping, ModelMapping
from domain.task import Task


class LinearModelWrapper(ModelWrapper):
    """A source is what `linear_model` made; its columns are its inputs, "scores" its output."""

    def wrap(self, task: Task, source: ModelSource, mapping: ModelMapping) -> WrappedModel:
        document = _read(source.content)
        features = [column.name for column in task.schema.features]
        unknown = [name for name in mapping.inputs if name not in features]
        faults = [Fault(f"inputs.{name}", "is no input of the model") for name in unknown]
        order = task.labels if mapping.labels is None else mapping.labels
        if sorted(map(str, order)) != sorted(map(str, task.labels)):
            faults.append(Fault("labels", "are not the task's"))
        if faults:
            raise InvalidInput(f"the model cannot be imported: {in_words(faults)}", faults)
        metadata: dict[str, object] = {
            "task": task.name, "problem": str(task.problem), "signature": "[]",
            "labels": json.dumps(list(task.labels), ensure_ascii=False)}
        model = json.dumps({**document, "metadata": metadata}, ensure_ascii=False, sort_keys=True).encode()
        notes = () if mapping.labels is not None or not task.labels else ("the file names no classes",)
        understood = ModelMapping({name: InputMapping((name,)) for name in features}, {}, {"logits": "scores"},
                                  tuple(order) or None)
        return WrappedModel(model, understood, notes, str(document.get("producer", "")))


def _read(content: bytes) -> Mapping[str, Any]:
    try:
        document: dict[str, Any] = json.loads(content)
        return dict(document) | {"features": document["features"]}
    except (ValueError, KeyError, TypeError) as failure:
        raise InvalidInput("the model cannot be imported: file: is no model", [
            Fault("file", "is no model")]) from failure
