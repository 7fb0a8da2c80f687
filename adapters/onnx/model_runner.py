"""Model files run by onnxruntime."""
from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor

import numpy as np
import onnx
import onnxruntime

from adapters.onnx.classes.model_runner import OnnxClassModelRunner, answers_by_class
from adapters.onnx.kept_sessions import KeptSessions
from adapters.onnx.pictures.column import PICTURE_BITS
from adapters.onnx.pictures.model_runner import OnnxPictureModelRunner
from adapters.onnx.session import open_session, read_card, read_proto
from adapters.onnx.tiles import READY_ROWS, coded_columns, tiles
from adapters.onnx.ways import Way, quickest
from application.ports.model_runner import ModelCrashed, ModelLoader, ModelRunner, UnreadableModel
from domain import prediction
from domain.arrays import Array
from domain.columns import ColumnType
from domain.experiment import Origin
from domain.prediction import ModelCard, Predictions
from domain.schema import Column
from domain.table import Table

_TYPES = {"tensor(float)": ColumnType.NUMBER, "tensor(string)": ColumnType.CATEGORY}


class OnnxModelRunner(ModelRunner):
    def __init__(self, card: ModelCard, way: Way) -> None:
        self._card, self._run, self._runs, self._tile_rows = card, way.run, way.runs, way.tile_rows
        # Ours answer every row; one of another maker may have no number for some, and the first label is no answer.
        self._may_have_none = card.metadata.get("origin") == Origin.IMPORTED
        self._texts = [column.name for column in card.features if column.type is ColumnType.TEXT]
        outputs = [tensor.name for tensor in card.outputs]
        self._prediction = outputs.index("prediction")
        self._probabilities = outputs.index("probabilities") if "probabilities" in outputs else None

    @property
    def card(self) -> ModelCard:
        return self._card

    def predict(self, table: Table) -> Predictions:
        if not table.n_rows:  # many an operator that other makers use does not take none
            return prediction.none_of(self._card.labels)
        try:
            if table.n_rows <= self._tile_rows and not self._texts or table.n_rows == 1:
                return self._answers(self._run(table))
            return prediction.concat([
                self._answers(outputs) for ready in table.chunks(READY_ROWS)
                for outputs in self._runs(ready, tiles(ready, self._texts, self._tile_rows))])
        except ModelCrashed:
            raise
        except Exception as failure:  # onnxruntime raises a bare class per status code, without a common base
            raise ModelCrashed(f"the model failed on {table.n_rows} rows") from failure

    def _answers(self, outputs: Sequence[Array]) -> Predictions:
        probabilities = None if self._probabilities is None else outputs[self._probabilities]
        values = outputs[self._prediction]
        # What is flat is left as it is, as it may know its codes.
        answers = Predictions(values if values.ndim == 1 else values.reshape(-1), probabilities, self._card.labels)
        if self._may_have_none and (bare := int(np.count_nonzero(np.isnan(answers.scores)))):
            raise ModelCrashed(f"the model gives no number (NaN) for {bare} of {answers.n_rows} rows, most likely "
                               "where a column has no value")
        return answers


class OnnxModelLoader(ModelLoader):
    """threads: of onnxruntime for each call; requests run side by side, so one is usual. tile_threads: how many tiles
    of large pictures are answered at once, of however many pictures; each takes memory. most_bytes: that the models may
    take which are ready to answer; beyond it those that were asked the longest ago wait as files in memory. tiles:
    where they are answered, in place of so many threads of its own."""

    def __init__(self, threads: int = 1, tile_threads: int = 1, most_bytes: int = 1 << 30,
                 tiles: Executor | None = None) -> None:
        self._threads, self._pool = threads, tiles or ThreadPoolExecutor(tile_threads, "tiles")
        self._sessions = KeptSessions(most_bytes)

    def load(self, model: bytes) -> ModelRunner:
        session = open_session(model, self._threads)
        if [tensor.type for tensor in session.get_inputs()] in [[kind] for kind in PICTURE_BITS]:
            if answers_by_class(session):
                return OnnxClassModelRunner(session, model, self._threads, self._sessions)
            return OnnxPictureModelRunner(session, model, self._threads, self._pool, self._sessions)
        _check_types(session)
        coded = coded_columns(session.get_modelmeta().custom_metadata_map)
        card = read_card(session, lambda tensor: Column(
            tensor.name, coded.get(tensor.name, _TYPES[tensor.type])))
        return OnnxModelRunner(card, quickest(session, model, card, self._threads, self._sessions))

    def stamp(self, model: bytes, metadata: Mapping[str, str]) -> bytes:
        proto = read_proto(model)
        merged = {entry.key: entry.value for entry in proto.metadata_props} | dict(metadata)
        del proto.metadata_props[:]
        onnx.helper.set_model_props(proto, dict(sorted(merged.items())))
        return bytes(proto.SerializeToString(deterministic=True))


def _check_types(session: onnxruntime.InferenceSession) -> None:
    if odd := [tensor.name for tensor in session.get_inputs() if tensor.type not in _TYPES]:
        raise UnreadableModel(f"the inputs {', '.join(odd)} are neither tensor(float) nor tensor(string)")
