"""A foreign graph between nodes that give it its inputs and nodes that read what it gives."""
from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import numpy as np
from onnx import GraphProto, ModelProto, NodeProto, ValueInfoProto, helper

from adapters.onnx.foreign.nodes import Nodes
from adapters.onnx.foreign.reading import graphs_of
from adapters.onnx.foreign.tensors import Tensor

_IR_VERSION = 8


def at_once(graph: GraphProto, inputs: Sequence[Tensor], wired: Mapping[str, str], result: str) -> tuple[Nodes, str]:
    """All rows through the graph together. Returns: the nodes of the graph, and the tensor with the result."""
    inner = Nodes("inner/")
    for tensor in inputs:
        inner.add("Identity", wired[tensor.name], output=tensor.name)
    inner.nodes += graph.node
    inner.constants += graph.initializer
    return inner, result


def row_by_row(graph: GraphProto, inputs: Sequence[Tensor], wired: Mapping[str, str], result: str
               ) -> tuple[Nodes, str]:
    """For a graph that takes a fixed number of rows: each row goes in by itself, as often as it takes them, and the
    first answer counts."""
    body = Nodes("row/")
    taken = []
    for tensor in inputs:
        info = helper.make_tensor_value_info(f"row/{tensor.name}", tensor.kind, list(tensor.shape or ())[1:])
        taken.append(info)
        copies = [_batch_of_one(body, info.name)] * (tensor.batch or 1)
        body.add("Concat", *copies, output=tensor.name, axis=0)
    body.nodes += graph.node
    answer = body.add("Gather", result, body.constant(np.array(0, np.int64)), output="row/answer", axis=0)
    kept = _needed(body.nodes, [answer])
    given = helper.make_value_info(answer, helper.make_tensor_type_proto(_kind_of(graph, result), None))
    # Where the row is, the weights are too: the runtime lays out only those that it finds beside their nodes.
    rows = helper.make_graph(kept, "row", taken, [given], [*graph.initializer, *body.constants])
    scan = Nodes("scan/")
    return scan, scan.add("Scan", *(wired[tensor.name] for tensor in inputs), num_scan_inputs=len(inputs), body=rows)


def _batch_of_one(body: Nodes, row: str) -> str:
    """The row, whatever its shape, as the only one of a batch."""
    shape = body.add("Concat", body.constant([1]), body.add("Shape", row), axis=0)
    return body.add("Reshape", row, shape)


def _kind_of(graph: GraphProto, result: str) -> int:
    """Of the elements of a tensor; a float where nothing is said of it."""
    known = {info.name: info.type.tensor_type.elem_type for info in (*graph.output, *graph.value_info)}
    return known.get(result) or 1


def finished(model: ModelProto, before: Nodes, inner: Nodes, after: Nodes, inputs: Sequence[ValueInfoProto],
             outputs: Sequence[ValueInfoProto], metadata: Mapping[str, str]) -> ModelProto:
    """Without what of the graph is not needed for the outputs, and without what its maker wrote beside it."""
    nodes = _needed([*before.nodes, *inner.nodes, *after.nodes], [info.name for info in outputs])
    graph = helper.make_graph(nodes, "progon", inputs, outputs)
    used = {name for each in graphs_of(graph) for node in each.node for name in node.input}
    graph.initializer.extend(
        tensor for tensor in (*before.constants, *inner.constants, *after.constants) if tensor.name in used)
    graph.sparse_initializer.extend(model.graph.sparse_initializer)
    made = helper.make_model(graph, opset_imports=model.opset_import, producer_name="progon",
                             ir_version=max(model.ir_version, _IR_VERSION))
    helper.set_model_props(made, dict(sorted(metadata.items())))
    return made


def _needed(nodes: Sequence[NodeProto], results: Iterable[str]) -> list[NodeProto]:
    """In their order."""
    wanted, kept = set(results), []
    for node in reversed(nodes):
        if wanted.isdisjoint(node.output):
            continue
        kept.append(node)
        wanted.update(node.input)
        for attribute in node.attribute:
            for below in ([attribute.g] if attribute.HasField("g") else []) + list(attribute.graphs):
                wanted.update(name for graph in graphs_of(below) for each in graph.node for name in each.input)
                wanted.update(info.name for info in below.output)
    return kept[::-1]
