"""Model files that take pixels and answer by the class of the picture, run by onnxruntime."""
from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import onnxruntime

from adapters.onnx.kept_sessions import KeptSessions, memory_of
from adapters.onnx.pictures.column import picture_column
from adapters.onnx.session import open_session, read_card, read_proto
from application.ports.model_runner import ModelCrashed, ModelRunner, UnreadableModel
from application.serving.wanted import go_on
from domain.arrays import Array
from domain.picture import cells
from domain.prediction import ClassPredictions, ModelCard, Predictions
from domain.table import Table

OUTPUTS, REGIONS = ("prediction", "probabilities"), "regions"


def answers_by_class(session: onnxruntime.InferenceSession) -> bool:
    """Of a file that takes pixels: whether its prediction is one of a picture, and not of each pixel."""
    return any(tensor.name == "prediction" and len(tensor.shape) == 1 for tensor in session.get_outputs())


class OnnxClassModelRunner(ModelRunner):
    """Pictures are of many sizes, so they are answered one by one."""

    def __init__(self, session: onnxruntime.InferenceSession, model: bytes, threads: int,
                 sessions: KeptSessions) -> None:
        """model: the file that the session was opened on."""
        self._session = sessions.keep(lambda: open_session(model, threads), memory_of(read_proto(model)), session)
        self._card = read_card(session, picture_column)
        names = {tensor.name for tensor in self._card.outputs}
        if not self._card.labels or not names.issuperset(OUTPUTS):
            raise UnreadableModel("a model file of pictures by class has labels in its metadata and the output "
                                  "probabilities")
        self._input = self._card.inputs[0].name
        self._outputs = [*OUTPUTS, *([REGIONS] if REGIONS in names else [])]

    @property
    def card(self) -> ModelCard:
        return self._card

    def predict(self, table: Table) -> Predictions:
        answers = [self._answer(picture) for picture in table[self._input]]
        labels = self._card.labels
        values = np.array([answer[0][0] for answer in answers], object if isinstance(labels[0], str) else np.int64)
        shares = np.array([answer[1][0] for answer in answers], np.float32).reshape(-1, len(labels))
        if bare := int(np.count_nonzero(np.isnan(shares).any(axis=1))):  # the first class is no answer
            raise ModelCrashed(f"the model gives no number (NaN) for {bare} of {len(shares)} pictures")
        regions = cells([answer[2][0] for answer in answers]) if REGIONS in self._outputs else None
        return ClassPredictions(values, shares, labels, regions=regions)

    def _answer(self, picture: Array) -> Sequence[Array]:
        go_on()
        try:
            return self._session.run(self._outputs, {self._input: picture[None]})
        except Exception as failure:  # onnxruntime raises a bare class per status code, without a common base
            raise ModelCrashed("the model failed on a picture of {1} x {0} pixels".format(*picture.shape)) from failure
