"""Model files as onnxruntime opens them, and what they say of themselves."""
from __future__ import annotations

import json
from collections.abc import Callable

import onnx
import onnxruntime

from application.ports.model_runner import UnreadableModel
from domain.prediction import ModelCard, ModelTensor
from domain.schema import Column


def open_session(model: bytes, threads: int, one_block: bool = True) -> onnxruntime.InferenceSession:
    """one_block: the tensors of a run are laid out in one piece of memory; otherwise each is given back as soon as it
    has been used, which takes less of it. Raises: UnreadableModel."""
    options = onnxruntime.SessionOptions()
    # What a run takes goes back when it ends. With a store for each session the largest run of every model would stay
    # in memory; with one for all of them runs side by side were seen to fail.
    options.enable_cpu_mem_arena = False
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.log_severity_level = 3
    options.enable_mem_pattern = one_block
    try:
        return onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
    except Exception as failure:
        raise UnreadableModel("not a model file that onnxruntime can load") from failure


def read_card(session: onnxruntime.InferenceSession,
              column: Callable[[onnxruntime.NodeArg], Column]) -> ModelCard:
    """column: what an input of the graph is to the task. Raises: UnreadableModel."""
    inputs = tuple(ModelTensor(tensor.name, tensor.type) for tensor in session.get_inputs())
    outputs = tuple(ModelTensor(tensor.name, tensor.type) for tensor in session.get_outputs())
    metadata = dict(session.get_modelmeta().custom_metadata_map)
    if "prediction" not in {tensor.name for tensor in outputs}:
        raise UnreadableModel("the model file has no output called prediction")
    features = tuple(map(column, session.get_inputs()))
    try:
        labels = tuple(json.loads(metadata.get("labels", "[]")))
    except (ValueError, TypeError) as failure:
        raise UnreadableModel("the labels in the model file's metadata are not a JSON list") from failure
    return ModelCard(inputs, outputs, features, labels, metadata)


def read_proto(model: bytes) -> onnx.ModelProto:
    """Raises: UnreadableModel."""
    try:
        return onnx.load_from_string(model)
    except Exception as failure:  # protobuf's DecodeError is no public name
        raise UnreadableModel("not an ONNX file") from failure
