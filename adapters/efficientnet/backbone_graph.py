"""EfficientNet-Lite0 as an ONNX graph, from pixels to its last feature maps.

Tan and Le 2019, "EfficientNet: Rethinking Model Scaling for Convolutional Neural Networks"; the Lite variant has no
squeeze and excitation, and ReLU6. Each batch normalisation is put into the convolution before it. Weights are kept in
16 bits, which halves the file; the runtime widens them once, when it loads it.
"""
from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import spox.opset.ai.onnx.v18 as op
from numpy.typing import ArrayLike
from spox import Tensor, Var, argument

from domain.arrays import Array

SIDE_PX, CHANNELS, MAPS = 224, 3, 1280
# What the network was trained on: (value - 127) / 128.
_MEAN, _SCALE = 127.0, 1 / 128
_EPSILON = 1e-3
# Of the first block of each stage.
_STRIDES = (1, 2, 2, 2, 1, 2, 1)
_BLOCKS = (1, 2, 2, 3, 3, 4, 1)


def picture_argument() -> Var:
    """uint8 [N, height, width, 3] of any size."""
    return argument(Tensor(np.uint8, ("N", "H", "W", CHANNELS)))


def feature_maps(picture: Var, weights: Mapping[str, Array]) -> Var:
    """float32[N, MAPS, 7, 7]. Raises: ValueError for weights of another network."""
    if len({match[1] for name in weights if (match := re.match(r"_blocks\.(\d+)\.", name))}) != sum(_BLOCKS):
        raise ValueError("these are not the weights of EfficientNet-Lite0")
    network = _Network(weights, SIDE_PX)
    maps = network.convolved(_normalised(picture), "_conv_stem", "_bn0", stride=2)
    strides = [stride if first == 0 else 1 for stride, count in zip(_STRIDES, _BLOCKS, strict=True)
               for first in range(count)]
    for place, stride in enumerate(strides):
        maps = network.block(maps, f"_blocks.{place}.", stride)
    return network.convolved(maps, "_conv_head", "_bn1")


def _normalised(picture: Var) -> Var:
    """The whole picture in a square, as the mean of what falls together."""
    planes = op.transpose(op.cast(picture, to=np.float32), perm=[0, 3, 1, 2])
    square = op.resize(planes, sizes=whole([SIDE_PX, SIDE_PX]), axes=[2, 3], mode="linear", antialias=1,
                       coordinate_transformation_mode="half_pixel")
    return op.mul(op.sub(square, number(_MEAN)), number(_SCALE))


@dataclass(slots=True)
class _Network:
    """side: of the maps so far. width: how many of them the last block gave."""

    weights: Mapping[str, Array]
    side: int
    width: int = 0

    def block(self, maps: Var, prefix: str, stride: int) -> Var:
        """An inverted residual: wider, filtered map by map, narrower again, beside what came where that is as wide."""
        inner = maps
        if f"{prefix}_expand_conv.weight" in self.weights:
            inner = self.convolved(maps, f"{prefix}_expand_conv", f"{prefix}_bn0")
        inner = self.convolved(inner, f"{prefix}_depthwise_conv", f"{prefix}_bn1", stride, by_map=True)
        inner = self.convolved(inner, f"{prefix}_project_conv", f"{prefix}_bn2", bounded=False)
        came, width = self.width, len(self.weights[f"{prefix}_project_conv.weight"])
        self.width = width
        return op.add(maps, inner) if stride == 1 and came == width else inner

    def convolved(self, maps: Var, name: str, norm: str, stride: int = 1, by_map: bool = False, bounded: bool = True
                  ) -> Var:
        kernel, bias = self._folded(f"{name}.weight", norm)
        size = kernel.shape[2]
        made = op.conv(maps, _narrow(kernel), _narrow(bias), kernel_shape=[size, size], strides=[stride, stride],
                       group=len(kernel) if by_map else 1, pads=self._pads(size, stride))
        return op.clip(made, number(0.0), number(6.0)) if bounded else made

    def _pads(self, size: int, stride: int) -> Sequence[int]:
        """As TensorFlow pads ("SAME"): what is odd goes to the right and below."""
        before, self.side = self.side, -(-self.side // stride)
        missing = max((self.side - 1) * stride + size - before, 0)
        return [missing // 2, missing // 2, missing - missing // 2, missing - missing // 2]

    def _folded(self, name: str, norm: str) -> tuple[Array, Array]:
        scale, shift, mean, variance = (self.weights[f"{norm}.{part}"].astype(np.float64)
                                        for part in ("weight", "bias", "running_mean", "running_var"))
        gain = scale / np.sqrt(variance + _EPSILON)
        return self.weights[name] * gain[:, None, None, None], shift - mean * gain


def _narrow(values: Array) -> Var:
    return op.cast(op.constant(value=values.astype(np.float16)), to=np.float32)


def whole(values: ArrayLike) -> Var:
    return op.constant(value=np.array(values, np.int64))


def number(value: float) -> Var:
    return op.constant(value=np.array(value, np.float32))
