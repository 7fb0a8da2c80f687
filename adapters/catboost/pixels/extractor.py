"""Features of pictures by the same graph that answers later, run in tiles."""
from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import onnx
import onnxruntime
from numpy.typing import NDArray

from adapters.catboost.pixels.feature_graph import HALO_PX, STEP_PX, feature_names
from adapters.catboost.pixels.model_graph import build_features, build_levels
from domain.arrays import Array
from domain.tiling import Tiling, Window, tiles

TILE_PX = 512


class FeatureExtractor:
    def __init__(self, channels: int, bits: int, threads: int) -> None:
        self.n_features = len(feature_names(channels))
        self._levels = _session(build_levels(channels, bits), threads)
        self._features = _session(build_features(channels, bits), threads)

    def tiles(self, picture: Array) -> Iterator[tuple[Window, NDArray[np.float32]]]:
        """Parts that cover the picture [height, width, channels] once, each with float32[n_features, h, w]."""
        image = picture[None]
        levels, = self._levels.run(None, {"image": image})
        height, width = picture.shape[:2]
        for tile in tiles(height, width, Tiling(HALO_PX, STEP_PX), TILE_PX):
            seen = np.ascontiguousarray(image[:, *tile.seen])
            matrix, = self._features.run(None, {"image": seen, "levels": levels})
            filled = [-(-length // STEP_PX) * STEP_PX for length in seen.shape[1:3]]
            yield tile.place, matrix.reshape(self.n_features, *filled)[:, *tile.inner]


def _session(model: onnx.ModelProto, threads: int) -> onnxruntime.InferenceSession:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = max(threads, 0)
    options.inter_op_num_threads = 1
    options.log_severity_level = 3
    return onnxruntime.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"])
