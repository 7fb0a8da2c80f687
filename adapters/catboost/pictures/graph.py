"""What the filters of single pixels say of a whole picture, and trees that ask for it, as one ONNX graph."""
from __future__ import annotations

from collections.abc import Mapping

import catboost
import numpy as np
import onnx
import spox.opset.ai.onnx.v17 as op
from spox import Var, build

from adapters.catboost.oblivious import Forest, read_forest
from adapters.catboost.pixels.feature_graph import feature_names as pixel_feature_names
from adapters.catboost.pixels.feature_graph import image_argument, picture_levels, pixel_features
from adapters.catboost.tree_lookup import both_margins, integers, look_up, raw_scores, softmax
from domain.labels import Label

SIDE_PX, CHANNELS, BITS = 128, 3, 8
IR_VERSION = 8
# Trees jump at their borders: what is kept of a mean is coarser than what the order of a sum could change.
_STEPS_PER_UNIT = 64.0


def feature_names() -> list[str]:
    """One for each column of the features."""
    pixel = pixel_feature_names(CHANNELS)
    colours = [f"colour {channel}" for channel in range(1, CHANNELS + 1)]
    return [f"{what} of {name}" for what in ("mean", "deviation") for name in (*pixel, *colours)]


def build_features() -> onnx.ModelProto:
    """`image` uint8 [N, H, W, 3] to `features` float32[N, n_features]; N is 1."""
    image = image_argument(CHANNELS, BITS)
    return _named(build({"image": image}, {"features": _features(image)}))


def build_model(booster: catboost.CatBoost, column: str, labels: tuple[Label, ...], metadata: Mapping[str, str]
                ) -> onnx.ModelProto:
    """booster: trained on the features. column: what the input is called.

    Outputs: `prediction` [N], int64 if the labels are, else string, and `probabilities` float32[N, classes]; N is 1."""
    image = image_argument(CHANNELS, BITS)
    probabilities = _probabilities(read_forest(booster), op.transpose(_features(image)))
    names = np.array(labels, np.int64) if isinstance(labels[0], int) else np.array([str(label) for label in labels])
    best = op.gather(op.constant(value=names), op.arg_max(probabilities, axis=1, keepdims=0))
    model = build({column: image}, {"prediction": best, "probabilities": probabilities})
    for output in model.graph.output:
        shape: list[str | int] = ["N", len(labels)] if output.name == "probabilities" else ["N"]
        output.CopyFrom(onnx.helper.make_tensor_value_info(output.name, output.type.tensor_type.elem_type, shape))
    onnx.helper.set_model_props(model, dict(sorted(metadata.items())))
    return _named(model)


def _features(image: Var) -> Var:
    """float32[1, n_features]."""
    square = _square(image)
    filtered = pixel_features(square, picture_levels(square, 1), CHANNELS, jointly=True).matrix
    colours = op.reshape(op.transpose(op.cast(square, to=np.float32), perm=[3, 0, 1, 2]), integers([CHANNELS, -1]))
    whole = [_summed_up(filtered), _summed_up(colours)]
    return op.concat([side for place in (0, 1) for side in (whole[0][place], whole[1][place])], axis=1)


def _square(image: Var) -> Var:
    planes = op.transpose(op.cast(image, to=np.float32), perm=[0, 3, 1, 2])
    sizes = op.concat([op.shape(planes, end=2), integers([SIDE_PX, SIDE_PX])], axis=0)
    smaller = op.resize(planes, None, None, sizes, mode="linear", coordinate_transformation_mode="half_pixel")
    return op.cast(op.transpose(op.round(smaller), perm=[0, 2, 3, 1]), to=np.uint8)


def _summed_up(maps: Var) -> tuple[Var, Var]:
    """[1, maps] each: mean and standard deviation of maps [maps, pixels]."""
    mean = op.reduce_mean(maps, axes=[1], keepdims=1)
    apart = op.sub(maps, mean)
    deviation = op.sqrt(op.reduce_mean(op.mul(apart, apart), axes=[1], keepdims=1))
    return _coarse(op.transpose(mean)), _coarse(op.transpose(deviation))


def _coarse(values: Var) -> Var:
    steps = op.constant(value=np.array(_STEPS_PER_UNIT, np.float32))
    return op.div(op.round(op.mul(values, steps)), steps)


def _probabilities(forest: Forest, features: Var) -> Var:
    """float32[N, n_classes] of features float32[n_features, N]."""
    if not forest.depth:
        scores = op.constant(value=forest.bias.astype(np.float32)[None])
    else:
        scores = raw_scores(forest, op.transpose(look_up(forest, features)))
    return op.sigmoid(both_margins(scores)) if forest.link == "logistic" else softmax(forest, scores)


def _named(model: onnx.ModelProto) -> onnx.ModelProto:
    model.ir_version = IR_VERSION
    model.producer_name, model.producer_version, model.graph.name = "progon", "", "model"
    onnx.checker.check_model(model, full_check=True)
    return model
