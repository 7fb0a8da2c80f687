"""Exports models of other makers: `PYTHON benchmarks/makers.py FOLDER`, by a Python that has their libraries
(scikit-learn, skl2onnx, onnxmltools, LightGBM, XGBoost), with nothing of Progon in it.

Names with suspect_ are of converters that are known to change a model on some rows.

FOLDER gets rows.csv, the labelled rows of a task, ask.csv, other rows with blanks, and for each model NAME.onnx and
NAME.csv: the rows that were asked with the library's own answers.
"""
from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pandas as pd

NUMBERS, TEXTS, TARGET = ["age", "pay", "hours"], ["job", "town"], "left"
LEARNED, ASKED = 2_000, 1_000


def rows_of(count, seed):
    random = np.random.default_rng(seed)
    rows = pd.DataFrame({
        "age": random.integers(18, 80, count).astype(np.float32),
        "pay": random.lognormal(8, 0.5, count).astype(np.float32),
        "hours": random.normal(40, 8, count).astype(np.float32),
        "job": random.choice(["smith", "cook", "Пекарь", "clerk"], count),
        "town": random.choice(["Oslo", "Bergen", "Bodø"], count)})
    score = (rows.age - 45) / 12 + (rows.pay < 2_500) - (rows.job == "cook") * 1.5 + random.normal(0, 1, count)
    for name in rows:
        rows.loc[random.random(count) < 0.08, name] = np.nan if name in NUMBERS else ""
    return rows, np.where(score > 0, "yes", "no")


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
    yield "suspect_knn", make_pipeline(columns(StandardScaler()), KNeighborsClassifier(6, weights="uniform"))


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


def converted(model, of_columns):
    from skl2onnx import to_onnx
    from skl2onnx.common.data_types import FloatTensorType, StringTensorType
    if of_columns:
        kinds = [(name, FloatTensorType([None, 1])) for name in NUMBERS] + [
            (name, StringTensorType([None, 1])) for name in TEXTS]
    else:
        kinds = [("x", FloatTensorType([None, len(NUMBERS)]))]
    return to_onnx(model, initial_types=kinds, target_opset={"": 17, "ai.onnx.ml": 3})


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


def export(folder, name, model, of_columns, learned, labels, asked):
    takes = (lambda rows: rows) if of_columns else (lambda rows: rows[NUMBERS].to_numpy(np.float32))
    codes = (labels == "yes").astype(int)
    model.fit(takes(learned), labels if of_columns else codes)
    (folder / f"{name}.onnx").write_bytes(converted(model, of_columns).SerializeToString())
    answers, shares = asked.copy(), model.predict_proba(takes(asked))
    answers["probability_no"], answers["probability_yes"] = shares[:, 0], shares[:, 1]
    answers.to_csv(folder / f"{name}.csv", index=False)


def export_all(folder):
    with_boosters()
    learned, labels = rows_of(LEARNED, 0)
    asked, _ = rows_of(ASKED, 1)
    learned.assign(**{TARGET: labels}).to_csv(folder / "rows.csv", index=False)
    asked.to_csv(folder / "ask.csv", index=False)
    for of_columns, models in ((True, sklearn_pipelines()), (False, boosted())):
        for name, model in models:
            try:
                export(folder, name, model, of_columns, learned, labels, asked)
            except Exception as failure:
                print(f"{name}: not exported: {type(failure).__name__}: {str(failure)[:200]}", flush=True)


if __name__ == "__main__":
    export_all(Path(sys.argv[1]))
