"""Models exported by other makers, imported over HTTP, against the libraries' own answers to 1,000 rows with blanks and
to pictures of many sizes.

    python -m benchmarks.foreign_exports --python PYTHON

PYTHON has the libraries of the makers; what is not there is left out and said:

    python -m venv V && V/bin/pip install scikit-learn skl2onnx onnxmltools lightgbm xgboost-cpu pandas
    V/bin/pip install torch onnxscript pillow; V/bin/pip install tensorflow-cpu tf2onnx

Each export is imported with its maker's answers as `check`, deployed and asked by CSV and row by row as JSON, or
picture by picture; so is a file that was trained here. Converters that are known to change a model in silence (with
suspect_ in their names) have to be refused, or to be equal on these rows.
"""
from __future__ import annotations

import argparse
import csv
import io
import json
import subprocess
import tempfile
import time
import zipfile
from collections.abc import Sequence
from pathlib import Path

import httpx
import numpy as np

from benchmarks.makers_data import NUMBERS, TARGET
from tests.e2e.server import Server

TASK, SHAPES, TOLERANCE, JSON_ROWS = "leaving", "shapes", 1e-5, 1_000
MAKERS = ("benchmarks.makers", "benchmarks.makers_torch", "benchmarks.makers_keras")
SHARES = "probability_yes"
MAPPING = {"inputs": {"x": {"columns": NUMBERS}}}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--python", type=Path, required=True, help="an interpreter that has the makers' libraries")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="progon-bench-") as folder:
        made = Path(folder) / "made"
        made.mkdir()
        export(arguments.python, made)
        with Server(Path(folder) / "home", PROGON_LOG_LEVEL="warning") as server:
            with httpx.Client(base_url=server.start(within_s=300).url, timeout=900) as client:
                measure(client, made)


def export(python: Path, made: Path) -> None:
    """Makers whose libraries are not there are told of."""
    for maker in MAKERS:
        done = subprocess.run([python.absolute(), "-W", "ignore", "-m", maker, made], cwd=Path(__file__).parents[1],
                              capture_output=True, text=True)
        if told := [line for line in done.stdout.splitlines() if "not exported" in line]:
            print("\n".join(told), flush=True)
        if done.returncode:
            print(f"{maker}: {done.stderr.strip().splitlines()[-1]}", flush=True)


def measure(client: httpx.Client, made: Path) -> None:
    with (made / "rows.csv").open("rb") as rows, (made / "shapes.zip").open("rb") as pictures:
        client.post("/tasks", files={"file": rows}, data={"name": TASK, "target": TARGET}).raise_for_status()
        client.post("/tasks", files={"file": pictures}, data={"name": SHAPES}).raise_for_status()
    for model in sorted(made.glob("*.onnx")):
        verdict = of_pictures(client, model) if model.with_suffix(".zip").exists() else judged(client, model)
        print(f"{model.stem:22} {verdict}", flush=True)
    print(f"{'trained here':22} {ours(client, made)}", flush=True)


def judged(client: httpx.Client, model: Path) -> str:
    """One line about it."""
    check = model.with_suffix(".csv").read_bytes()
    began = time.perf_counter()
    told = imported(client, model, check)
    took_s = time.perf_counter() - began
    if told.status_code != 201:
        return f"refused in {took_s:.1f} s, {told.status_code}: {told.json()['detail'][:150]}"
    client.post(f"/deploy/{told.json()['experiment_id']}").raise_for_status()
    expected = np.array([float(row[SHARES]) for row in read(check)])
    return f"imported in {took_s:.1f} s, {compared(client, read(check), expected)}"


def of_pictures(client: httpx.Client, model: Path) -> str:
    """One line about it."""
    check, began = model.with_suffix(".zip"), time.perf_counter()
    told = imported(client, model, check.read_bytes(), SHAPES)
    took_s = time.perf_counter() - began
    if told.status_code != 201:
        return f"refused in {took_s:.1f} s, {told.status_code}: {told.json()['detail'][:150]}"
    client.post(f"/deploy/{told.json()['experiment_id']}").raise_for_status()
    away = []
    with zipfile.ZipFile(check) as archive:
        for line in read(archive.read("check.csv")):
            answer = client.post("/forward", params={"task": SHAPES}, files={
                "image": archive.read(line["name"])}).raise_for_status().json()["probabilities"]
            away.append(max(abs(float(line[f"probability_{label}"]) - share) for label, share in answer.items()))
    return (f"imported in {took_s:.1f} s, {'equal' if max(away) <= TOLERANCE else 'DIFFERS'}: away by {max(away):.1e} "
            f"at most on {len(away)} pictures, accuracy {told.json()['metrics']['test']['accuracy']:.2f}")


def imported(client: httpx.Client, model: Path, check: bytes | None, task: str = TASK) -> httpx.Response:
    """The mapping: as its maker left it, or where one tensor takes some of the columns."""
    files = {"model": ("model.onnx", model.read_bytes())} | ({"check": ("check", check)} if check else {})
    said = model.with_suffix(".json")
    if said.exists():
        files["mapping"] = ("mapping.json", said.read_bytes())
    plain = client.post("/experiments", params={"task": task}, files=files)
    if not said.exists() and plain.status_code == 400 and "input x" in plain.text:
        files["mapping"] = ("mapping.json", json.dumps(MAPPING).encode())
        return client.post("/experiments", params={"task": task}, files=files)
    return plain


def ours(client: httpx.Client, made: Path) -> str:
    """A model of a training here, exported and imported."""
    trained = client.put("/retrain", params={"task": TASK, "wait": 600}, json={}).raise_for_status().json()
    number = trained["experiment_id"]
    client.post(f"/deploy/{number}").raise_for_status()
    rows = read((made / "ask.csv").read_bytes())
    expected = by_csv(client, rows)
    model = made / "ours.onnx"
    model.write_bytes(client.get(f"/experiments/{number}/artifacts/model.onnx").raise_for_status().content)
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
