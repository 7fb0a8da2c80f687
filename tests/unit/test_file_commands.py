"""Files as they come, given to commands."""
from __future__ import annotations

import gzip
import zipfile

import pyarrow.parquet as pq
import pytest

from tests.commands import BOTH, progon_on
from tests.e2e.small_task import csv_of, put_small_task
from tests.workbooks import workbook

ROWS = 30
FILE = csv_of(ROWS, seed=5)


@pytest.fixture(scope="module", params=BOTH)
def progon(request, tmp_path_factory):
    home = tmp_path_factory.mktemp("home")
    put_small_task(home).storage().close()
    with progon_on(home, request.param) as progon:
        yield progon


@pytest.fixture
def home(progon):
    return progon.home


def test_packed_files_are_told_apart_by_their_content(progon, home):
    (home / "rows.data").write_bytes(gzip.compress(FILE))
    with zipfile.ZipFile(home / "rows", "w") as archive:
        archive.writestr("a.csv", FILE)
    plain = home / "rows.csv"
    plain.write_bytes(FILE)
    expected = progon.told("evaluate", "small", plain)["metrics"]
    for name, packed in (("rows.data", "gzip"), ("rows", "zip")):
        said = progon.told("evaluate", "small", home / name)
        assert (said["metrics"], said["read"]["packed"]) == (expected, [packed])
        assert f"in {packed}" in progon("evaluate", "small", home / name).stdout
    assert "read as" not in progon("evaluate", "small", plain).stdout


def test_our_own_answers_are_taken_back(progon, home):
    (home / "rows.csv").write_bytes(FILE)
    progon("forward-batch", "small", home / "rows.csv", "-o", home / "answered.csv")
    for command in (["evaluate", "small"], ["add-data", "small"]):
        assert "passed over, as they are answers: prediction, probability_0, probability_1" in progon(
            *command, home / "answered.csv").stdout
    progon("forward-batch", "small", home / "answered.csv", "-o", home / "again.csv")
    assert (home / "again.csv").read_bytes() == (home / "answered.csv").read_bytes()


def test_a_task_of_a_workbook(progon, home):
    rows = [["x", "город", "y"], *([n / 4, ("Омск", "Тула")[n % 2], n % 2 == 0] for n in range(40))]
    (home / "book").write_bytes(workbook(Лист=rows, Прочее=[["z"]]))
    said = progon("task", "create", "book", "--data", home / "book", "--target", "y").stdout
    assert "XLSX" in said and "sheet Лист" in said and "left out: sheet Прочее" in said
    assert progon.told("task", "show", "book")["labels"] == ["False", "True"]


def test_a_charset(progon, home):
    content = "x,город,y\n" + "".join(f"{n},{('Омск', 'Тула', 'Уфа')[n % 3]},{n % 2}\n" for n in range(40))
    (home / "cp1251.csv").write_bytes(content.encode("cp1251"))
    assert "cp1251" in progon("task", "create", "found", "--data", home / "cp1251.csv", "--target", "y").stdout
    (home / "short.csv").write_bytes("x,k,y\n1,è,0\n2,a,1\n".encode("cp1252"))
    refused = progon("task", "create", "t", "--data", home / "short.csv", "--target", "y", code=1)
    assert "declare its charset" in refused.stderr
    progon("task", "create", "t", "--data", home / "short.csv", "--target", "y", "--charset", "windows-1252")
    assert "not known" in progon(
        "add-data", "t", home / "short.csv", "--charset", "nonsense", code=1).stderr


def test_wrong_usage_of_a_table_without_a_target(progon, home):
    (home / "rows.csv").write_bytes(FILE)
    progon("task", "create", "t2", "--data", home / "rows.csv", code=2)
    progon("task", "create", "t2", code=2)


def test_a_task_document_alone_is_tried_out(progon, home):
    (home / "task.yaml").write_text(
        "name: tried\nkind: tabular\nproblem: regression\ncolumns:\n  - {name: x, type: number}\n"
        "  - {name: y, type: number, role: target, nullable: false}\n", encoding="utf-8")
    assert "nothing was stored" in progon("task", "create", "--file", home / "task.yaml", "--dry-run").stdout
    assert "tried" not in progon("task", "list").stdout


def test_answers_as_a_file_of_typed_columns(progon, home):
    (home / "rows.csv").write_bytes(FILE)
    progon("forward-batch", "small", home / "rows.csv", "-o", home / "answered.parquet")
    found = pq.read_table(home / "answered.parquet")
    assert found.num_rows == ROWS and found.column_names[-3:] == ["prediction", "probability_0", "probability_1"]
    expected = progon.told("evaluate", "small", home / "rows.csv")["metrics"]
    assert progon.told("evaluate", "small", home / "answered.parquet")["metrics"] == expected


def test_labels_of_earlier_answers(progon, home):
    (home / "labels.csv").write_text("request_id,label\nnobody,1\n", encoding="utf-8")
    said = progon.told("label", "small", home / "labels.csv")
    assert said == {"matched": 0, "unknown": 1, "already": 0}
    assert "1 were known already" in progon("label", "small", home / "labels.csv").stdout


def test_a_file_is_looked_at_before_it_makes_a_task(progon, home):
    (home / "seen.csv").write_text("id,town\n" + "".join(f"{n},{'xyz'[n % 3]}\n" for n in range(30)), encoding="utf-8")
    said = progon("task", "look", home / "seen.csv").stdout
    assert "row number" in said and "x, y, z" in said
    columns = progon.told("task", "look", home / "seen.csv")["columns"]
    assert [(column["name"], column["role"]) for column in columns] == [("id", "ignored"), ("town", "feature")]
