"""From a CSV that nobody prepared to an answer: schema, data, training, ONNX file, one row."""
from __future__ import annotations

import io
import os
import random
from dataclasses import replace
from pathlib import Path

import pytest

from adapters.catboost.card import CARD
from adapters.catboost.trainer import CatboostTrainer
from adapters.coded.trainer import CodedTrainer
from adapters.onnx.model_runner import OnnxModelLoader
from adapters.pyarrow.csv_codec import PyarrowCsvCodec
from adapters.sqlmodel.database import Database
from adapters.sqlmodel.feature_store import SqlmodelFeatureStore
from adapters.sqlmodel.task_catalog import SqlmodelTaskCatalog
from application.ports.csv_codec import CsvLimits
from application.training.known_trainers import KnownTrainers
from application.use_cases.create_task import CreateTask
from application.use_cases.infer_task import InferTask
from application.use_cases.train_model import TrainModel
from domain.coercion import coerce_row
from domain.columns import ColumnType
from domain.kinds.kind import Problem
from domain.rows import TextRows
from domain.schema import Role
from domain.schema_inference import TableWish
from domain.scoring import score
from domain.splitting import part
from domain.table import concat
from domain.training import Training
from tests.fakes.clock import FixedClock
from tests.fakes.trainer_cards import InMemoryTrainerCards

N_ROWS = 400
WIDE = 60


@pytest.fixture
def create(make_database_url):
    database = Database(make_database_url("sqlite"))
    store = SqlmodelFeatureStore(database, FixedClock())

    def run(file, wish: TableWish):
        def rows():
            file.seek(0)
            chunks = PyarrowCsvCodec().read(file, CsvLimits()).chunks
            return (TextRows(chunk.cells, chunk.first_row) for chunk in chunks)

        inferred = InferTask().execute(wish, rows())
        known = KnownTrainers([CARD], InMemoryTrainerCards(), FixedClock())
        created = CreateTask(SqlmodelTaskCatalog(database), store, known).execute(inferred.task, rows)
        task = SqlmodelTaskCatalog(database).get(wish.name)
        return inferred, task, concat(list(store.read(task, created.version.version)))

    yield run
    database.close()


def answered(task, table, tmp_path, **training):
    """Trains and exports. Returns: the model's runner and its metrics on the held-out rows."""
    task = replace(task, training=Training().override(training))
    parts = part(table, task.split)
    trainer = CodedTrainer(CatboostTrainer(1))
    made = TrainModel(trainer, OnnxModelLoader()).execute(task, parts, tmp_path, lambda *_: None)
    runner = OnnxModelLoader().load(made.model)
    return runner, score(task, task.targets(parts.test[task.schema.target.name]), runner.predict(parts.test))


def messy_csv() -> bytes:
    """Semicolons, a BOM, CRLF, quotes; blanks and words for missing; ids, dates, a constant, free text, mixed columns,
    reserved and awkward names, and 60 columns more."""
    rng = random.Random(1)
    wide = [f"столбец {number}/{'№' * (number % 3)}" for number in range(WIDE)]
    header = ["customer ID", "signed up", "1st Flr SF", "доход, тыс.", "house \"type\"", "veneer", "zip code", "grade",
              "visits", "constant", "comment", "prediction", *wide, "Ушёл?"]
    rows = []
    for number in range(N_ROWS):
        area, kind = rng.randint(300, 3000), rng.choice(["дом", "flat; new", "dacha"])
        leaves = area > 1500 or kind == "dacha"
        rows.append([
            f"{rng.randrange(10**9)}-{number}", f"{1 + number % 28:02}.03.2024", str(area) if number % 7 else "?",
            rng.choice(["NA", " ", f"{rng.random():.3f}"]), kind, rng.choice(["None", "Brick", "N/A"]),
            rng.choice(["00501", "10001", "94105"]), rng.choice(["1", "2", "A", "B+"]),
            "not known" if number % 50 == 0 else str(rng.randint(0, 90)), "RUB",
            f"a comment, \"quoted\" and long, number {number}", "0.5",
            *(rng.choice(["1", "2.5", ""]) if place % 2 else rng.choice("abc") for place in range(WIDE)),
            "" if number % 40 == 0 else "да" if leaves else "нет"])
    lines = [";".join('"' + cell.replace('"', '""') + '"' if set(cell) & set(';"') else cell for cell in row)
             for row in [header, *rows]]
    return b"\xef\xbb\xbf" + "\r\n".join(lines).encode() + b"\r\n"


def test_a_messy_table(create, tmp_path):
    inferred, task, table = create(io.BytesIO(messy_csv()), TableWish("messy", "Ушёл?"))
    assert (inferred.rows, inferred.rows_without_target, table.n_rows) == (N_ROWS, 10, N_ROWS - 10)
    assert (task.problem, task.labels) == (Problem.BINARY, ("нет", "да"))
    ignored = {column.name for column in task.schema.of(Role.IGNORED)}
    assert ignored == {"customer ID", "constant", "prediction"}
    assert task.schema["1st Flr SF"].type is ColumnType.NUMBER and task.schema["visits"].missing == ("not known",)
    assert task.schema["comment"].type is ColumnType.TEXT
    assert (task.schema["signed up"].type, task.schema["signed up"].day_first) == (ColumnType.DATETIME, True)
    assert task.schema["veneer"].missing == ("N/A",) and set(table["veneer"]) == {"None", "Brick", ""}
    assert task.schema["zip code"].type is ColumnType.CATEGORY and "mixed" in task.schema["grade"].description

    runner, metrics = answered(task, table, tmp_path, iterations=30, depth=4)
    assert metrics["auc"] > 0.9
    row = {column.name: 1.0 if column.type is ColumnType.NUMBER else "a" for column in task.schema.features}
    row |= {"1st Flr SF": None, "veneer": "None", "house \"type\"": "dacha", "customer ID": "1"}
    row |= {"signed up": "31.12.2024"}
    nullable = {column.name: None for column in task.schema.features if column.nullable}
    for sent in (row, row | nullable):
        answer = runner.predict(coerce_row(task.schema.features, sent, optional=task.schema.spare_names))
        assert answer.values[0] in task.labels and answer.probabilities.sum() == pytest.approx(1, abs=1e-6)


# The yardsticks of the tables' README, with room for the noise of one split.
REAL = [("telco_churn", "Churn", "auc", 0.82), ("penguins", "species", "accuracy", 0.92),
        ("bike_sharing_hourly", "cnt", "r2", 0.93)]


@pytest.mark.slow
@pytest.mark.parametrize(("name", "target", "metric", "least"), REAL)
def test_real_tables(create, tmp_path, name, target, metric, least):
    folder = os.environ.get("PROGON_TEST_DATA")
    if not folder:
        pytest.skip("PROGON_TEST_DATA names no folder with tabular/telco_churn.csv and the other public tables")
    with (Path(folder) / "tabular" / f"{name}.csv").open("rb") as file:
        _, task, table = create(file, TableWish(name, target))
    _, metrics = answered(task, table, tmp_path, iterations=200)
    assert metrics[metric] > least
