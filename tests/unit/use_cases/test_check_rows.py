from __future__ import annotations

import pytest

from application.ports.task_catalog import UnknownTask
from application.use_cases.check_rows import CheckRows
from domain.errors import InvalidInput
from domain.rows import TextRows
from tests.builders import DAY, LATE, TEMP, make_table, make_task, text_cells
from tests.fakes.task_catalog import InMemoryTaskCatalog

TASK = make_task()


@pytest.fixture
def check() -> CheckRows:
    return CheckRows(InMemoryTaskCatalog(TASK))


def count(check: CheckRows, rows, labelled: bool) -> int:
    return sum(part.table.n_rows for part in check.execute("flights", rows, labelled))


def chunks(*without: str) -> list[TextRows]:
    table = make_table(TASK, 20).without(without)
    return [TextRows(text_cells(chunk), 1 + 7 * number) for number, chunk in enumerate(table.chunks(7))]


def test_rows_are_counted(check):
    assert count(check, chunks(), labelled=True) == 20
    assert count(check, chunks(DAY, LATE), labelled=False) == 20
    assert count(check, [], labelled=False) == 0


def test_what_only_labelled_rows_need(check):
    with pytest.raises(InvalidInput) as failure:
        count(check, chunks(DAY, LATE), labelled=True)
    assert {fault.where for fault in failure.value.faults} == {f"column {DAY}", f"column {LATE}"}


def test_an_unknown_label_matters_only_where_labels_do(check):
    rows = chunks()
    rows[2].cells[LATE][5] = "maybe"
    assert count(check, rows, labelled=False) == 20
    with pytest.raises(InvalidInput) as failure:
        count(check, rows, labelled=True)
    assert [fault.where for fault in failure.value.faults] == [f"row 20, column {LATE}"]


@pytest.mark.parametrize("labelled", [True, False])
def test_faults_are_named(check, labelled):
    rows = chunks()
    rows[0].cells[TEMP][1], rows[2].cells[TEMP][0] = "warm", "cold"
    with pytest.raises(InvalidInput) as failure:
        count(check, rows, labelled)
    assert [fault.where for fault in failure.value.faults] == [f"row 2, column {TEMP}", f"row 15, column {TEMP}"]


def test_labels_and_cells_are_told_together(check):
    rows = chunks()
    rows[0].cells[LATE][1], rows[2].cells[TEMP][0], rows[2].cells[LATE][1] = "maybe", "cold", "2"
    with pytest.raises(InvalidInput) as failure:
        count(check, rows, labelled=True)
    assert [fault.where for fault in failure.value.faults] == [
        f"row 2, column {LATE}", f"row 15, column {TEMP}", f"row 16, column {LATE}"]


def test_an_unknown_task(check):
    with pytest.raises(UnknownTask):
        check.execute("nope", chunks(), labelled=False)
