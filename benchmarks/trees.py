"""What one row costs: CatBoost's own ONNX export, our graph of the same trees, and CatBoost's own evaluator.

    python -m benchmarks.trees

500 trees of depth 6 on 18 numbers, two classes, one thread. The export loses its ZipMap first, which is to its gain.
"""
from __future__ import annotations

import argparse
import os
import tempfile
import time
from collections.abc import Callable, Iterable, Sequence
from functools import partial

import numpy as np
import onnx
import onnxruntime as ort
from catboost import CatBoostClassifier

from adapters.catboost.onnx_graph import build_model
from benchmarks.headline import Headline

N_FEATURES = 18
NAMES = [f"column {number}" for number in range(N_FEATURES)]
CALL_ROWS = (1, 2, 3, 4, 8, 64, 1000)
TILE_ROWS = (128, 256, 512, 1024, 2048, 4096)
BATCH_ROWS = 100_000
ROUND_S = 0.005
Predict = Callable[[np.ndarray], np.ndarray]


def main() -> list[Headline]:
    argparse.ArgumentParser(description=__doc__.splitlines()[0]).parse_args()
    rows = make_rows(BATCH_ROWS)
    booster = train(rows[:20_000])
    peers = {"export": export(booster), "ours": ours(booster), "CatBoost": native(booster)}
    truth = peers["CatBoost"](rows[:1000])
    apart = {name: np.abs(predict(rows[:1000]) - truth).max() for name, predict in peers.items()}
    print(f"largest difference from CatBoost, in a probability: export {apart['export']:.1e}, "
          f"ours {apart['ours']:.1e}\n")
    print_header("us a row", [*peers, "export/ours", "ours/CatBoost"])
    costs_us = {n_rows: times_us(peers.values(), rows[:n_rows], n_rows) for n_rows in CALL_ROWS}
    for n_rows, line in costs_us.items():
        print_line(f"{n_rows} a call", line)
    print_line("100k in 512s", times_us(peers.values(), rows, 512))
    whole, = times_us([peers["CatBoost"]], rows, BATCH_ROWS)
    print(f"\nCatBoost, 100k rows in one call: {whole:.2f} us a row. Ours, 100k rows in tiles:")
    print("  ".join(f"{tile}: {times_us([peers['ours']], rows, tile)[0]:.2f}" for tile in TILE_ROWS))
    return [Headline(f"500 trees, {n_rows:,} a call", "us/row", costs_us[n_rows][1], name, costs_us[n_rows][place])
            for n_rows in (1, 1000) for place, name in ((0, "CatBoost's ONNX export"), (2, "CatBoost itself"))]


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


def times_us(peers: Iterable[Predict], rows: np.ndarray, tile_rows: int) -> list[float]:
    """Microseconds a row, of each the best of several short rounds by turns: a busy moment is nobody's alone."""
    works = [partial(one_pass, predict, rows, tile_rows) for predict in peers]
    passes = [max(1, int(ROUND_S / min(work(), work()))) for work in works]
    rounds = 3 if len(rows) == BATCH_ROWS else 25
    best_s = [float("inf")] * len(works)
    for _ in range(rounds):
        for place, work in enumerate(works):
            best_s[place] = min(best_s[place], sum(work() for _ in range(passes[place])) / passes[place])
    return [one_s / len(rows) * 1e6 for one_s in best_s]


def one_pass(predict: Predict, rows: np.ndarray, tile_rows: int) -> float:
    """Seconds of all rows, a tile a call."""
    start_s = time.perf_counter()
    for start in range(0, len(rows), tile_rows):
        predict(rows[start:start + tile_rows])
    return time.perf_counter() - start_s


def print_header(first: str, names: Sequence[str]) -> None:
    print(f"{first:>14}", *(f"{name:>14}" for name in names))


def print_line(name: str, costs_us: Sequence[float]) -> None:
    theirs, own, native_us = costs_us
    print(f"{name:>14}", *(f"{cost:14.2f}" for cost in costs_us), f"{theirs / own:13.1f}x", f"{own / native_us:13.2f}x")


if __name__ == "__main__":
    main()
