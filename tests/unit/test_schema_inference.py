"""What is written down after a look at a table: one test a rule, and the law that the table then fits its task."""
from __future__ import annotations

import random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from application.use_cases.create_task import with_targets
from application.use_cases.infer_task import InferTask
from domain.column_profile import ColumnProfile
from domain.columns import ColumnType
from domain.errors import InvalidInput
from domain.kinds.kind import Problem
from domain.rows import TextRows
from domain.schema import Role
from domain.schema_inference import InferredTask, TableProfile, TableWish, infer_task
from domain.table import concat
from domain.task import MAX_PREFIX_CHARS

N = 60
COLOURS = ["red", "green", "blue"]


def cycle(values, n: int = N) -> list[str]:
    return [str(values[row % len(values)]) for row in range(n)]


def look(columns, target="y", chunk: int = 17, **wish) -> InferredTask:
    """The task of a table that came in several chunks, with a feature and a target put beside what is asked about."""
    columns = {"beside": cycle([1.5, 2.5, 3.5, 1]), "y": cycle([0, 1])} | columns
    table, n_rows = TableProfile(list(columns)), len(next(iter(columns.values())))
    for start in range(0, n_rows, chunk):
        table.add({name: cells[start:start + chunk] for name, cells in columns.items()})
    return infer_task(table, TableWish("made", target, **wish))


def infer_target(cells):
    table = TableProfile(["x", "late"])
    table.add({"x": [str(n % 7) for n in range(len(cells))], "late": list(map(str, cells))})
    return infer_task(table, TableWish("made", "late")).task


def column(cells, name="x", **wish):
    return look({name: cells}, **wish).task.schema[name]


@pytest.mark.parametrize(("cells", "missing"), [
    (cycle([1, 2, 3]), ()),
    (cycle(["1", " 2.5 ", "-3e4"]), ()),
    (cycle(["1", "", "2"]), ()),
    (cycle(["1", "?", "NA", "None", "2", " "]), ()),
    (["unknown"] * 3 + cycle(list(range(40)))[3:], ("unknown",)),
    (["inf", "1e60"] + cycle([1, 2, 3])[2:], ("1e60", "inf")),
    (cycle(["07", "11", "12"]), ()),
    (cycle(["-", "1.5", "-", "2"]), ("-",)),
    (cycle(["Н/Д", "1.5", "нет данных"]), ("Н/Д", "нет данных")),
])
def test_numbers(cells, missing):
    """A column without a blank may have some tomorrow: only its owner can say that a value is required."""
    found = column(cells)
    assert (found.type, found.role, found.nullable) == (ColumnType.NUMBER, Role.FEATURE, True)
    assert found.missing == missing
    assert ("taken as missing" in found.description) == bool(missing)


@pytest.mark.parametrize(("cells", "missing", "told"), [
    (cycle(COLOURS), (), ""),
    (cycle(["red", "None", "blue"]), (), ""),
    (cycle(["red", "?", "NA", "n/a", "None", "", "blue"]), ("?", "NA", "n/a"), ""),
    (cycle(["1", "2", "many", "few"]), (), "mixed: 30 of 60 values are numbers"),
    (cycle([f"w{n}" for n in range(6)] + list(range(40))), (), "mixed"),
    (cycle(["020", "030", "190"]), (), "codes"),
])
def test_categories(cells, missing, told):
    found = column(cells)
    assert (found.type, found.role, found.nullable) == (ColumnType.CATEGORY, Role.FEATURE, True)
    assert found.missing == missing
    assert told in found.description


@pytest.mark.parametrize("words", [
    ("True", "False"), ("TRUE", "false", "True"), ("yes", "no"), ("Да", "нет"), ("Y", "N"), ("t", "f", "")])
def test_yes_or_no_is_a_boolean(words):
    assert column(cycle(words)).type is ColumnType.BOOLEAN


@pytest.mark.parametrize("words", [("yes", "off"), ("yes", "no", "maybe"), ("yes", "1", "no"), ("0", "1")])
def test_what_is_no_pair_of_words_is_no_boolean(words):
    assert column(cycle(words)).type is not ColumnType.BOOLEAN


@pytest.mark.parametrize(("cells", "name", "digits"), [
    (cycle(["101", "102"]), "shop_code", 0), (cycle(["00501", "10001"]), "zip", 5), (cycle(["020", "190"]), "x", 3),
    (cycle(["red", "blue"]), "x", None)])
def test_codes_say_how_wide_they_are(cells, name, digits):
    assert column(cells, name).digits == digits


@pytest.mark.parametrize("cells", [
    [f"{n // 10},{n % 10}" for n in range(102)], [f"{n} %" for n in range(60)], [f"1 {n:03}" for n in range(60)],
    ["$" + str(n) for n in range(60)]])
def test_a_target_of_numbers_written_oddly_is_never_made_classes_in_silence(cells):
    with pytest.raises(InvalidInput, match="write 1234.5"):
        infer_target(cells)
    assert infer_target(cycle(["1st", "2nd", "3rd"])).problem is Problem.MULTICLASS


def test_few_whole_numbers_are_classes_and_that_is_told():
    task = infer_target(cycle([1, 2, 3]))
    assert task.problem is Problem.MULTICLASS and "problem: regression" in task.schema.target.description
    assert infer_target(cycle([0, 1])).schema.target.description == ""


def test_an_id_that_comes_again_names_things():
    found = column(cycle([7, 3, 12]), "store_id")
    assert found.type is ColumnType.CATEGORY and found.role is Role.FEATURE and "name things" in found.description


SHUFFLED = random.Random(0).sample(range(1000, 9000), N)


@pytest.mark.parametrize(("name", "cells", "why"), [
    ("customerID", [f"{n}-ABC" for n in SHUFFLED], "id"),
    ("Passenger Id", SHUFFLED, "id"),
    ("PID", SHUFFLED, "id"),
    ("номер", SHUFFLED, "id"),
    ("anything", range(1, N + 1), "row number"),
    ("anything", range(N), "row number"),
    ("surname", [f"Ivanov {n}" for n in SHUFFLED], "id or name"),
    ("us", [f"{1 + n % 12}/{1 + n % 28}/24" for n in range(N)], "date"),
    ("words", [f"{1 + n % 28} Mar 2024" for n in range(N)], "date"),
    ("either", [f"{1 + n % 12:02}/{1 + n % 11:02}/2024" for n in range(N)], "may come first"),
    ("numbers", ["20249999", *["20240105", "20240106"] * N][:N], "not read here"),
    ("words too", ["next week", *["2024-01-05", "2024-01-06"] * N][:N], "such as \"next week\""),
    ("nearly", ["31/10/2024", "10/31/2024"] * (N // 2), "some the month"),
    ("same", ["a"] * N, "constant"),
    ("one", ["1"] * N, "constant"),
    ("nothing", cycle(["", "NA"]), "empty"),
    ("price", [f"{n},5" for n in SHUFFLED], "commas"),
    ("price", [f"$ {n}" for n in SHUFFLED], "signs"),
    ("share", [f"{n}%" for n in SHUFFLED], "units"),
    ("prediction", SHUFFLED, "reserved"),
    ("probabilities", SHUFFLED, "reserved"),
    ("request_id", SHUFFLED, "reserved"),
])
def test_nothing_to_learn_from(name, cells, why):
    found = column(list(map(str, cells)), name)
    assert found.role is Role.IGNORED
    assert why in found.description


@pytest.mark.parametrize("cells", [
    [f"it was quite good number {n // 2}" for n in range(N)],
    [f"Вполне хорошая вещь номер {n}" for n in range(N)],
    [f"so many sentences that none is a category {n % 1_100}" for n in range(4_400)],
])
def test_free_text(cells):
    found = column(cells, "review")
    assert (found.type, found.role) == (ColumnType.TEXT, Role.FEATURE)
    assert "free text" in found.description and "words" in found.description


@pytest.mark.parametrize(("cells", "day_first"), [
    ([f"2024-01-{1 + n % 28:02}" for n in range(N)], None),
    ([f"2024-01-{1 + n % 28:02}T05:00:00Z" for n in range(N)], None),
    ([f"202401{1 + n % 28:02}" for n in range(N)], None),
    ([f"{1 + n % 28:02}.01.2024" for n in range(N)], True),
    ([f"{1 + n % 12:02}.01.2024 7:05" for n in range(N)], True),
    ([f"{1 + n % 28:02}/01/2024" for n in range(N)], True),
    ([f"01/{1 + n % 28:02}/2024" for n in range(N)], False),
    ([f"2024-01-{1 + n % 28:02}" if n % 2 else f"{1 + n % 28:02}.01.2024" for n in range(N)], True),
])
def test_dates(cells, day_first):
    found = column(cells, "day")
    assert (found.type, found.role, found.day_first) == (ColumnType.DATETIME, Role.FEATURE, day_first)
    assert "date" in found.description


def test_words_for_no_date_are_told():
    found = column(["unknown", *["2024-01-05", "2024-01-06"] * N][:N], "day")
    assert (found.type, found.missing) == (ColumnType.DATETIME, ("unknown",))
    assert "1 rows hold \"unknown\", taken as missing" in found.description


def test_sentences_that_come_again_are_categories():
    found = column([f"one of these three answers {n % 3}" for n in range(N)], "answer")
    assert (found.type, found.role) == (ColumnType.CATEGORY, Role.FEATURE)


@pytest.mark.parametrize(("name", "cells"), [
    ("amount", SHUFFLED),
    ("length", [n / 7 for n in SHUFFLED]),
    ("flag", ["yes", *[""] * (N - 1)]),
    ("few", ["1,5", "2,5", *["1,5"] * (N - 2)]),
])
def test_what_looks_like_a_key_but_is_none(name, cells):
    assert column(list(map(str, cells)), name).role is Role.FEATURE


def test_a_short_table_may_have_different_texts_in_each_row():
    assert look({"beside": ["1"] * 6, "y": cycle("ab", 6), "x": list("abcdef")}).task.schema["x"].role is Role.FEATURE


def test_a_key_that_is_all_there_is_is_learned_from():
    cells = {"x": list(map(str, range(N))), "beside": ["1"] * N}
    assert look(cells).task.schema["x"].role is Role.FEATURE


def test_nothing_left_says_why_of_each_column():
    with pytest.raises(InvalidInput, match="no column is left") as failure:
        look({"beside": ["1"] * N, "x": [""] * N})
    assert {fault.where: fault.problem.split(":")[0] for fault in failure.value.faults} == {
        "column beside": "constant", "column x": "empty"}


@pytest.mark.parametrize(("cells", "problem", "labels", "lost"), [
    (cycle([0, 1]), Problem.BINARY, (0, 1), 0),
    (cycle(["1.0", "0.0"]), Problem.BINARY, (0, 1), 0),
    (cycle([1, -1]), Problem.BINARY, (-1, 1), 0),
    (cycle(["Yes", "No"]), Problem.BINARY, ("No", "Yes"), 0),
    (cycle([">50K", "<=50K", "", "?"]), Problem.BINARY, ("<=50K", ">50K"), 30),
    (cycle([3, 10, 2]), Problem.MULTICLASS, (2, 3, 10), 0),
    (cycle(["01", "02", "03"]), Problem.MULTICLASS, ("01", "02", "03"), 0),
    (cycle(["mild", "None", "severe"]), Problem.MULTICLASS, ("None", "mild", "severe"), 0),
    (cycle([0, 1, "unsure"]), Problem.MULTICLASS, ("0", "1", "unsure"), 0),
    (cycle(list(range(7))), Problem.REGRESSION, (), 0),
    (cycle([0.5, 1.5]), Problem.REGRESSION, (), 0),
    (cycle([0.5, 1.5, "", "nan"]), Problem.REGRESSION, (), 30),
    (["n/k"] * 2 + [str(n) for n in SHUFFLED][2:], Problem.REGRESSION, (), 2),
])
def test_the_target_tells_the_problem(cells, problem, labels, lost):
    found = look({"y": cells})
    assert (found.task.problem, found.task.labels, found.rows_without_target) == (problem, labels, lost)
    assert not found.task.schema.target.nullable


def test_869_whole_numbers_are_a_number_and_6_of_many_rows_are_classes():
    rows = 3000
    beside = {"beside": cycle([1.5, 2.5], rows)}
    assert look(beside | {"y": cycle(range(869), rows)}).task.problem is Problem.REGRESSION
    assert look(beside | {"y": cycle(range(3, 9), rows)}).task.labels == (3, 4, 5, 6, 7, 8)


def test_the_owner_knows_better():
    assert look({"y": cycle([1, 2, 3])}, problem=Problem.REGRESSION).task.problem is Problem.REGRESSION
    assert look({"y": cycle(range(7))}, problem=Problem.MULTICLASS).task.labels == tuple(range(7))


@pytest.mark.parametrize(("cells", "wanted", "words"), [
    ([""] * N, None, "no value"),
    (["a"] * N, None, "is \"a\" in all rows"),
    (["1.5"] * N, None, "the same value"),
    (cycle(["1", "1.0"]), Problem.REGRESSION, "the same value"),
    ([f"t{n}" for n in range(N)], None, "another value in each row"),
    (cycle([f"t{n}" for n in range(300)], 900), None, "more than 256"),
    (cycle(["x" * 200, "y" * 200]), None, "too long"),
    (cycle(COLOURS), Problem.BINARY, "3 classes"),
    (cycle(COLOURS), Problem.REGRESSION, "no numbers"),
])
def test_a_target_that_is_none(cells, wanted, words):
    with pytest.raises(InvalidInput, match=words):
        look({"beside": cycle([1.5, 2.5], len(cells)), "y": cells}, problem=wanted)


@pytest.mark.parametrize(("target", "words"), [
    ("Y", "did you mean \"y\""), ("besides", "did you mean \"beside\""), ("qqq", "there are beside, y")])
def test_a_target_that_is_not_there(target, words):
    with pytest.raises(InvalidInput, match=words):
        InferTask().execute(TableWish("made", target), [TextRows({"beside": ["1"], "y": ["2"]})])


def test_a_table_without_rows():
    with pytest.raises(InvalidInput, match="no rows"):
        InferTask().execute(TableWish("made", "y"), [TextRows({"x": [], "y": []})])


def test_split_by_a_day_or_by_whole_names():
    days = [f"2024-01-{1 + n % 28:02} 05:00" for n in range(N)]
    found = look({"when": days, "group": cycle(COLOURS)}, split_by="when").task
    assert found.schema["when"].role is Role.SPLIT and (found.split.by, found.split.prefix_chars) == ("when", 10)
    assert look({"group": cycle(COLOURS)}, split_by="group").task.split.prefix_chars == MAX_PREFIX_CHARS


def test_split_by_time():
    days = [f"{1 + n % 28:02}.01.2024" for n in range(N)]
    found = look({"when": days}, split_by_time="when").task
    column = found.schema["when"]
    assert (found.split.by, found.split.by_time) == (None, "when")
    assert (column.type, column.role, column.nullable, column.day_first) == (
        ColumnType.DATETIME, Role.FEATURE, False, True)


@pytest.mark.parametrize(("wish", "words"), [
    ({"split_by_time": "y"}, "target"), ({"split_by_time": "nope"}, "no column"),
    ({"split_by_time": "town"}, "town holds no dates"), ({"split_by_time": "either"}, "day or month may come first"),
    ({"split_by_time": "gaps"}, "rows have no date in gaps"), ({"split_by_time": "two"}, "holds 2 dates"),
    ({"split_by_time": "gaps", "split_by": "town"}, "by time or by groups")])
def test_what_no_row_can_be_parted_in_time_by(wish, words):
    days = [f"2024-01-{1 + n % 28:02}" for n in range(N)]
    with pytest.raises(InvalidInput, match=words) as told:
        look({"town": cycle(COLOURS), "either": cycle(["01/02/2024", "03/02/2024", "04/05/2024"]),
              "gaps": [*days[:-1], ""], "two": cycle(["2024-01-01", "2024-01-02"])}, **wish)
    assert [fault.where for fault in told.value.faults] == ["split by time"]


@pytest.mark.parametrize(("split_by", "words"), [("y", "target"), ("nope", "no column"), ("two", "2 groups")])
def test_a_bad_column_to_split_by(split_by, words):
    with pytest.raises(InvalidInput, match=words):
        look({"two": cycle("ab")}, split_by=split_by)


def test_names_as_they_come():
    names = ["Year Remod/Add", "1st Flr SF", "доход, тыс. руб.", "x" * 200, "a\"b"]
    found = look({name: cycle([1.5, 2.5]) for name in names}).task
    assert [column.name for column in found.schema.features] == ["beside", *names]


def test_memory_is_bounded_and_says_so():
    profile = ColumnProfile("x", max_distinct=100)
    for start in range(0, 10_000, 50):
        profile.add([f"t{n}" for n in range(start, start + 50)])
    assert not profile.is_exact and profile.distinct <= 150 and len(profile.words) <= 21


TEXTS = st.sampled_from(["", " ", "?", "NA", "None", "nan", "NAN", "inf", "1", "1.0", "-0", "007", "1_0", "٣", "1e400",
                         "3.5", "2024-01-01", "a", "a b c d e", "да", "1,5", "x" * 150]) | st.text(max_size=5).filter(
                             lambda text: "\0" not in text and text.isprintable())
TABLES = st.integers(2, 5).flatmap(lambda width: st.lists(
    st.tuples(*[TEXTS] * width), min_size=1, max_size=80))


def test_a_long_value_is_no_class_beside_one_that_is_called_none():
    rows = TextRows({"a": ["1", "2", "3"] * 4, "y": ["None", "b", "x" * 150] * 4})
    with pytest.raises(InvalidInput, match="too long to be classes"):
        InferTask().execute(TableWish("made", "y"), [rows])


@settings(max_examples=500, deadline=None)
@given(rows=TABLES, problem=st.sampled_from([None, *Problem][:4]), chunk=st.integers(1, 50))
def test_a_table_fits_the_task_that_was_inferred_from_it(rows, problem, chunk):
    columns = {f"c{place}": list(cells) for place, cells in enumerate(zip(*rows))}
    chunks = [TextRows({name: cells[start:start + chunk] for name, cells in columns.items()}, start + 1)
              for start in range(0, len(rows), chunk)]
    try:
        found = InferTask().execute(TableWish("made", "c0", problem), chunks)
    except InvalidInput as failure:
        assert failure.faults or "no rows" in failure.detail
        return
    stored = concat(list(with_targets(found.task, chunks)))
    assert stored.n_rows == found.rows - found.rows_without_target
    targets = found.task.targets(stored["c0"])
    assert np.isfinite(targets).all() and len(np.unique(targets)) >= 2


@pytest.mark.parametrize(("values", "digits"), [
    (["1", "2", "3+"], 0), (["00501", "10001", "K1A"], 5), (["00501", "7", "K1A"], None), (["1.0", "2.0.1"], None),
    (["0", "12", "none of them"], 0), (["a", "b"], None)])
def test_whole_numbers_among_words_are_codes(values, digits):
    found = column(cycle(values))
    assert found.type is ColumnType.CATEGORY and found.digits == digits


@pytest.mark.parametrize(("values", "kind"), [
    (["True", ""], ColumnType.BOOLEAN), (["", "FALSE"], ColumnType.BOOLEAN), (["y", ""], ColumnType.CATEGORY)])
def test_a_yes_without_a_no(values, kind):
    assert column(cycle(values)).type is kind
