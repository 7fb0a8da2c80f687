"""Model files that take pixels, run by onnxruntime; large pictures tile by tile."""
from __future__ import annotations

import json
import math
from collections.abc import Callable
from concurrent.futures import Executor
from functools import partial

import numpy as np
import onnxruntime
from numpy.typing import NDArray

from adapters.onnx.kept_sessions import KeptSessions, memory_of
from adapters.onnx.pictures.column import picture_column
from adapters.onnx.pictures.parts import CUT, answers_part, levels_part
from adapters.onnx.session import open_session, read_card, read_proto
from application.ports.model_runner import ModelCrashed, ModelRunner, UnreadableModel
from application.serving.wanted import go_on
from domain.arrays import Array
from domain.experiment import Origin
from domain.picture import cells
from domain.prediction import MaskPredictions, ModelCard, Predictions
from domain.table import Table
from domain.tiling import Tile, Tiling, tiles

# A picture of more numbers is answered in tiles, so that its features need not all be in memory. Tiles of colours are
# smaller, for each channel has features of its own.
WHOLE_NUMBERS = 1 << 19
TILE_PX = 512
OUTPUTS = ("prediction", "probabilities")


class OnnxPictureModelRunner(ModelRunner):
    """model: the file that the session was opened on. pool: where tiles are answered, of all pictures together."""

    def __init__(self, session: onnxruntime.InferenceSession, model: bytes, threads: int, pool: Executor,
                 sessions: KeptSessions) -> None:
        self._card, self._pool = read_card(session, picture_column), pool
        memory_bytes = memory_of(read_proto(model))
        self._session = sessions.keep(lambda: open_session(model, threads), memory_bytes, session)
        self._levels, self._rest = (
            sessions.keep(partial(_open_part, part, model, threads), memory_bytes)
            for part in (levels_part, answers_part))
        self._input = self._card.inputs[0].name
        self._tiling = _tiling(self._card)
        # As of rows: one of another maker may have no number for some pixels, and the first class is no answer.
        self._may_have_none = self._card.metadata.get("origin") == Origin.IMPORTED

    @property
    def card(self) -> ModelCard:
        return self._card

    def predict(self, table: Table) -> Predictions:
        answers = [self._answer(picture) for picture in table[self._input]]
        values, probabilities = zip(*answers) if answers else ((), ())
        return MaskPredictions(cells(values), cells(probabilities), self._card.labels)

    def _answer(self, picture: Array) -> tuple[NDArray[np.uint8], NDArray[np.float32]]:
        """uint8[height, width] and float32[height, width, classes]."""
        go_on()
        try:
            if self._tiling is None or picture.size <= WHOLE_NUMBERS:
                return self._whole(picture)
            return self._in_tiles(picture, self._tiling)
        except Exception as failure:  # onnxruntime raises a bare class per status code, without a common base
            raise ModelCrashed("the model failed on a picture of {1} x {0} pixels".format(*picture.shape)) from failure

    def _whole(self, picture: Array) -> tuple[NDArray[np.uint8], NDArray[np.float32]]:
        prediction, probabilities = self._session.run(OUTPUTS, {self._input: picture[None]})
        if self._may_have_none and np.isnan(probabilities).any():
            raise ValueError("the model gives no number (NaN) for some of its pixels")
        return prediction[0], probabilities[0]

    def _in_tiles(self, picture: Array, tiling: Tiling) -> tuple[NDArray[np.uint8], NDArray[np.float32]]:
        levels, = self._levels.run(None, {self._input: picture[None]})
        height, width, channels = picture.shape
        values = np.empty((height, width), np.uint8)
        probabilities = np.empty((height, width, len(self._card.labels)), np.float32)

        def fill(tile: Tile) -> None:
            seen = np.ascontiguousarray(picture[tile.seen])[None]
            prediction, shares = self._rest.run(OUTPUTS, {self._input: seen, CUT: levels})
            values[tile.place], probabilities[tile.place] = prediction[0][tile.inner], shares[0][tile.inner]

        step_px = tiling.step_px
        size_px = max(TILE_PX // math.ceil(math.sqrt(channels)) // step_px, 1) * step_px
        for _ in self._pool.map(fill, tiles(height, width, tiling, size_px)):
            go_on()  # where this raises, or a tile that failed, those that have not begun are left out
        return values, probabilities


def _open_part(part: Callable[[bytes], bytes], model: bytes, threads: int) -> onnxruntime.InferenceSession:
    return open_session(part(model), threads, one_block=False)


def _tiling(card: ModelCard) -> Tiling | None:
    """None for a file that does not say how it may be parted."""
    text = card.metadata.get("tiling")
    if text is None:
        return None
    try:
        return Tiling(**{name: int(value) for name, value in json.loads(text).items()})
    except (ValueError, TypeError, AttributeError) as failure:
        raise UnreadableModel("the metadata `tiling` cannot be read") from failure
