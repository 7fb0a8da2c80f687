"""The contract of the port DatabaseCopy."""
from __future__ import annotations

from dataclasses import dataclass

import pytest
from sqlalchemy import inspect, text

from adapters.sqlmodel.database import Database
from adapters.sqlmodel.database_copy import SqlmodelDatabaseCopy
from adapters.sqlmodel.experiment_log import SqlmodelExperimentLog
from adapters.sqlmodel.feature_store import SqlmodelFeatureStore
from adapters.sqlmodel.history import SqlmodelHistory
from adapters.sqlmodel.keyring import SqlmodelKeyring
from adapters.sqlmodel.task_catalog import SqlmodelTaskCatalog
from adapters.system.clock import SystemClock
from application.ports.database_copy import DatabaseCopy, NotEmpty
from application.ports.task_catalog import TaskCatalog
from domain.api_key import ApiKey, Right
from domain.history import Act, Entry
from tests.builders import make_experiment, make_table, make_task
from tests.conftest import DATABASES
from tests.fakes.clock import START, FixedClock
from tests.fakes.database_copy import InMemoryDatabaseCopy
from tests.fakes.task_catalog import InMemoryTaskCatalog


@dataclass
class Place:
    copy: DatabaseCopy
    tasks: TaskCatalog
    database: Database | None = None


@pytest.fixture(params=["fake", *DATABASES])
def make_place(request, make_database_url):
    """Gives an empty one of the kind each time."""
    opened = []

    def make() -> Place:
        if request.param == "fake":
            tasks = InMemoryTaskCatalog()
            return Place(InMemoryDatabaseCopy(tasks), tasks)
        opened.append(Database(make_database_url(request.param)))
        return Place(SqlmodelDatabaseCopy(opened[-1]), SqlmodelTaskCatalog(opened[-1]), opened[-1])

    yield make
    for database in opened:
        database.close()


def test_what_was_saved_is_there_again(make_place, tmp_path):
    here, there = make_place(), make_place()
    for name in ("flights", "other"):
        here.tasks.add(make_task(name=name))
    here.copy.save(tmp_path)
    here.tasks.add(make_task(name="later"))
    there.copy.check_empty()
    there.copy.restore(tmp_path)
    assert [task.name for task in there.tasks.all()] == ["flights", "other"]
    assert here.copy.make == there.copy.make


def test_it_goes_only_where_nothing_is(make_place, tmp_path):
    here, there = make_place(), make_place()
    here.tasks.add(make_task())
    here.copy.save(tmp_path)
    there.tasks.add(make_task(name="own"))
    with pytest.raises(NotEmpty):
        there.copy.check_empty()
    with pytest.raises(NotEmpty):
        there.copy.restore(tmp_path)
    assert [task.name for task in there.tasks.all()] == ["own"]


# Of databases.

@pytest.fixture
def places(make_place):
    here, there = make_place(), make_place()
    if here.database is None:
        pytest.skip("about databases")
    return here, there


def contents(database: Database) -> dict[str, list]:
    """Every row of every table."""
    with database.read() as session:
        names = inspect(session.connection()).get_table_names()
        return {name: sorted(map(repr, session.execute(text(f'SELECT * FROM "{name}"')))) for name in names}


def fill(database: Database) -> None:
    task = make_task()
    SqlmodelTaskCatalog(database).add(task)
    store = SqlmodelFeatureStore(database, FixedClock())
    store.append(task, [make_table(task, 30)])
    store.append(task, [make_table(task, 20, seed=1)])
    SqlmodelExperimentLog(database).add(make_experiment(task))
    SqlmodelHistory(database).add(Entry(START, Act.DEPLOYED, "flights", "анна\t\\N\n", {"да": [1, None]}))
    SqlmodelKeyring(database).add(ApiKey(0, "ci", "0" * 64, frozenset({Right.READ}), START))


def test_every_row_of_every_table(places, tmp_path):
    here, there = places
    fill(here.database)
    here.copy.save(tmp_path)
    there.copy.restore(tmp_path)
    assert contents(there.database) == contents(here.database)
    assert sum(map(len, contents(here.database).values())) > 55


def test_what_is_added_afterwards_gets_new_numbers(places, tmp_path):
    here, there = places
    fill(here.database)
    here.copy.save(tmp_path)
    there.copy.restore(tmp_path)
    ids = [SqlmodelExperimentLog(place.database).add(make_experiment(make_task())).id for place in (here, there)]
    assert ids[0] == ids[1] == 2
    assert SqlmodelHistory(there.database).add(Entry(START, Act.DEPLOYED, "flights")).id == 2
    store = SqlmodelFeatureStore(there.database, SystemClock())
    assert store.append(make_task(), [make_table(make_task(), 9, seed=2)]).version.rows == 59


def test_others_write_while_it_is_saved(places, tmp_path):
    """What a transaction has written that is not at its end is not in it."""
    here, there = places
    fill(here.database)
    with here.database.write() as session:
        session.execute(text("DELETE FROM experiment"))
        here.copy.save(tmp_path)
    there.copy.restore(tmp_path)
    assert len(contents(there.database)["experiment"]) == 1
