"""A file through POST /forward_batch, against what a script of twenty lines takes for the same rows and trees.

    python -m benchmarks.files [--rows 327000] [--rounds 3]

By hand is pyarrow's CSV with categories as codes, a look into a dictionary for each different text, one matrix,
CatBoost's own evaluator and msgspec, one thread, in this process: it checks no cell, names no fault, keeps no row, and
holds the whole file. The service answers over HTTP and keeps every row in its prediction log. By turns; after each file
the service has written down what it keeps. Its peak memory is told of all kinds of files together, and of each in a
service of its own.
"""
from __future__ import annotations

import argparse
import random
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any

import catboost
import httpx
import msgspec
import numpy as np
import onnx
import pyarrow as pa
from pyarrow import csv, parquet

from adapters.onnx.split import Split, split
from benchmarks.big_csv import MIB, PeakMemory
from benchmarks.flights import read_flights, train_ours
from benchmarks.forward import Peer, ours, settle
from benchmarks.headline import Headline

CSV, JSON, PARQUET = "text/csv", "application/json", "application/vnd.apache.parquet"
HAND = "by hand"
MOST_TEXTS = 10_000


@dataclass(frozen=True, slots=True)
class Way:
    """One way of getting the answers. work: sends the file, takes the whole answer."""

    name: str
    work: Callable[[], object]


def main() -> list[Headline]:
    arguments = read_arguments()
    flights = read_flights()
    trained = train_ours(flights)
    content = flights.csv(arguments.rows)
    print(f"{arguments.rows:,} rows of CSV, {len(content) / 1e6:.0f} MB, {trained.trees} trees", flush=True)
    with tempfile.TemporaryDirectory(prefix="progon-bench-") as folder, httpx.Client(timeout=600) as client:
        home = Path(folder) / "home"
        with ours(home, flights.task, trained, 1.0) as peer:
            ways = [*sent(client, peer, content),
                    Way(HAND, ByHand(content, trained.model, trained.native, Path(folder) / "model.cbm").work)]
            idle = peer.process.memory_info().rss
            with PeakMemory(peer.process) as peak:
                found = by_turns(ways, peer, arguments.rounds)
        headlines = list(told(found, (peak.bytes - idle) / MIB))
        for number in range(len(ways) - 1):
            with ours(home.with_name(f"home{number}"), flights.task, trained, 1.0) as peer:
                tell_peak(sent(client, peer, content)[number], peer)
    return headlines


def read_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=327_000, help="of the file")
    parser.add_argument("--rounds", type=int, default=3, help="how often each way is gone, once more before")
    return parser.parse_args()


def sent(client: httpx.Client, peer: Peer, content: bytes) -> list[Way]:
    return [Way("CSV in, JSON out", sending(client, peer, content, CSV, JSON)),
            Way("CSV in, CSV out", sending(client, peer, content, CSV, CSV)),
            Way("Parquet in, JSON out", sending(client, peer, as_parquet(content), PARQUET, JSON))]


def tell_peak(way: Way, peer: Peer) -> None:
    """Of a service that was asked for nothing else."""
    idle = peer.process.memory_info().rss
    with PeakMemory(peer.process) as peak:
        for _ in range(3):
            way.work()
            settle(peer)
    print(f"  {way.name:22} alone, three times: peak memory over idle {(peak.bytes - idle) / MIB:.0f} MiB", flush=True)


def sending(client: httpx.Client, peer: Peer, content: bytes, kind: str, wanted: str) -> Callable[[], object]:
    def send() -> bytes:
        answer = client.post(f"http://127.0.0.1:{peer.port}/forward_batch", content=content,
                             headers={"Content-Type": kind, "Accept": wanted})
        if answer.status_code != 200:
            raise SystemExit(f"{answer.status_code}: {answer.content[:500]!r}")
        return answer.content
    return send


def as_parquet(content: bytes) -> bytes:
    target = BytesIO()
    parquet.write_table(csv.read_csv(BytesIO(content)), target)
    return target.getvalue()


class ByHand:
    def __init__(self, content: bytes, model: bytes, native: bytes, file: Path) -> None:
        file.write_bytes(native)
        self._content, self._booster = content, catboost.CatBoostClassifier().load_model(str(file))
        whole = split(onnx.load_from_string(model))
        assert isinstance(whole, Split)
        self._features = whole.features

    def work(self) -> bytes:
        table = csv.read_csv(BytesIO(self._content), csv.ReadOptions(use_threads=False),
                             convert_options=csv.ConvertOptions(
                                 auto_dict_encode=True, auto_dict_max_cardinality=MOST_TEXTS))
        matrix = np.empty((table.num_rows, len(self._features)), np.float32)
        for place, (name, codes) in enumerate(self._features):
            matrix[:, place] = table[name].to_numpy() if codes is None else looked_up(table[name], codes)
        shares = self._booster.predict_proba(matrix, thread_count=1)
        return msgspec.json.encode({"predictions": shares.argmax(axis=1).tolist(),
                                    "probabilities": {"0": shares[:, 0].tolist(), "1": shares[:, 1].tolist()}})


def looked_up(column: pa.ChunkedArray, codes: Any) -> np.ndarray:
    whole = column.unify_dictionaries().combine_chunks()
    # Of a missing text, the last one, the code is that of none.
    numbers = np.array([*(codes[text] for text in whole.dictionary.to_pylist()), codes[""]], np.float32)
    return numbers[whole.indices.fill_null(len(numbers) - 1).to_numpy(zero_copy_only=False)]


def by_turns(ways: Sequence[Way], peer: Peer, rounds: int) -> dict[str, list[float]]:
    found: dict[str, list[float]] = {way.name: [] for way in ways}
    for number in range(rounds + 1):
        for way in random.sample(ways, len(ways)):
            began = time.perf_counter()
            way.work()
            if number:
                found[way.name].append(time.perf_counter() - began)
            settle(peer)
    return found


def told(found: dict[str, list[float]], peak_mib: float) -> Iterator[Headline]:
    medians = {name: statistics.median(taken) for name, taken in found.items()}
    for name, taken in found.items():
        print(f"  {name:22} median {medians[name]:5.2f} s, {medians[name] / medians[HAND]:4.2f} times by hand  "
              f"({', '.join(f'{one:.2f}' for one in sorted(taken))})")
    print(f"  Parquet / CSV, both to JSON: {medians['Parquet in, JSON out'] / medians['CSV in, JSON out']:.2f}; "
          f"peak memory over idle, after all kinds: {peak_mib:.0f} MiB", flush=True)
    yield from (Headline(name, "s", medians[name], HAND, medians[HAND]) for name in found if name != HAND)
    yield Headline("Parquet in, JSON out", "s", medians["Parquet in, JSON out"], "CSV in", medians["CSV in, JSON out"])


if __name__ == "__main__":
    main()
