"""Features of every pixel at several scales, as an ONNX graph from raw pixels.

The filters that add many numbers up work on whole numbers so small that float32 holds every sum exactly: a pixel's
features are the same bits in whatever order the sums are made, so in the whole picture or a tile of it, on one thread
or many, when the trees are trained or asked. Trees jump at their borders, so nearly the same would not do.
"""
from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import spox.opset.ai.onnx.v17 as op
from numpy.typing import NDArray
from spox import Tensor, Var, argument

# Sides are filled up to a multiple of this: three halvings, and whole rows for the trees to take at a time.
STEP_PX = 16
# How far away a pixel can still change another one's features: all filters one after the other, each at its scale.
HALO_PX = 96
PIXEL_BITS, WEIGHT_BITS = 14, 10
GRADIENT_BITS = 10
FULL = 2.0 ** PIXEL_BITS - 1
# Which share of a picture is called black and white (the shape of a stretch to the percentiles 1 and 99.8).
DARK_PER_MILLE, BRIGHT_PER_MILLE = 10, 2
# Percentiles come from about this many pixels on a grid: a quarter of a per mille of error in a share of 1 %.
SAMPLED_PX = 65_536
RADIUS = 4
END = 2 ** 62
# (scale of the pyramid, sigma in pixels of the picture)
SCALES = ((1, 1), (1, 2), (2, 4), (4, 8), (8, 16))
KINDS = ("Gaussian", "gradient", "Laplacian", "Hessian, larger", "Hessian, smaller", "structure, larger",
         "structure, smaller")


@dataclass(frozen=True, eq=False, slots=True)
class PixelFeatures:
    """matrix: float32[n_features, N * height * width]; height and width, int64[1] each, are filled up to steps."""

    matrix: Var
    height: Var
    width: Var


def feature_names(channels: int) -> list[str]:
    """One name for each row of the matrix."""
    names = ["intensity", *(f"{kind} at {sigma_px} px" for _, sigma_px in SCALES for kind in KINDS)]
    return names if channels == 1 else [f"{name}, channel {channel}" for channel in range(1, channels + 1)
                                        for name in names]


def image_argument(channels: int, bits: int) -> Var:
    """uint8 or uint16 [N, height, width, channels]."""
    return argument(Tensor(np.uint8 if bits == 8 else np.uint16, ("N", "H", "W", channels)))


def levels_argument(channels: int) -> Var:
    """float32[N, 2 * channels]: the pixel values that count as black in each channel of each picture, then as white."""
    return argument(Tensor(np.float32, ("N", 2 * channels)))


def pixel_features(image: Var, levels: Var, channels: int, jointly: bool = False) -> PixelFeatures:
    """levels: what `picture_levels` gives for the picture, or for the whole one that this is a part of; jointly: of all
    channels together."""
    planes = _filled(_stretched(_planes(image), levels, 1 if jointly else channels))
    # Each channel is a picture of its own from here.
    maps = op.concat([planes, *_all_scales(planes)], axis=1)
    shape = op.shape(planes, start=2)
    n_features = 1 + len(SCALES) * len(KINDS)
    parted = op.reshape(maps, op.concat([_whole([-1, channels, n_features]), op.reduce_prod(shape)], axis=0))
    matrix = op.reshape(op.transpose(parted, perm=[1, 2, 0, 3]), _whole([channels * n_features, -1]))
    return PixelFeatures(matrix, op.slice(shape, _whole([0]), _whole([1])),
                         op.slice(shape, _whole([1]), _whole([2])))


def _planes(image: Var) -> Var:
    return op.transpose(op.cast(image, to=np.float32), perm=[0, 3, 1, 2])


def picture_levels(image: Var, channels: int) -> Var:
    """float32[N, 2 * channels]: percentiles of each channel of each picture. Stains and lamps differ by colour: by one
    measure the brightest channel would leave the others flat. With channels = 1 those of all together: colours stay
    what they are."""
    area = op.cast(op.reduce_prod(op.shape(image, start=1, end=3)), to=np.float32)
    stride = op.cast(op.ceil(op.sqrt(op.mul(area, _number(1 / SAMPLED_PX)))), to=np.int64)
    # Of the bytes, before they become numbers: of a large picture those would be its largest tensor.
    sample = op.slice(image, _whole([0, 0]), _whole([END] * 2), _whole([1, 2]), op.concat([stride, stride], axis=0))
    planes = _planes(sample)
    size = op.div(op.reduce_prod(op.shape(planes, start=1)), _whole([channels]))
    flat = op.reshape(planes, op.concat([_whole([0, channels]), size], axis=0))
    last = op.sub(op.shape(flat, start=2), _whole([1]))
    levels = [op.reduce_max(_extreme(flat, last, DARK_PER_MILLE, largest=0), axes=[2], keepdims=0),
              op.reduce_min(_extreme(flat, last, BRIGHT_PER_MILLE, largest=1), axes=[2], keepdims=0)]
    return op.concat(levels, axis=1)


def _extreme(flat: Var, last: Var, per_mille: int, largest: int) -> Var:
    count = op.add(op.div(op.mul(last, _whole([per_mille])), _whole([1000])), _whole([1]))
    return op.top_k(flat, count, axis=2, largest=largest)[0]


def _stretched(pixels: Var, levels: Var, channels: int) -> Var:
    """Whole numbers from 0 (black) to FULL (white). What is of one value alone is black."""
    low, high = (op.unsqueeze(op.slice(levels, _whole([start]), _whole([start + channels]), _whole([1])),
                              _whole([2, 3])) for start in (0, channels))
    gain = op.div(_number(FULL), op.max([op.sub(high, low), _number(1.0)]))
    return op.clip(op.round(op.mul(op.sub(pixels, low), gain)), _number(0.0), _number(FULL))


def _filled(pixels: Var) -> Var:
    """[N, C, H, W] -> [N * C, 1, height, width] with the last row and column repeated up to the next step."""
    size = op.shape(pixels, start=2)
    missing = op.mod(op.sub(_whole([STEP_PX] * 2), op.mod(size, _whole([STEP_PX] * 2))), _whole([STEP_PX] * 2))
    planes = op.reshape(pixels, op.concat([_whole([-1, 1]), size], axis=0))
    return op.pad(planes, op.concat([_whole([0] * 6), missing], axis=0), mode="edge")


def _all_scales(planes: Var) -> list[Var]:
    """Gaussians of growing sigma, each from the one before; where the next is twice as wide, at half the size."""
    smoothed, maps, before = planes, [], (1, 0)
    for scale, sigma_px in SCALES:
        coarser = scale > before[0]
        smoothed = _halved(smoothed) if coarser else smoothed
        # Variances of Gaussians add up; in pixels of this scale.
        smoothed = _smooth(smoothed, math.sqrt(sigma_px ** 2 - before[1] ** 2) / scale)
        maps.append(_enlarged(_at_one_scale(smoothed), scale))
        before = (scale, sigma_px)
    return maps


def _halved(planes: Var) -> Var:
    return op.slice(planes, _whole([0, 0]), _whole([END] * 2), _whole([2, 3]), _whole([2, 2]))


def _enlarged(maps: Var, scale: int) -> Var:
    """Linear between the pixels that were kept; they lie at multiples of the scale."""
    if scale == 1:
        return maps
    return op.resize(maps, None, op.constant(value=np.array([1, 1, scale, scale], np.float32)), mode="linear",
                     coordinate_transformation_mode="asymmetric")


def _at_one_scale(smoothed: Var) -> Var:
    """[n, 1, h, w] -> [n, len(KINDS), h, w]."""
    dx, dy, dxx, dyy, dxy = _derivatives(smoothed)
    gradient = op.sqrt(op.add(op.mul(dx, dx), op.mul(dy, dy)))
    hessian = _eigenvalues(dxx, dyy, dxy)
    structure = _eigenvalues(*_structure(dx, dy))
    return op.concat([smoothed, gradient, op.add(dxx, dyy), *hessian, *structure], axis=1)


def _derivatives(smoothed: Var) -> list[Var]:
    """d/dx and d/dy twice over, d2/dx2, d2/dy2 and d2/dxdy four times over: differences of whole numbers."""
    kernels = np.zeros((5, 1, 3, 3), np.float32)
    kernels[0, 0, 1], kernels[1, 0, :, 1] = (-1, 0, 1), (-1, 0, 1)
    kernels[2, 0, 1], kernels[3, 0, :, 1] = (1, -2, 1), (1, -2, 1)
    kernels[4, 0] = ((1, 0, -1), (0, 0, 0), (-1, 0, 1))
    maps = op.split(op.conv(_padded(smoothed, 1, 1), op.constant(value=kernels)), outputs_count=5, axis=1)
    return [*maps[:4], op.mul(maps[4], _number(0.25))]


def _structure(dx: Var, dy: Var) -> list[Var]:
    """The structure tensor (Bigun and Granlund 1987): products of the slopes, averaged over 5 by 5 pixels."""
    step = _number(2.0 ** (GRADIENT_BITS - PIXEL_BITS))
    dx, dy = (op.round(op.mul(slope, step)) for slope in (dx, dy))
    products = op.concat([op.mul(dx, dx), op.mul(dy, dy), op.mul(dx, dy)], axis=1)
    weights = np.tile(np.array([1, 4, 6, 4, 1], np.float32), (3, 1, 1, 1))
    return list(op.split(_separable(products, weights, 4), outputs_count=3, axis=1))


def _eigenvalues(xx: Var, yy: Var, xy: Var) -> list[Var]:
    """Of the symmetric matrix [[xx, xy], [xy, yy]], the larger one first."""
    half = _number(0.5)
    middle, apart = op.mul(op.add(xx, yy), half), op.mul(op.sub(xx, yy), half)
    radius = op.sqrt(op.add(op.mul(apart, apart), op.mul(xy, xy)))
    return [op.add(middle, radius), op.sub(middle, radius)]


def _smooth(planes: Var, sigma: float) -> Var:
    return _separable(planes, gaussian_weights(sigma)[None, None, None], WEIGHT_BITS)


def gaussian_weights(sigma: float) -> NDArray[np.float32]:
    """float32[2 * RADIUS + 1] whole numbers that sum to 2 ** WEIGHT_BITS; what rounding leaves goes to the middle."""
    exact = np.exp(-0.5 * (np.arange(-RADIUS, RADIUS + 1) / sigma) ** 2)
    weights: NDArray[np.float64] = np.round(exact / exact.sum() * 2 ** WEIGHT_BITS)
    weights[RADIUS] += 2 ** WEIGHT_BITS - weights.sum()
    return weights.astype(np.float32)


def _separable(maps: Var, weights: NDArray[np.float32], bits: int) -> Var:
    """Along rows, then along columns, each time back to whole numbers. weights: [maps, 1, 1, k], summing to 2 ** bits.
    """
    radius, groups = weights.shape[3] // 2, len(weights)
    unit = _number(2.0 ** -bits)
    across = op.conv(_padded(maps, 0, radius), op.constant(value=weights), group=groups)
    across = op.round(op.mul(across, unit))
    down = op.conv(_padded(across, radius, 0), op.constant(value=weights.transpose(0, 1, 3, 2)), group=groups)
    return op.round(op.mul(down, unit))


def _padded(maps: Var, rows: int, columns: int) -> Var:
    """The picture goes on beyond its edge as it ended there."""
    return op.pad(maps, _whole([0, 0, rows, columns] * 2), mode="edge")


def _whole(values: Sequence[int]) -> Var:
    return op.constant(value=np.array(values, np.int64))


def _number(value: float) -> Var:
    return op.constant(value=np.array(value, np.float32))
