"""A model file with the codes of its columns in front."""
from __future__ import annotations

import onnx
from onnx import TensorProto, helper

from adapters.coded.columns import CodedColumns
from adapters.coded.graph import MICROSOFT, ML, Nodes
from adapters.coded.text_graph import text_in_graph
from adapters.coded.time_code import TimeCode
from adapters.coded.time_graph import time_in_graph
from application.training.signature import metadata_of
from domain.columns.rules import Form
from domain.task import Task

_KINDS = {Form.NUMBERS: TensorProto.FLOAT, Form.TEXTS: TensorProto.STRING}
_DOMAINS = {ML: 3, MICROSOFT: 1}


def put_before(model: bytes, task: Task, columns: CodedColumns) -> bytes:
    """model: takes the numbers. Returns: one that takes the columns of the task, under their names and in their order.
    """
    made = onnx.load_from_string(model)
    nodes = Nodes("coded/")
    for name, code in columns.codes.items():
        in_graph = time_in_graph(nodes, name, code) if isinstance(code, TimeCode) else text_in_graph(nodes, name, code)
        nodes.parted(in_graph, columns.names[name])
    behind = list(made.graph.node)
    del made.graph.node[:], made.graph.input[:]
    made.graph.node.extend([*nodes.nodes, *behind])
    made.graph.initializer.extend(nodes.constants)
    made.graph.input.extend(helper.make_tensor_value_info(column.name, _KINDS[column.rules.form], ["N", 1])
                            for column in task.schema.features)
    _add_domains(made)
    said = {entry.key: entry.value for entry in made.metadata_props} | metadata_of(task)
    helper.set_model_props(made, dict(sorted(said.items())))
    onnx.checker.check_model(made)
    return bytes(made.SerializeToString(deterministic=True))


def _add_domains(model: onnx.ModelProto) -> None:
    known = {opset.domain for opset in model.opset_import}
    model.opset_import.extend(helper.make_opsetid(domain, version) for domain, version in _DOMAINS.items()
                              if domain not in known)
