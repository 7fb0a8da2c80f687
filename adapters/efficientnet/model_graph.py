"""The backbone with a linear head as one ONNX graph, from pixels to the class of the picture."""
from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
import onnx
import spox.opset.ai.onnx.v18 as op
from spox import Var, build

from adapters.efficientnet.backbone_graph import feature_maps, number, picture_argument, whole
from domain.arrays import Array
from domain.labels import Label

if TYPE_CHECKING:
    from adapters.efficientnet.head import Head

IR_VERSION = 8
# Nothing is divided by the length of a picture without any feature.
LEAST_LENGTH = 1e-6
REGIONS = "regions"


def build_features(weights: Mapping[str, Array]) -> onnx.ModelProto:
    """`image` to `features` float32[N, MAPS] of length 1: what the head is trained on."""
    image = picture_argument()
    features, _ = _unit(_pooled(feature_maps(image, weights)))
    return _named(build({"image": image}, {"features": features}))


def build_model(weights: Mapping[str, Array], head: Head, column: str, labels: tuple[Label, ...],
                metadata: Mapping[str, str]) -> onnx.ModelProto:
    """column: what the input is called, uint8 [N, H, W, 3].

    Outputs: `prediction` [N], int64 if the labels are, else string; `probabilities` float32[N, classes]; and `regions`
    float32[N, rows, columns], a grid over the picture: what each place adds to the score of the predicted class. They
    are its score but for the bias, for the head is linear in the mean over all places (Zhou et al. 2016, "Learning Deep
    Features for Discriminative Localization").
    """
    image = picture_argument()
    maps = feature_maps(image, weights)
    features, length = _unit(_pooled(maps))
    kernel = op.constant(value=head.kernel)
    scores = op.gemm(features, kernel, op.constant(value=head.bias), transB=1)
    best = op.arg_max(scores, axis=1, keepdims=0)
    names = np.array(labels, np.int64) if isinstance(labels[0], int) else np.array([str(label) for label in labels])
    model = build({column: image}, {
        "prediction": op.gather(op.constant(value=names), best), "probabilities": op.softmax(scores, axis=1),
        REGIONS: _regions(maps, op.gather(kernel, best), length)})
    return _finish(model, len(labels), metadata)


def _pooled(maps: Var) -> Var:
    return op.flatten(op.global_average_pool(maps), axis=1)


def _unit(features: Var) -> tuple[Var, Var]:
    """And the length that they had, [N, 1]."""
    length = op.max([op.reduce_l2(features, whole([1]), keepdims=1), number(LEAST_LENGTH)])
    return op.div(features, length), length


def _regions(maps: Var, kernels: Var, length: Var) -> Var:
    """kernels: [N, MAPS], of the class of each picture."""
    shape = op.shape(maps, start=2)
    places = op.cast(op.reduce_prod(shape), to=np.float32)
    flat = op.reshape(maps, op.concat([op.shape(maps, end=2), whole([-1])], axis=0))
    sums = op.squeeze(op.matmul(op.unsqueeze(kernels, whole([1])), flat), whole([1]))
    return op.reshape(op.div(sums, op.mul(length, places)), op.concat([op.shape(maps, end=1), shape], axis=0))


def _finish(model: onnx.ModelProto, n_classes: int, metadata: Mapping[str, str]) -> onnx.ModelProto:
    shapes: Mapping[str, list[str | int]] = {
        "prediction": ["N"], "probabilities": ["N", n_classes], REGIONS: ["N", "rows", "columns"]}
    for output in model.graph.output:
        output.CopyFrom(onnx.helper.make_tensor_value_info(
            output.name, output.type.tensor_type.elem_type, shapes[output.name]))
    onnx.helper.set_model_props(model, dict(sorted(metadata.items())))
    return _named(model)


def _named(model: onnx.ModelProto) -> onnx.ModelProto:
    model.ir_version = IR_VERSION
    model.producer_name, model.producer_version, model.graph.name = "progon", "", "model"
    onnx.checker.check_model(model, full_check=True)
    return model
