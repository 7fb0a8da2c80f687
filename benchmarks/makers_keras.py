"""Nets of Keras, exported by `model.export(format="onnx")`: `PYTHON -m benchmarks.makers_keras FOLDER`.

Each leaves NAME.onnx, NAME.json, the mapping, and the rows or pictures that were asked with Keras' own answers:
NAME.csv or NAME.zip.
"""
from __future__ import annotations

import json
import sys
from pathlib import Path

import numpy as np

from benchmarks.makers_data import (
    ASKED,
    ASKED_PICTURES,
    FILLED,
    LEARNED,
    NUMBERS,
    PICTURES,
    SHAPES,
    leave_answers,
    leave_pictures,
    pictures_of,
    rows_of,
)

SIDE = 48


def export_table(folder):
    import keras
    keras.utils.set_random_seed(0)
    learned, labels = rows_of(LEARNED, 0)
    asked, _ = rows_of(ASKED, 1)
    values, wanted = (rows[NUMBERS].fillna(FILLED).to_numpy(np.float32) for rows in (learned, asked))
    # `Normalization` leaves what it learned as inputs of the file, and gelu an operator that ONNX has not: both are
    # refused at once.
    layers = keras.layers
    model = keras.Sequential([keras.Input((3,)), layers.BatchNormalization(), layers.Dense(32, "relu"),
                              layers.Dropout(0.1), layers.Dense(1, "sigmoid")])
    model.compile(keras.optimizers.Adam(0.01), "binary_crossentropy")
    model.fit(values, (labels == "yes").astype(np.float32), epochs=5, batch_size=64, verbose=0)
    exported(model, folder / "keras_mlp.onnx", {
        "inputs": {input_of(model): {"columns": NUMBERS}}, "missing": FILLED})
    leave_answers(folder / "keras_mlp.csv", asked, model.predict(wanted, verbose=0)[:, 0].astype(np.float64))


def export_pictures(folder):
    """Values from 0 to 255 go in; what makes them small is inside."""
    import keras
    keras.utils.set_random_seed(0)
    pictures, shapes = pictures_of(PICTURES * len(SHAPES), 0)
    asked, _ = pictures_of(ASKED_PICTURES, 1)
    layers = keras.layers
    model = keras.Sequential([
        keras.Input((SIDE, SIDE, 3)), layers.Rescaling(1 / 127.5, -1), layers.Conv2D(16, 3, activation="relu"),
        layers.MaxPooling2D(), layers.Conv2D(32, 3, activation="relu"), layers.BatchNormalization(),
        layers.GlobalAveragePooling2D(), layers.Dropout(0.1), layers.Dense(len(SHAPES), "softmax")])
    model.compile(keras.optimizers.Adam(0.01), "sparse_categorical_crossentropy")
    model.fit(np.concatenate(list(map(seen, pictures))), np.array(shapes), epochs=15, batch_size=32, verbose=0)
    exported(model, folder / "keras_cnn.onnx", {"picture": {"scale": 1}})
    leave_pictures(folder / "keras_cnn.zip", asked, [model.predict(seen(pixels), verbose=0)[0] for pixels in asked])


def seen(pixels):
    """As `tf.image.resize` with antialiasing makes it."""
    import tensorflow as tf
    return tf.image.resize(pixels.astype(np.float32), (SIDE, SIDE), antialias=True).numpy()[None]


def exported(model, path, mapping):
    model.export(str(path), format="onnx", verbose=False)
    path.with_suffix(".json").write_text(json.dumps(mapping))


def input_of(model):
    """What the exporter calls it."""
    return model.inputs[0].name


if __name__ == "__main__":
    export_table(Path(sys.argv[1]))
    export_pictures(Path(sys.argv[1]))
