"""Models exported by other makers, imported over HTTP, against the libraries' own answers to 1,000 rows with blanks.

    python -m benchmarks.foreign_exports --python PYTHON

PYTHON has scikit-learn, skl2onnx, onnxmltools, LightGBM and XGBoost:

    python -m venv V && V/bin/pip install scikit-learn skl2onnx onnxmltools lightgbm xgboost-cpu pandas

Each export is imported with its maker's answers as `check`, deployed and asked by CSV and row by row as JSON; so is a
file that was trained here. Converters that are known to change a model in silence (names with suspect_) have to be
refused, or to be equal on these rows.
"""
from __future__ import annotations

import argparse
import csv
import io
import json
import subprocess
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import httpx
import numpy as np

from benchmarks.makers import NUMBERS, TARGET
from tests.e2e.server import Server

TASK, TOLERANCE, JSON_ROWS = "leaving", 1e-5, 200
SHARES = "probability_yes"
MAPPING = {"inputs": {"x": {"columns": NUMBERS}}}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--python", type=Path, required=True, help="an interpreter that has the makers' libraries")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="progon-bench-") as folder:
        made = Path(folder) / "made"
        made.mkdir()
        subprocess.run([arguments.python, "-W", "ignore", Path(__file__).with_name("makers.py"), made], check=True)
        with Server(Path(folder) / "home", PROGON_LOG_LEVEL="warning") as server:
            with httpx.Client(base_url=server.start(within_s=300).url, timeout=900) as client:
                measure(client, made)


def measure(client: httpx.Client, made: Path) -> None:
    with (made / "rows.csv").open("rb") as rows:
        client.post("/tasks", files={"file": rows}, data={"name": TASK, "target": TARGET}).raise_for_status()
    for model in sorted(made.glob("*.onnx")):
        print(f"{model.stem:22} {judged(client, model)}", flush=True)
    print(f"{'trained here':22} {ours(client, made)}", flush=True)


def judged(client: httpx.Client, model: Path) -> str:
    """One line about it."""
    check = model.with_suffix(".csv").read_bytes()
    began = time.perf_counter()
    told = imported(client, model.read_bytes(), check)
    took_s = time.perf_counter() - began
    if told.status_code != 201:
        return f"refused in {took_s:.1f} s, {told.status_code}: {told.json()['detail'][:150]}"
    client.post(f"/deploy/{told.json()['experiment_id']}").raise_for_status()
    expected = np.array([float(row[SHARES]) for row in read(check)])
    return f"imported in {took_s:.1f} s, {compared(client, read(check), expected)}"


def imported(client: httpx.Client, model: bytes, check: bytes | None) -> httpx.Response:
    files = {"model": ("model.onnx", model)} | ({"check": ("check.csv", check)} if check else {})
    plain = client.post("/experiments", params={"task": TASK}, files=files)
    if plain.status_code == 400 and "input x" in plain.text:  # one tensor, of some of the columns
        files["mapping"] = ("mapping.json", json.dumps(MAPPING).encode())
        return client.post("/experiments", params={"task": TASK}, files=files)
    return plain


def ours(client: httpx.Client, made: Path) -> str:
    """A model of a training here, exported and imported."""
    trained = client.put("/retrain", params={"task": TASK, "wait": 600}, json={}).raise_for_status().json()
    number = trained["experiment_id"]
    client.post(f"/deploy/{number}").raise_for_status()
    rows = read((made / "ask.csv").read_bytes())
    expected = by_csv(client, rows)
    model = client.get(f"/experiments/{number}/artifacts/model.onnx").raise_for_status().content
    told = imported(client, model, None)
    if told.status_code != 201:
        return f"refused, {told.status_code}: {told.json()['detail'][:200]}"
    client.post(f"/deploy/{told.json()['experiment_id']}").raise_for_status()
    return f"imported, {compared(client, rows, expected)}"


def compared(client: httpx.Client, rows: Sequence[dict[str, str]], expected: np.ndarray) -> str:
    answers = by_csv(client, rows), by_json(client, rows)
    away = [float(np.abs(found - expected[:len(found)]).max()) for found in answers]
    verdict = "equal" if max(away) <= TOLERANCE else "DIFFERS"
    return f"{verdict}: away by {away[0]:.1e} at most by CSV ({len(rows)} rows), {away[1]:.1e} by JSON ({JSON_ROWS})"


def by_csv(client: httpx.Client, rows: Sequence[dict[str, str]]) -> np.ndarray:
    names = [name for name in rows[0] if not name.startswith("probability_")]
    file = io.StringIO()
    writer = csv.DictWriter(file, names, extrasaction="ignore")
    writer.writeheader()
    writer.writerows(rows)
    answer = client.post("/forward_batch", params={"task": TASK}, content=file.getvalue().encode(),
                         headers={"Content-Type": "text/csv"}).raise_for_status()
    return np.array(answer.json()["probabilities"]["yes"])


def by_json(client: httpx.Client, rows: Sequence[dict[str, str]]) -> np.ndarray:
    found = []
    for row in rows[:JSON_ROWS]:
        cells = {name: (float(text) if name in NUMBERS else text) if text else None for name, text in row.items()
                 if not name.startswith("probability_")}
        answer = client.post("/forward", params={"task": TASK}, json=cells).raise_for_status()
        found.append(answer.json()["probabilities"]["yes"])
    return np.array(found)


def read(content: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(content.decode())))


if __name__ == "__main__":
    main()
