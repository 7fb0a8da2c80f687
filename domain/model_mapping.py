"""How a model of another maker belongs to a task: which columns its inputs are, what its outputs and classes mean."""
from __future__ import annotations

import math
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from domain import picture_mapping
from domain.cells import describe, in_words
from domain.errors import Fault, InvalidInput
from domain.labels import Label
from domain.picture_mapping import PictureMapping

OUTPUT_KINDS = ("probabilities", "logits", "prediction")
_KEYS = ("inputs", "missing", "outputs", "labels", "picture")
_INPUT_KEYS = ("columns", "categories", "start", "unknown")


@dataclass(frozen=True, slots=True)
class InputMapping:
    """Of one input of the model. columns: of the task, in the model's order; None if it was not said.

    categories: column -> its texts, which go in as `start`, `start` + 1, ...; any other goes in as `unknown` (NaN where
    the input takes it; None if it was not said).
    """

    columns: tuple[str, ...] | None = None
    categories: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    start: int = 0
    unknown: float | None = None


@dataclass(frozen=True, slots=True)
class ModelMapping:
    """missing: column -> what goes in where it has no value. outputs: one of OUTPUT_KINDS -> name of an output.
    labels: in the model's order; None if they were not said. picture: of tasks of pictures."""

    inputs: Mapping[str, InputMapping] = field(default_factory=dict)
    missing: Mapping[str, float | str] = field(default_factory=dict)
    outputs: Mapping[str, str] = field(default_factory=dict)
    labels: tuple[Label, ...] | None = None
    picture: PictureMapping | None = None

    def to_document(self) -> dict[str, object]:
        """In plain values, without what is empty."""
        document = {
            "inputs": {name: _input_document(each) for name, each in self.inputs.items()},
            "missing": dict(self.missing), "outputs": dict(self.outputs), "labels": list(self.labels or ()),
            "picture": self.picture and self.picture.to_document()}
        return {key: value for key, value in document.items() if value}


def _input_document(mapping: InputMapping) -> dict[str, object]:
    document: dict[str, object] = {"columns": list(mapping.columns or ())}
    if mapping.categories:
        unknown = "NaN" if mapping.unknown is not None and math.isnan(mapping.unknown) else mapping.unknown
        document |= {"categories": {name: list(texts) for name, texts in mapping.categories.items()},
                     "start": mapping.start, "unknown": unknown}
    return document


def from_document(document: object) -> ModelMapping:
    """What YAML or JSON held; None is a mapping that says nothing. Raises: InvalidInput with every fault at once."""
    if document is None:
        return ModelMapping()
    faults = list(_faults(document))
    if faults:
        raise InvalidInput(f"the mapping cannot be used: {in_words(faults)}", faults)
    assert isinstance(document, Mapping)
    labels, picture = document.get("labels"), document.get("picture")
    return ModelMapping(
        {name: _read_input(values) for name, values in (document.get("inputs") or {}).items()},
        dict(document.get("missing") or {}), dict(document.get("outputs") or {}),
        None if labels is None else tuple(labels),
        None if picture is None else picture_mapping.from_document(picture))


def _read_input(values: Mapping[str, Any] | None) -> InputMapping:
    values = values or {}
    columns, unknown = values.get("columns"), values.get("unknown")
    return InputMapping(
        None if columns is None else tuple(columns),
        {name: tuple(map(str, texts)) for name, texts in (values.get("categories") or {}).items()},
        values.get("start", 0), math.nan if unknown == "NaN" else unknown)


def _faults(document: object) -> Iterator[Fault]:
    if not isinstance(document, Mapping):
        yield Fault("mapping", f"expected an object with {', '.join(_KEYS)}, got {describe(document)}")
        return
    yield from _unknown("", document, _KEYS)
    if document.get("picture") is not None:
        yield from picture_mapping.faults_of(document["picture"])
    for key in ("inputs", "missing", "outputs"):
        if not isinstance(document.get(key) or {}, Mapping):
            yield Fault(key, f"expected an object, got {describe(document[key])}")
    for name, values in _items(document, "inputs"):
        yield from _input_faults(f"inputs.{name}", values)
    for name, value in _items(document, "missing"):
        if not _is_number(value) and not isinstance(value, str):
            yield Fault(f"missing.{name}", f"expected a number or a text, got {describe(value)}")
    yield from _output_faults(document)
    labels = document.get("labels")
    if labels is not None and not (_is_list(labels) and all(isinstance(label, (str, int)) for label in labels)):
        yield Fault("labels", "expected a list of strings or integers")


def _input_faults(where: str, values: object) -> Iterator[Fault]:
    if not isinstance(values or {}, Mapping):
        yield Fault(where, f"expected an object, got {describe(values)}")
        return
    assert values is None or isinstance(values, Mapping)
    said: Mapping[str, Any] = values or {}
    yield from _unknown(f"{where}.", said, _INPUT_KEYS)
    columns = said.get("columns")
    if columns is not None and not (_is_list(columns) and columns and all(isinstance(name, str) for name in columns)):
        yield Fault(f"{where}.columns", "expected a list of columns")
    for name, texts in _items(said, "categories"):
        if not _is_list(texts) or not all(isinstance(text, (str, int, float)) for text in texts):
            yield Fault(f"{where}.categories.{name}", "expected a list of texts")
    if type(said.get("start", 0)) is not int:
        yield Fault(f"{where}.start", f"expected a whole number, got {describe(said['start'])}")
    unknown = said.get("unknown")
    if unknown is not None and unknown != "NaN" and not _is_number(unknown):
        yield Fault(f"{where}.unknown", f"expected a number or NaN, got {describe(unknown)}")


def _output_faults(document: Mapping[str, Any]) -> Iterator[Fault]:
    for name, value in _items(document, "outputs"):
        if name not in OUTPUT_KINDS:
            yield Fault(f"outputs.{name}", f"is unknown; known are {', '.join(OUTPUT_KINDS)}")
        elif not isinstance(value, str):
            yield Fault(f"outputs.{name}", f"expected the name of an output, got {describe(value)}")
    if len(_items(document, "outputs")) > 1:
        yield Fault("outputs", "one of them is enough, and only one can be meant")


def _items(document: Mapping[str, Any], key: str) -> list[tuple[Any, Any]]:
    values = document.get(key)
    return list(values.items()) if isinstance(values, Mapping) else []


def _unknown(prefix: str, document: Mapping[str, Any], known: Collection[str]) -> Iterator[Fault]:
    for key in document:
        if key not in known:
            yield Fault(f"{prefix}{key}", f"is unknown; known are {', '.join(known)}")


def _is_list(value: object) -> bool:
    return isinstance(value, Sequence) and not isinstance(value, str)


def _is_number(value: object) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)
