"""Model files run by onnxruntime."""
from __future__ import annotations

import json
from collections.abc import Mapping

import onnx
import onnxruntime

from application.ports.model_runner import ModelCrashed, ModelLoader, ModelRunner, UnreadableModel
from domain import prediction
from domain.prediction import ModelCard, ModelTensor, Predictions
from domain.schema import Column, ColumnType
from domain.table import Table

# A tile of rows stays in the processor's cache while all trees look at it: measured best between 256 and 1,024 rows.
TILE_ROWS = 512
_TYPES = {"tensor(float)": ColumnType.NUMBER, "tensor(string)": ColumnType.CATEGORY}


class OnnxModelRunner(ModelRunner):
    def __init__(self, model: bytes, threads: int) -> None:
        self._session = _session(model, threads)
        self._card = _card(self._session)
        self._names = [tensor.name for tensor in self._card.inputs]
        self._outputs = [tensor.name for tensor in self._card.outputs]

    @property
    def card(self) -> ModelCard:
        return self._card

    def predict(self, table: Table) -> Predictions:
        if table.n_rows <= TILE_ROWS:
            return self._run(table)
        return prediction.concat([self._run(tile) for tile in table.chunks(TILE_ROWS)])

    def _run(self, table: Table) -> Predictions:
        feed = {name: table.columns[name].reshape(-1, 1) for name in self._names}
        try:
            outputs = dict(zip(self._outputs, self._session.run(self._outputs, feed), strict=True))
        except Exception as failure:  # onnxruntime raises a bare class per status code, without a common base
            raise ModelCrashed(f"the model failed on {table.n_rows} rows") from failure
        return Predictions(outputs["prediction"].reshape(-1), outputs.get("probabilities"), self._card.labels)


class OnnxModelLoader(ModelLoader):
    """threads: of onnxruntime for each call; requests run side by side, so one is usual."""

    def __init__(self, threads: int = 1) -> None:
        self._threads = threads

    def load(self, model: bytes) -> OnnxModelRunner:
        return OnnxModelRunner(model, self._threads)

    def stamp(self, model: bytes, metadata: Mapping[str, str]) -> bytes:
        try:
            proto = onnx.load_from_string(model)
        except Exception as failure:  # protobuf's DecodeError is no public name
            raise UnreadableModel("not an ONNX file") from failure
        merged = {entry.key: entry.value for entry in proto.metadata_props} | dict(metadata)
        del proto.metadata_props[:]
        onnx.helper.set_model_props(proto, dict(sorted(merged.items())))
        return proto.SerializeToString(deterministic=True)


def _session(model: bytes, threads: int) -> onnxruntime.InferenceSession:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.log_severity_level = 3
    try:
        return onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
    except Exception as failure:
        raise UnreadableModel("not a model file that onnxruntime can load") from failure


def _card(session: onnxruntime.InferenceSession) -> ModelCard:
    inputs = tuple(ModelTensor(tensor.name, tensor.type) for tensor in session.get_inputs())
    outputs = tuple(ModelTensor(tensor.name, tensor.type) for tensor in session.get_outputs())
    metadata = dict(session.get_modelmeta().custom_metadata_map)
    if "prediction" not in {tensor.name for tensor in outputs}:
        raise UnreadableModel("the model file has no output called prediction")
    if odd := [tensor.name for tensor in inputs if tensor.type not in _TYPES]:
        raise UnreadableModel(f"the inputs {', '.join(odd)} are neither tensor(float) nor tensor(string)")
    try:
        labels = tuple(json.loads(metadata.get("labels", "[]")))
    except (ValueError, TypeError) as failure:
        raise UnreadableModel("the labels in the model file's metadata are not a JSON list") from failure
    features = tuple(Column(tensor.name, _TYPES[tensor.type]) for tensor in inputs)
    return ModelCard(inputs, outputs, features, labels, metadata)
