"""Pixel features and a trained CatBoost model as one ONNX graph, from raw pixels to the classes of all of them."""
from __future__ import annotations

import json
from collections.abc import Mapping

import catboost
import numpy as np
import onnx
import spox.opset.ai.onnx.v17 as op
from spox import Var, build

from adapters.catboost.oblivious import Forest, read_forest
from adapters.catboost.pixels.feature_graph import (
    HALO_PX,
    STEP_PX,
    PixelFeatures,
    feature_names,
    image_argument,
    levels_argument,
    picture_levels,
    pixel_features,
)
from adapters.catboost.tree_lookup import both_margins, integers, look_up, raw_scores, softmax

# What the trees look at at a time stays in the processor's cache.
CHUNK_PX = 2_048
IR_VERSION = 8


def build_features(channels: int, bits: int) -> onnx.ModelProto:
    """`image` and `levels` to `features` float32[n_features, N * height * width], height and width filled up to steps:
    what the trees are trained on."""
    image, levels = image_argument(channels, bits), levels_argument(channels)
    return _named(build({"image": image, "levels": levels},
                        {"features": pixel_features(image, levels, channels).matrix}))


def build_levels(channels: int, bits: int) -> onnx.ModelProto:
    """`image` to `levels`."""
    image = image_argument(channels, bits)
    return _named(build({"image": image}, {"levels": picture_levels(image, channels)}))


def build_model(booster: catboost.CatBoost, channels: int, bits: int, n_classes: int, metadata: Mapping[str, str]
                ) -> onnx.ModelProto:
    """booster: trained on the features of `build_features`, on n_classes classes, nan_mode Min.

    Graph input: `image` uint8 or uint16 [N, H, W, channels]. Outputs: `probabilities` float32[N, H, W, n_classes],
    `prediction` uint8[N, H, W], the position of the likeliest class. The tensor `levels` inside, float32[N, 2 *
    channels], is all that a pixel's answer takes from the whole picture; whoever runs a picture in parts cuts the graph
    there, and reads in the metadata (`tiling`) how the parts have to lie.
    Raises: ValueError where the model is none for these features and classes.
    """
    forest = read_forest(booster)
    if len(booster.feature_names_) != len(feature_names(channels)) or forest.n_classes != n_classes:
        raise ValueError(f"the model has {len(booster.feature_names_)} features and {forest.n_classes} classes, "
                         f"the task {len(feature_names(channels))} and {n_classes}")
    image = image_argument(channels, bits)
    levels = picture_levels(image, channels)
    features = pixel_features(image, levels, channels)
    filled = op.reshape(_answered(forest, features), op.concat(
        [integers([-1]), features.height, features.width, integers([n_classes])], axis=0))
    probabilities = op.slice(filled, integers([0, 0]), op.shape(image, start=1, end=3), integers([1, 2]))
    prediction = op.cast(op.arg_max(probabilities, axis=3, keepdims=0), to=np.uint8)
    model = build({"image": image},
                  {"prediction": prediction, "probabilities": probabilities, "levels": levels})
    return _finish(model, n_classes, metadata)


def _answered(forest: Forest, features: PixelFeatures) -> Var:
    """float32[k, pixels, n_classes]: k times some rows of pixels."""
    pixels = op.mul(features.width, _rows_at_a_time(features.width))
    whole = op.shape(features.matrix, start=1)

    def some(number: Var, on: Var) -> list[Var]:
        start = op.mul(number, pixels)
        chunk = op.slice(features.matrix, start, op.add(start, pixels), integers([1]))
        return [on, _probabilities(forest, chunk)]

    answered, = op.loop(op.div(whole, pixels), op.constant(value=np.array([True])), v_initial=[], body=some)
    return answered


def _rows_at_a_time(width: Var) -> Var:
    """int64[1]: 16, 8, 4, 2 or 1 rows, whatever holds about CHUNK_PX; each goes into a step without a rest."""
    powers = 2 ** np.arange(STEP_PX.bit_length() - 1)
    fits = op.cast(op.less_or_equal(width, integers(CHUNK_PX // (2 * powers))), to=np.int64)
    return op.add(integers([1]), op.reduce_sum(op.mul(fits, integers(powers))))


def _probabilities(forest: Forest, features: Var) -> Var:
    """float32[n, n_classes] of features float32[n_features, n]."""
    scores = raw_scores(forest, op.transpose(_sums(forest, features)))
    return op.sigmoid(both_margins(scores)) if forest.link == "logistic" else softmax(forest, scores)


def _sums(forest: Forest, features: Var) -> Var:
    if forest.depth:
        return look_up(forest, features)
    shape = op.concat([integers([forest.n_outputs]), op.shape(features, start=1)], axis=0)
    return op.expand(op.constant(value=np.zeros((1, 1), np.float32)), shape)


def _finish(model: onnx.ModelProto, n_classes: int, metadata: Mapping[str, str]) -> onnx.ModelProto:
    """`levels` is a tensor inside with a type, no answer; the shapes of the answers are declared."""
    _keep_inside(model.graph, "levels")
    for output in model.graph.output:
        shape: list[str | int] = ["N", "H", "W", *([n_classes] if output.name == "probabilities" else [])]
        output.CopyFrom(onnx.helper.make_tensor_value_info(output.name, output.type.tensor_type.elem_type, shape))
    tiling = {"tiling": json.dumps({"halo_px": HALO_PX, "step_px": STEP_PX})}
    onnx.helper.set_model_props(model, dict(sorted((tiling | dict(metadata)).items())))
    return _named(model)


def _keep_inside(graph: onnx.GraphProto, name: str) -> None:
    """Turns an output, which is a copy, into the name and the declared type of the tensor that was copied."""
    output = next(output for output in graph.output if output.name == name)
    copying = next(node for node in graph.node if name in node.output)
    original = copying.input[0]
    graph.node.remove(copying)
    graph.output.remove(output)
    graph.value_info.append(output)
    for node in graph.node:
        for names in (node.input, node.output):
            names[:] = [name if entry == original else entry for entry in names]


def _named(model: onnx.ModelProto) -> onnx.ModelProto:
    model.ir_version = IR_VERSION
    model.producer_name, model.producer_version, model.graph.name = "progon", "", "model"
    onnx.checker.check_model(model, full_check=True)
    return model
