"""PUT /add_data with CSV files, through the real CSV codec."""
from __future__ import annotations

from dataclasses import replace

import pytest

from domain.kinds.kind import Problem
from domain.late_labels import LateLabel
from domain.table import concat
from tests.builders import DAY, LATE, TEMP, assert_same_table, make_table, make_task, text_cells
from tests.http import files
from tests.http.files import READ_AS_CSV, csv_of
from tests.http.problems import check_problem, faults

ROWS = 50


@pytest.fixture
def table():
    return make_table(make_task(), ROWS)


@pytest.fixture
def known(empty):
    """The task `flights` without any model: data do not need one."""
    empty.tasks.add(make_task())
    return empty


def send(service, content, headers: dict | None = None, query: str = ""):
    return files.send(service, f"/add_data{query}", content, headers, "PUT")


def versions(service) -> list[int]:
    return [version.version for version in service.store.versions("flights")]


@pytest.mark.parametrize("form", [False, True])
def test_rows_become_the_next_version(known, table, form):
    answer = files.send_form(known, "/add_data", csv_of(table), method="PUT") if form else send(known, csv_of(table))
    assert answer.status_code == 200
    version = known.store.versions("flights")[0]
    assert answer.json() == {"task": "flights", "batch_id": version.batch_id, "dataset_version": 1, "rows_added": ROWS,
                             "duplicate": False, "late_labels": 0, "rows_without_target": 0, "warnings": [],
                             "read": READ_AS_CSV, "passed_over": []}
    stored = concat(list(known.store.read(make_task(), 1)))
    assert_same_table(stored, table.select(column.name for column in make_task().schema.stored))
    assert send(known, csv_of(make_table(make_task(), 7, seed=1))).json()["dataset_version"] == 2


@pytest.mark.parametrize("problem", [Problem.MULTICLASS, Problem.REGRESSION])
def test_rows_of_other_problems(empty, problem):
    task = make_task(problem)
    empty.tasks.add(task)
    table = make_table(task, ROWS)
    assert send(empty, csv_of(table)).json()["rows_added"] == ROWS
    assert_same_table(concat(list(empty.store.read(task, 1))), table.select(
        column.name for column in task.schema.stored))


def test_the_same_content_again_is_a_duplicate(known, table):
    first = send(known, csv_of(table)).json()
    crlf = b"\xef\xbb\xbf" + csv_of(table, ";").replace(b"\n", b"\r\n")
    for content in (csv_of(table), csv_of(dict(reversed(text_cells(table).items())), "\t"), crlf):
        again = send(known, content).json()
        assert again["read"].items() >= {"format": "csv", "charset": "utf-8"}.items()
        assert again == first | {"rows_added": 0, "duplicate": True, "read": again["read"]}
    assert versions(known) == [1]


def test_a_fault_far_down_adds_nothing_and_is_named(known):
    cells = text_cells(make_table(make_task(), 30_000))
    cells[TEMP][29_998] = "warm"
    body = check_problem(send(known, csv_of(cells)), 400)
    assert faults(body) == {f"row 29999, column {TEMP}": 'expected a number, got "warm"'}
    body = check_problem(send(known, csv_of(cells).replace(b"warm", b"1") + b"a,b\n"), 400)
    assert list(faults(body)) == ["row 30001"]
    assert versions(known) == []


def test_an_unknown_label_is_named_by_its_row(known, table):
    cells = text_cells(table)
    cells[LATE][11], cells[LATE][49] = "2", "maybe"
    body = check_problem(send(known, csv_of(cells)), 400)
    assert faults(body) == {f"row 12, column {LATE}": '"2" is none of the labels 0, 1',
                            f"row 50, column {LATE}": '"maybe" is none of the labels 0, 1'}
    assert versions(known) == []


def test_rows_without_a_label_are_left_out_and_counted(known, table):
    cells = text_cells(table)
    cells[LATE][0] = ""
    added = send(known, csv_of(cells))
    assert added.status_code == 200, added.text
    assert (added.json()["rows_added"], added.json()["rows_without_target"]) == (table.n_rows - 1, 1)


def test_a_file_whose_labels_are_all_missing_is_refused(known, table):
    cells = text_cells(table)
    cells[LATE] = [""] * table.n_rows
    assert send(known, csv_of(cells)).status_code == 400
    assert versions(known) == []


@pytest.mark.parametrize("name", [LATE, DAY, TEMP])
def test_a_missing_column(known, table, name):
    body = check_problem(send(known, csv_of(table.without([name]))), 400)
    assert faults(body) == {f"column {name}": "is missing"}
    assert versions(known) == []


def test_an_unknown_column(known, table):
    body = check_problem(send(known, csv_of(text_cells(table) | {"погода": ["x"] * ROWS})), 400)
    assert faults(body) == {"column погода": "is unknown"}


def test_late_labels_are_kept_and_counted(known, table):
    ids = [f"0190-{row}" if row % 2 else "" for row in range(ROWS)]
    for duplicate in (False, True):
        body = send(known, csv_of(text_cells(table) | {"request_id": ids})).json()
        assert (body["late_labels"], body["duplicate"]) == (25, duplicate)
    assert known.labels.get("flights", ["0190-1", "0190-2"]) == [LateLabel("0190-1", table[LATE][1])]


@pytest.mark.parametrize("content", [
    b"", b"\n", b"x", b"{}", b"\xff\xfeU\0", b"PK\x03\x04", b"\0", b'"', b"\xef\xbb\xbf", b",", b";;;\n1;2;3\n",
], ids=repr)
def test_what_is_no_such_file(known, content):
    check_problem(send(known, content), 400)
    assert versions(known) == []


def test_a_header_alone_adds_nothing(known, table):
    body = check_problem(send(known, csv_of(table).partition(b"\n")[0]), 400)
    assert "no rows" in body["detail"]
    assert versions(known) == []


@pytest.mark.parametrize("kind", ["application/json", "", "text/plain"])
def test_a_body_that_says_it_is_something_else(known, table, kind):
    check_problem(send(known, csv_of(table), {"Content-Type": kind}), 400)


def test_too_large(known, table):
    known.container.settings.override(replace(known.container.settings(), max_body_bytes=1_000))
    check_problem(send(known, csv_of(table)), 413)
    check_problem(send(known, iter([csv_of(table)])), 413)
    assert versions(known) == []


def test_which_task(known, table):
    check_problem(send(known, csv_of(table), query="?task=nope"), 404)
    known.tasks.add(make_task(name="other"))
    check_problem(send(known, csv_of(table)), 400)
    assert send(known, csv_of(table), query="?task=other").json()["task"] == "other"
    assert versions(known) == []


def test_rows_that_differ_in_an_ignored_column_are_no_duplicate(empty):
    """The first file had one moment alone, so the column is ignored: rows of another moment are rows all the same."""
    def content(moment: int, form: str = "{},{},{}") -> bytes:
        rows = [form.format(moment, temp, state) for temp, state in ((20.5, 0), (21.5, 1), (22.5, 0))]
        return "\n".join(["ts,temp,state", *rows]).encode()

    made = empty.client.post("/tasks", files={"file": content(1700000001)}, data={"name": "flights", "target": "state"})
    assert made.status_code == 200, made.text
    for moment, added in ((1700000002, 3), (1700000001, 0), (1700000002, 0)):
        answer = send(empty, content(moment)).json()
        assert (answer["rows_added"], answer["duplicate"]) == (added, not added)


def test_a_request_id_of_the_tables_own_is_a_late_label_only_of_an_answer(empty):
    def content(first: int) -> bytes:
        rows = [f"r{first + n},{n % 5 + 0.5},{n % 2}" for n in range(30)]
        return "\n".join(["request_id,temp,state", *rows, "x" * 200 + ",1.5,1"]).encode()

    made = empty.client.post("/tasks", files={"file": content(0)}, data={"name": "flights", "target": "state"})
    assert made.status_code == 200, made.text
    assert send(empty, content(100)).json()["late_labels"] == 0
    empty.labels.answers.add(("flights", "r207"))
    assert send(empty, content(200)).json()["late_labels"] == 1
    assert list(empty.labels.get("flights", ["r207", "r208"])) == [LateLabel("r207", "1")]
