"""A look into the data of a task, over fakes."""
from __future__ import annotations

import pytest

from tests.builders import CARRIER, DISTANCE, ENGINE, LATE, TEMP, make_table, make_task, text_cells
from tests.fakes.clock import FixedClock
from tests.fakes.csv_codec import StdlibCsvCodec
from tests.fakes.feature_store import InMemoryFeatureStore
from tests.http.files import READ_AS_CSV
from tests.http.problems import check_problem

TASK = make_task()


@pytest.fixture
def stored(service):
    """The service with 40 rows of data."""
    store = InMemoryFeatureStore(FixedClock())
    service.container.feature_store.override(store)
    service.container.feature_rows.override(store)
    service.container.csv_codec.override(StdlibCsvCodec())
    store.append(TASK, [make_table(TASK, 40)])
    return service


def csv(rows: int = 3, **changes: list[str]) -> bytes:
    cells = text_cells(make_table(TASK, rows)) | changes
    lines = [";".join(cells), *(";".join(row) for row in zip(*cells.values(), strict=True))]
    return "\n".join(lines).encode()


def test_a_sample_is_what_forward_takes(stored):
    answer = stored.client.get("/datasets/flights/sample", params={"rows": 2}).json()
    assert (answer["dataset_version"], len(answer["rows"])) == (1, 2)
    row = answer["rows"][0]
    assert list(row) == [CARRIER, TEMP, ENGINE, DISTANCE, LATE] and row[DISTANCE] is None  # private
    del row[LATE]
    assert stored.client.post("/forward", json=row | {DISTANCE: 1}).status_code == 200


def test_the_columns_are_summed_up(stored):
    answer = stored.client.get("/datasets/flights/columns").json()
    assert (answer["rows"], answer["looked_at"]) == (40, 40)
    by_name = {column["name"]: column for column in answer["columns"]}
    temp = by_name[TEMP]
    assert sum(temp["counts"]) + temp["missing"] == 40 and len(temp["edges"]) == len(temp["counts"]) + 1
    assert sum(by_name[CARRIER]["counts"]) == 40 and by_name[CARRIER]["distinct"] == len(by_name[CARRIER]["values"])
    assert by_name[DISTANCE]["edges"] == [] and by_name[DISTANCE]["missing"] == 0


@pytest.mark.parametrize("path", ["pictures", f"pictures/{'0' * 64}?draw=mask"])
def test_a_table_has_no_pictures(stored, path):
    check_problem(stored.client.get(f"/datasets/flights/{path}"), 404)


@pytest.mark.parametrize("path", ["sample", "columns"])
@pytest.mark.parametrize(("task", "version", "status"), [
    ("flights", "2", 404), ("nobody", None, 404), ("flights", "0", 400), ("flights", "x", 400),
    ("flights", str(2**63), 400)])
def test_what_there_is_not(stored, path, task, version, status):
    response = stored.client.get(f"/datasets/{task}/{path}", params={"version": version} if version else {})
    check_problem(response, status)


def test_a_file_that_would_be_taken_is_not_added(stored):
    response = stored.client.post("/datasets/flights/check", content=csv(), headers={"Content-Type": "text/csv"})
    assert response.json() == {"task": "flights", "rows": 3, "rows_without_target": 0,
                               "read": READ_AS_CSV | {"separator": ";"}, "passed_over": []}
    assert len(stored.container.feature_store().versions("flights")) == 1


def test_faults_of_a_file_are_named(stored):
    body = csv(**{TEMP: ["1", "warm", "3"]})
    response = stored.client.post("/datasets/flights/check", content=body, headers={"Content-Type": "text/csv"})
    check_problem(response, 400)
    assert response.json()["errors"] == [
        {"where": f"row 2, column {TEMP}", "problem": 'expected a number, got "warm"'}]


def test_an_experiment_against_what_serves(stored):
    served = stored.served["flights"]
    answer = stored.client.get(f"/experiments/{served.id}/comparison").json()
    assert answer["serving_experiment_id"] == answer["experiment_id"] == served.id
    assert answer["metrics"] == answer["serving_metrics"] and 0 <= answer["metrics"]["auc"] <= 1
    check_problem(stored.client.get("/experiments/999/comparison"), 404)
    assert stored.client.get(f"/experiments/{served.id}/comparison?against={served.id}").json() == answer
    check_problem(stored.client.get(f"/experiments/{served.id}/comparison?against=999"), 404)
