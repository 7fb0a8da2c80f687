"""What one row costs: CatBoost's own ONNX export, our graph of the same trees, and CatBoost's own evaluator.

    python -m benchmarks.trees

500 trees of depth 6 on 18 numbers, two classes, one thread. The export loses its ZipMap first, which is to its gain.
"""
from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Callable, Sequence

import numpy as np
import onnx
import onnxruntime as ort
from catboost import CatBoostClassifier

from adapters.catboost.onnx_graph import build_model

N_FEATURES = 18
NAMES = [f"column {number}" for number in range(N_FEATURES)]
CALL_ROWS = (1, 2, 3, 4, 8, 64, 1000)
TILE_ROWS = (128, 256, 512, 1024, 2048, 4096)
BATCH_ROWS = 100_000
Predict = Callable[[np.ndarray], np.ndarray]


def main() -> None:
    rows = make_rows(BATCH_ROWS)
    booster = train(rows[:20_000])
    peers = {"export": export(booster), "ours": ours(booster), "CatBoost": native(booster)}
    truth = peers["CatBoost"](rows[:1000])
    apart = {name: np.abs(predict(rows[:1000]) - truth).max() for name, predict in peers.items()}
    print(f"largest difference from CatBoost, in a probability: export {apart['export']:.1e}, "
          f"ours {apart['ours']:.1e}\n")
    print_header("us a row", [*peers, "export/ours", "ours/CatBoost"])
    for n_rows in CALL_ROWS:
        print_line(f"{n_rows} a call", [time_us(predict, rows[:n_rows], n_rows) for predict in peers.values()])
    print_line("100k in 512s", [time_us(predict, rows, 512) for predict in peers.values()])
    whole = time_us(peers["CatBoost"], rows, BATCH_ROWS)
    print(f"\nCatBoost, 100k rows in one call: {whole:.2f} us a row. Ours, 100k rows in tiles:")
    print("  ".join(f"{tile}: {time_us(peers['ours'], rows, tile):.2f}" for tile in TILE_ROWS))


def make_rows(n_rows: int) -> np.ndarray:
    """float32[n, 18], a twentieth of it missing."""
    rng = np.random.default_rng(0)
    rows = rng.normal(size=(n_rows, N_FEATURES)).astype(np.float32)
    rows[rng.random(rows.shape) < 0.05] = np.nan
    return rows


def train(rows: np.ndarray) -> CatBoostClassifier:
    known = np.nan_to_num(rows)
    noise = np.random.default_rng(1).normal(size=len(rows))
    target = (known[:, 0] + known[:, 1] * known[:, 2] + np.abs(known[:, 3]) + noise > 0.8).astype(int)
    return CatBoostClassifier(
        iterations=500, depth=6, random_seed=0, verbose=0, allow_writing_files=False).fit(rows, target)


def export(booster) -> Predict:
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "model.onnx")
        booster.save_model(path, format="onnx")
        model = onnx.load(path)
    del model.graph.node[1:]  # ZipMap
    del model.graph.output[:]
    model.graph.output.append(
        onnx.helper.make_tensor_value_info("probability_tensor", onnx.TensorProto.FLOAT, ["N", 2]))
    loaded = session(model)
    return lambda rows: loaded.run(None, {"features": rows})[0]


def ours(booster) -> Predict:
    loaded = session(build_model(booster, [(name, "number") for name in NAMES], {}, "binary", ["no", "yes"], {}))
    return lambda rows: loaded.run(
        ["probabilities"], {name: rows[:, number:number + 1] for number, name in enumerate(NAMES)})[0]


def native(booster) -> Predict:
    return lambda rows: booster.predict_proba(rows, thread_count=1)


def session(model: onnx.ModelProto) -> ort.InferenceSession:
    options = ort.SessionOptions()
    options.intra_op_num_threads = 1
    return ort.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"])


def time_us(predict: Predict, rows: np.ndarray, tile_rows: int) -> float:
    """Microseconds a row, the best of several rounds of at least 50 ms each."""
    def one_pass() -> float:
        start_s = time.perf_counter()
        for start in range(0, len(rows), tile_rows):
            predict(rows[start:start + tile_rows])
        return time.perf_counter() - start_s

    one_pass()
    passes = max(1, int(0.05 / one_pass()))
    rounds = 1 if len(rows) == BATCH_ROWS else 5
    best_s = min(sum(one_pass() for _ in range(passes)) / passes for _ in range(rounds))
    return best_s / len(rows) * 1e6


def print_header(first: str, names: Sequence[str]) -> None:
    print(f"{first:>14}", *(f"{name:>14}" for name in names))


def print_line(name: str, costs_us: Sequence[float]) -> None:
    theirs, own, native_us = costs_us
    print(f"{name:>14}", *(f"{cost:14.2f}" for cost in costs_us), f"{theirs / own:13.1f}x", f"{own / native_us:13.2f}x")


if __name__ == "__main__":
    main()
