"""Which classes a foreign graph has, and in what order."""
from __future__ import annotations

from collections.abc import Iterator, Sequence

import onnx
from onnx import AttributeProto, GraphProto, NodeProto

from adapters.onnx.foreign.faults import Faults
from adapters.onnx.foreign.reading import graphs_of
from domain.labels import Label

_CLASSIFIERS = ("TreeEnsembleClassifier", "LinearClassifier", "SVMClassifier")
_ATTRIBUTES = ("classlabels_int64s", "classlabels_ints", "classlabels_strings")


def classes_of(graph: GraphProto) -> list[Label] | None:
    """In the order of its probabilities; None where it says nothing, or different things."""
    nodes = [node for each in graphs_of(graph) for node in each.node]
    # A ZipMap stands at the end and names what comes out; several classifiers may be parts of one.
    for operators in (("ZipMap",), _CLASSIFIERS):
        found = [labels for node in nodes if node.op_type in operators for labels in _said(node)]
        if found:
            return found[0] if all(labels == found[0] for labels in found) else None
    return None


def _said(node: NodeProto) -> Iterator[list[Label]]:
    for attribute in node.attribute:
        if attribute.name in _ATTRIBUTES:
            value = onnx.helper.get_attribute_value(attribute)
            labels = [each.decode("utf-8", "replace") if isinstance(each, bytes) else each for each in value]
            if labels and attribute.type in (AttributeProto.INTS, AttributeProto.STRINGS):
                yield labels


def order_of(said: Sequence[Label] | None, found: Sequence[Label] | None, labels: Sequence[Label],
             faults: Faults, notes: list[str]) -> tuple[Label, ...] | None:
    """The task's labels in the order in which the model has them; None where that cannot be known.

    said: by the mapping. found: in the file.
    """
    known = {str(label): label for label in labels}
    named = said if said is not None else found
    if named is None:
        notes.append(f"the file names no classes: they are taken for {_words(labels)}, in this order")
        return tuple(labels)
    texts = [str(label) for label in named]
    if sorted(texts) == sorted(known):
        return tuple(known[text] for text in texts)
    if said is None and texts == [str(position) for position in range(len(labels))]:
        notes.append(f"the model's classes {', '.join(texts)} are taken for {_words(labels)}")
        return tuple(labels)
    faults.add("labels", f"the model has {len(texts)} classes, {_words(named)}; the task has {_words(labels)}: say "
                         "labels: [...], the task's labels in the model's order")
    return None


def _words(labels: Sequence[Label]) -> str:
    shown = ", ".join(map(str, labels[:10]))
    return f"{shown}, ..." if len(labels) > 10 else shown
