"""A file of another maker as a graph that may be looked at: whole, flat, of operators that stock onnxruntime has."""
from __future__ import annotations

from collections.abc import Iterator, Mapping

import onnx
import onnx.inliner
from onnx import GraphProto, ModelProto, TensorProto, ValueInfoProto, helper

from adapters.onnx.foreign.faults import Faults
from adapters.onnx.foreign.nodes import ML
from application.ports.model_wrapper import ModelSource

# Of what lies in the file and is no column.
PREFIX = "model/"
_DEFAULT, _MICROSOFT = "", "com.microsoft"
_STOCK = (_DEFAULT, ML, _MICROSOFT)
_LOCALE = "C.UTF-8"
_OLDEST, _ALMOST = 9, (7, 8)
_CHANGED = ("BatchNormalization", "Scan", "Upsample")
# For files that need no operator of the domain themselves.
_USUAL = {_DEFAULT: 17, ML: 3}


def read_foreign(source: ModelSource, faults: Faults, notes: list[str]) -> ModelProto:
    """With a prefix on every name. Raises: InvalidInput for what cannot be looked at further."""
    model = _parsed(source.content, faults)
    _take_in(model, source.beside, faults)
    _raise_opset(model)
    _check_versions(model, faults)
    faults.check()
    if model.functions:
        model = onnx.inliner.inline_local_functions(model)
    _check_operators(model, faults)
    faults.check()
    _set_locale(model, notes)
    _prefix(model.graph)
    return model


def _prefix(graph: GraphProto) -> None:
    """On every name, in graphs below too, which may use those of the graphs above."""
    for each in graphs_of(graph):
        for node in each.node:
            node.input[:] = [name and PREFIX + name for name in node.input]
            node.output[:] = [name and PREFIX + name for name in node.output]
        all_named: list[ValueInfoProto | TensorProto] = [
            *each.input, *each.output, *each.value_info, *each.initializer,
            *(sparse.values for sparse in each.sparse_initializer)]
        for named in all_named:
            named.name = PREFIX + named.name


def strip(name: str) -> str:
    """As the maker named it."""
    return name.removeprefix(PREFIX)


def producer_of(content: bytes) -> str:
    """What the file says that made it; empty if nothing."""
    model = onnx.load_from_string(content)
    return f"{model.producer_name} {model.producer_version}".strip()


def opset_of(model: ModelProto) -> int:
    """Of the operators that every file has."""
    return max(int(entry.version) for entry in model.opset_import if _plain(entry.domain) == _DEFAULT)


def graphs_of(graph: GraphProto) -> Iterator[GraphProto]:
    """It and all below it."""
    yield graph
    for node in graph.node:
        for attribute in node.attribute:
            for below in ([attribute.g] if attribute.HasField("g") else []) + list(attribute.graphs):
                yield from graphs_of(below)


def _parsed(content: bytes, faults: Faults) -> ModelProto:
    try:
        model = onnx.load_from_string(content)
    except Exception:  # protobuf's DecodeError is no public name
        model = ModelProto()
    if not model.HasField("graph") or not model.graph.output:
        faults.add("file", "is no ONNX file, or not all of one")
        faults.check()
    return model


def _tensors(model: ModelProto) -> Iterator[TensorProto]:
    nodes = [node for graph in graphs_of(model.graph) for node in graph.node]
    nodes += [node for function in model.functions for node in function.node]
    for graph in graphs_of(model.graph):
        yield from graph.initializer
        for sparse in graph.sparse_initializer:
            yield from (sparse.values, sparse.indices)
    for node in nodes:
        for attribute in node.attribute:
            yield from ([attribute.t] if attribute.HasField("t") else [])
            yield from attribute.tensors


def _take_in(model: ModelProto, beside: Mapping[str, bytes], faults: Faults) -> None:
    """Weights that lie in files beside it, as MLflow leaves them."""
    for tensor in _tensors(model):
        if tensor.data_location != TensorProto.EXTERNAL:
            continue
        said = {entry.key: entry.value for entry in tensor.external_data}
        whole, start, length = beside.get(said.get("location", "")), said.get("offset", "0"), said.get("length")
        if whole is None or not start.isdecimal() or not (length or "0").isdecimal():
            faults.add("file", f"keeps weights ({tensor.name}) in another file: save it as one, or send all as a zip")
            return
        tensor.raw_data = whole[int(start):int(start) + int(length) if length else None]
        tensor.data_location = TensorProto.DEFAULT
        del tensor.external_data[:]


def _check_versions(model: ModelProto, faults: Faults) -> None:
    if model.ir_version > onnx.IR_VERSION:
        faults.add("file", f"is of IR version {model.ir_version}; up to {onnx.IR_VERSION} can be read")
    own = {_plain(function.domain) for function in model.functions}
    newest = {_DEFAULT: onnx.defs.onnx_opset_version(), ML: _newest(ML)}
    for entry in model.opset_import:
        domain, words = _plain(entry.domain), entry.domain or "ai.onnx"
        if domain not in _STOCK and domain not in own:
            faults.add("file", f"needs operators of {words}, which stock onnxruntime has not")
        elif domain in newest and not 1 <= entry.version <= newest[domain]:
            faults.add("file", f"needs opset {entry.version} of {words}; up to {newest[domain]} is known")
        elif domain == _DEFAULT and entry.version < _OLDEST:
            faults.add("file", f"is of opset {entry.version}; export it with {_OLDEST} or newer")
    there = {_plain(entry.domain) for entry in model.opset_import}
    model.opset_import.extend(helper.make_opsetid(domain, version) for domain, version in _USUAL.items()
                              if domain not in there)


def _raise_opset(model: ModelProto) -> None:
    """Our nodes are not in what LightGBM's converter writes. Of the changes up to the opset that has them, all but
    those of three operators only let more types in."""
    used = {node.op_type for graph in graphs_of(model.graph) for node in graph.node}
    for entry in model.opset_import:
        if _plain(entry.domain) == _DEFAULT and entry.version in _ALMOST and used.isdisjoint(_CHANGED):
            entry.version = _OLDEST


def _newest(domain: str) -> int:
    return max(int(schema.since_version) for schema in onnx.defs.get_all_schemas() if schema.domain == domain)


def _plain(domain: str) -> str:
    return _DEFAULT if domain == "ai.onnx" else domain


def _check_operators(model: ModelProto, faults: Faults) -> None:
    versions = {_plain(entry.domain): entry.version for entry in model.opset_import}
    used = {(_plain(node.domain), node.op_type) for graph in graphs_of(model.graph) for node in graph.node}
    for domain, operator in sorted(used):
        if domain not in _STOCK:
            faults.add("file", f"has the operator {operator} of {domain}, which stock onnxruntime has not")
        elif domain != _MICROSOFT and not _is_known(operator, versions[domain], domain):
            faults.add("file", f"has the operator {operator}, which opset {versions[domain]} of "
                               f"{domain or 'ai.onnx'} has not")


def _is_known(operator: str, version: int, domain: str) -> bool:
    try:
        onnx.defs.get_schema(operator, version, domain)
    except onnx.defs.SchemaError:
        return False
    return True


def _set_locale(model: ModelProto, notes: list[str]) -> None:
    """The default, en_US.UTF-8, is in few containers."""
    for graph in graphs_of(model.graph):
        for node in graph.node:
            if node.op_type != "StringNormalizer":
                continue
            kept = [attribute for attribute in node.attribute if attribute.name != "locale"]
            del node.attribute[:]
            node.attribute.extend([*kept, helper.make_attribute("locale", _LOCALE)])
            notes.append(f"{node.name or node.op_type}: its locale is {_LOCALE} now, which every machine has")
