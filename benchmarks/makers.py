"""Exports models of other makers: `PYTHON -m benchmarks.makers FOLDER`, by a Python that has their libraries
(scikit-learn, skl2onnx, onnxmltools, LightGBM, XGBoost), with nothing of Progon in it.

Names with suspect_ are of converters that are known to change a model on some rows.

FOLDER gets rows.csv, the labelled rows of a task, ask.csv, other rows with blanks, and for each model NAME.onnx and
NAME.csv: the rows that were asked with the library's own answers. It gets shapes.zip too,
pictures of a task of classes
"""
from __future__ import annotations

import sys
from pathlib import Path

import numpy as np

from benchmarks.makers_data import (
    ASKED,
    LEARNED,
    NOTE,
    NUMBERS,
    PICTURES,
    SHAPES,
    TARGET,
    TEXTS,
    leave_answers,
    leave_pictures,
    pictures_of,
    rows_of,
)


def sklearn_pipelines():
    from sklearn.compose import make_column_transformer
    from sklearn.ensemble import RandomForestClassifier, StackingClassifier
    from sklearn.impute import SimpleImputer
    from sklearn.linear_model import LogisticRegression
    from sklearn.neighbors import KNeighborsClassifier
    from sklearn.neural_network import MLPClassifier
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import OneHotEncoder, PowerTransformer, QuantileTransformer, StandardScaler

    def columns(*scalers):
        return make_column_transformer((make_pipeline(SimpleImputer(), *scalers), NUMBERS),
                                       (OneHotEncoder(handle_unknown="ignore", sparse_output=False), TEXTS))
    yield "logistic", make_pipeline(columns(StandardScaler()), LogisticRegression(max_iter=500))
    yield "forest", make_pipeline(columns(), RandomForestClassifier(40, max_depth=6, random_state=0))
    yield "net", make_pipeline(columns(QuantileTransformer(n_quantiles=50)), MLPClassifier((16,), max_iter=60))
    yield "power", make_pipeline(columns(PowerTransformer()), LogisticRegression(max_iter=500))
    yield "stacking", make_pipeline(columns(StandardScaler()), StackingClassifier(
        [("logistic", LogisticRegression(max_iter=500)), ("net", MLPClassifier((8,), max_iter=60))]))
    # Many neighbours are as far away as others.
    ties = make_column_transformer((SimpleImputer(), ["age"]), (OneHotEncoder(sparse_output=False), TEXTS))
    yield "suspect_knn", make_pipeline(ties, KNeighborsClassifier(6))


def boosted():
    """Of the numbers alone, in one tensor, blanks as they are."""
    from lightgbm import LGBMClassifier
    from sklearn.calibration import CalibratedClassifierCV
    from sklearn.impute import SimpleImputer
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler
    from xgboost import XGBClassifier
    yield "lightgbm", LGBMClassifier(n_estimators=80, verbose=-1)
    yield "xgboost", XGBClassifier(n_estimators=80, max_depth=4)
    yield "suspect_calibrated", CalibratedClassifierCV(
        make_pipeline(SimpleImputer(), StandardScaler(), LogisticRegression(max_iter=500)))
    yield "suspect_xgboost_scaled", make_pipeline(StandardScaler(), XGBClassifier(n_estimators=80, max_depth=6))


def of_texts():
    """Of the words of one column, blanks as empty texts."""
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    for name, cased in (("tfidf", False), ("suspect_tfidf", False), ("suspect_tfidf_cased", True)):
        yield name, make_pipeline(TfidfVectorizer(lowercase=not cased), LogisticRegression(max_iter=500))


def converted(name, model, taken):
    """Words are told apart as the library does it only if that is said: the converter's own way knows no letters but
    those of ASCII."""
    from skl2onnx import to_onnx
    from skl2onnx.common.data_types import FloatTensorType, StringTensorType
    from sklearn.feature_extraction.text import TfidfVectorizer
    kinds = {"columns": [(name, FloatTensorType([None, 1])) for name in NUMBERS] + [
                (name, StringTensorType([None, 1])) for name in TEXTS],
             "numbers": [("x", FloatTensorType([None, len(NUMBERS)]))],
             "note": [(NOTE, StringTensorType([None, 1]))]}
    words = {TfidfVectorizer: {"tokenexp": r"[\p{L}\p{N}_]+"}} if name == "tfidf" else None
    return to_onnx(model, initial_types=kinds[taken], target_opset={"": 17, "ai.onnx.ml": 3}, options=words)


def with_boosters():
    from lightgbm import LGBMClassifier
    from onnxmltools.convert.lightgbm.operator_converters.LightGbm import convert_lightgbm
    from onnxmltools.convert.xgboost.operator_converters.XGBoost import convert_xgboost
    from skl2onnx import update_registered_converter
    from skl2onnx.common.shape_calculator import calculate_linear_classifier_output_shapes as shapes
    from xgboost import XGBClassifier
    for kind, name, converter in ((LGBMClassifier, "LightGbmLGBMClassifier", convert_lightgbm),
                                  (XGBClassifier, "XGBoostXGBClassifier", convert_xgboost)):
        update_registered_converter(kind, name, shapes, converter,
                                    options={"nocl": [True, False], "zipmap": [True, False, "columns"]})


TAKES = {"columns": lambda rows: rows[NUMBERS + TEXTS], "numbers": lambda rows: rows[NUMBERS].to_numpy(np.float32),
         "note": lambda rows: rows[NOTE].to_numpy(object)}


def export(folder, name, model, taken, learned, labels, asked):
    model.fit(TAKES[taken](learned), (labels == "yes").astype(int) if taken == "numbers" else labels)
    (folder / f"{name}.onnx").write_bytes(converted(name, model, taken).SerializeToString())
    leave_answers(folder / f"{name}.csv", asked, model.predict_proba(TAKES[taken](asked))[:, 1])


def export_all(folder):
    with_boosters()
    learned, labels = rows_of(LEARNED, 0)
    asked, _ = rows_of(ASKED, 1)
    learned.assign(**{TARGET: labels}).to_csv(folder / "rows.csv", index=False)
    asked.to_csv(folder / "ask.csv", index=False)
    pictures, shapes = pictures_of(PICTURES * len(SHAPES), 0)
    leave_pictures(folder / "shapes.zip", pictures, shapes=shapes)
    for taken, models in (("columns", sklearn_pipelines()), ("numbers", boosted()), ("note", of_texts())):
        for name, model in models:
            try:
                export(folder, name, model, taken, learned, labels, asked)
            except Exception as failure:
                print(f"{name}: not exported: {type(failure).__name__}: {str(failure)[:200]}", flush=True)


if __name__ == "__main__":
    export_all(Path(sys.argv[1]))
