"""The contract of the port History."""
from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pytest

from adapters.sqlmodel.history import SqlmodelHistory
from domain.history import Act, Entry, first_broken
from tests.fakes.clock import START
from tests.fakes.history import InMemoryHistory

ENTRY = Entry(START, Act.TASK_CHANGED, "flights", "анна 'quoted' \"twice\"", {
    "schema_version": 2, "columns": {"temp, °F": {"before": {"nullable": True}, "after": {"nullable": False}}},
    "labels": ["да", 1, None, 0.5]})


@pytest.fixture
def history(database_or_none):
    return SqlmodelHistory(database_or_none) if database_or_none else InMemoryHistory()


def test_nothing_happened_yet(history):
    assert list(history.newest()) == [] and list(history.newest("flights")) == []


def test_every_field_comes_back(history):
    added = history.add(ENTRY)
    assert added == replace(ENTRY, id=added.id, digest=added.digest) and added.id > 0 and added.digest
    assert list(history.newest()) == [added]
    bare = history.add(Entry(START, Act.DATA_UNDONE, "flights"))
    assert history.newest()[0] == bare and bare.by is None and bare.detail == {}


@pytest.mark.parametrize("act", Act)
def test_every_act(history, act):
    history.add(replace(ENTRY, act=act))
    assert history.newest()[0].act is act


def test_newest_first_page_by_page_and_of_one_task(history):
    ids = [history.add(replace(ENTRY, task=task)).id for task in ("a", "b", "a", "b", "a")]
    assert ids == sorted(set(ids))
    assert [entry.id for entry in history.newest(limit=2)] == [ids[4], ids[3]]
    assert [entry.id for entry in history.newest(limit=2, before=ids[3])] == [ids[2], ids[1]]
    assert [entry.id for entry in history.newest("a")] == [ids[4], ids[2], ids[0]]
    assert list(history.newest(limit=0)) == []
    for name in ("", "\0", "nope", "a'; DROP TABLE history; --"):
        assert list(history.newest(name)) == []
    for before in (0, -5):
        assert list(history.newest(before=before)) == []
    assert len(history.newest(before=10**30, limit=10**30)) == 5


def test_writers_at_once(history):
    with ThreadPoolExecutor(4) as pool:
        ids = list(pool.map(lambda _: history.add(ENTRY).id, range(20)))
    assert len(set(ids)) == 20 and len(history.newest()) == 20


def test_oldest_first_page_by_page_of_one_task_and_of_one_caller(history):
    acts = [("a", "anna"), ("b", "boris"), ("a", None), ("a", "anna")]
    ids = [history.add(replace(ENTRY, task=task, by=by, at=START + timedelta(hours=number))).id
           for number, (task, by) in enumerate(acts)]
    assert [entry.id for entry in history.after(0, 100)] == ids
    assert [entry.id for entry in history.after(ids[0], 2)] == ids[1:3]
    assert [entry.id for entry in history.after(0, 100, "a")] == [ids[0], *ids[2:]]
    assert [entry.id for entry in history.after(0, 100, "a", "anna")] == [ids[0], ids[3]]
    assert [entry.id for entry in history.after(START + timedelta(hours=1), 100)] == ids[2:]
    assert list(history.after(0, 100, by="\0")) == list(history.after(10**30, 100)) == list(history.after(0, 0)) == []


def test_newest_first_of_one_caller_since_a_moment(history):
    acts = [("a", "anna"), ("b", "boris"), ("a", None), ("a", "anna")]
    ids = [history.add(replace(ENTRY, task=task, by=by, at=START + timedelta(hours=number))).id
           for number, (task, by) in enumerate(acts)]
    assert [entry.id for entry in history.newest(by="anna")] == [ids[3], ids[0]]
    assert [entry.id for entry in history.newest("a", by="anna", before=ids[3])] == [ids[0]]
    assert [entry.id for entry in history.newest(after=ids[1])] == [ids[3], ids[2]]
    assert [entry.id for entry in history.newest(after=START + timedelta(hours=1), limit=1)] == [ids[3]]
    assert list(history.newest(by="\0")) == list(history.newest(by="anna", after=10**30)) == []


def test_of_some_acts_alone(history):
    history.add(ENTRY)
    undone = history.add(replace(ENTRY, act=Act.DATA_UNDONE))
    assert list(history.newest(acts=(Act.DATA_UNDONE,))) == [undone]


def test_each_digest_follows_the_one_before(history):
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda number: history.add(replace(ENTRY, detail={"number": number, "да": [0.1, None]})),
                      range(12)))
    entries = history.after(0, 100)
    assert first_broken(entries) is None and len({entry.digest for entry in entries}) == 12
    assert first_broken([*entries[:4], replace(entries[4], by="somebody else"), *entries[5:]]) == replace(
        entries[4], by="somebody else")
    assert first_broken([*entries[:4], *entries[5:]]) == entries[5]
    assert first_broken([replace(entries[0], digest=""), *entries[1:]]) == entries[1]
