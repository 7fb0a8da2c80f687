"""The benchmarks by name: what each shows, what it needs and how long it takes."""
from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Benchmark:
    """needs: arguments without which it cannot run; such a one runs only when it is named with them.

    minutes: on two busy cores, rounded up.
    """

    name: str
    shows: str
    minutes: float
    needs: str = ""

    @property
    def module(self) -> str:
        return f"benchmarks.{self.name}"


BENCHMARKS = {one.name: one for one in (
    Benchmark("forward", "the live service against a hand-written FastAPI + pandas + CatBoost service", 2),
    Benchmark("limit", "one row through the live service, against raw ASGI with the same file; stalls", 2),
    Benchmark("files", "a file of CSV or Parquet through the service, against a script of twenty lines", 5),
    Benchmark("v2", "the Open Inference Protocol: a row against /forward, many rows against MLServer", 1),
    Benchmark("trees", "one row and many: our graph, CatBoost's ONNX export, CatBoost's own evaluator", 1),
    Benchmark("csv_codec", "CSV to Python texts and back, against pandas", 1),
    Benchmark("feature_store", "rows into and out of the database, against pandas' to_sql and read_sql", 2),
    Benchmark("prediction_log", "what keeping and counting every answer costs", 1),
    Benchmark("pictures", "a picture through our file and the service, against scipy + CatBoost", 2),
    Benchmark("picture_classes", "400 pictures by class from zip to deployed; one, against the network alone", 2),
    Benchmark("many_tasks", "what a service of 50 tables and 3 tasks of colour pictures takes, in all processes", 4),
    Benchmark("endurance", "what a service takes after long under full load, while it learns and deploys", 21,
              "--minutes MINUTES"),
    Benchmark("pages", "each page with 1,000 experiments and 10,000 answers", 1),
    Benchmark("native_categories", "hold-out quality on flights, against CatBoost with native categories", 4,
              "what `dvc repro` leaves in data/ and model/"),
    Benchmark("public_tables", "hold-out quality on public tables, against CatBoost with native categories", 60,
              "--folder FOLDER of CSV files"),
    Benchmark("nuclei", "quality on real pictures of nuclei, against Otsu's threshold", 1,
              "--folder FOLDER with images/ and masks/"),
    Benchmark("colours", "quality on colour pictures drawn by rule, against Otsu's threshold", 4),
    Benchmark("foreign_exports", "exports of other makers imported over HTTP, against their own answers", 6,
              "--python PYTHON with the libraries of those makers"),
    Benchmark("big_csv", "a gigabyte of CSV through POST /forward_batch: rows a second, memory", 5,
              "CSV --home HOME with a deployed model"),
)}
