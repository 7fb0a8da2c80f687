"""A SQLite database as one file; the tables of PostgreSQL by COPY, each a file of text."""
from __future__ import annotations

import json
import shutil
import sqlite3
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, inspect, text

from adapters.sqlmodel.database import Database, driver_of
from adapters.sqlmodel.storage import newest_revision
from application.ports.database_copy import DatabaseCopy, NotEmpty

_SQLITE, _TABLES = "progon.db", "tables.json"
# The revision is the migrations' own.
_LEFT = frozenset({"alembic_version"})


class SqlmodelDatabaseCopy(DatabaseCopy):
    def __init__(self, database: Database) -> None:
        self._database = database

    @property
    def make(self) -> str:
        return f"{'sqlite' if self._database.is_sqlite else 'postgresql'} {newest_revision()}"

    def save(self, folder: Path) -> None:
        with self._database.connect() as connection:
            if self._database.is_sqlite:
                driver_of(connection).execute("VACUUM INTO ?", (str(folder / _SQLITE),))
                return
            with connection.execution_options(isolation_level="REPEATABLE READ").begin():
                _save_tables(connection, folder)

    def check_empty(self) -> None:
        with self._database.read() as session:
            for table in ("task", "experiment"):
                if session.execute(text(f"SELECT 1 FROM {table} LIMIT 1")).first():
                    raise NotEmpty("there are tasks or experiments here; a backup is restored where there is nothing")

    def restore(self, folder: Path) -> None:
        self.check_empty()
        if self._database.is_sqlite:
            self._restore_sqlite(folder / _SQLITE)
            return
        with self._database.write() as session:
            _restore_tables(session.connection(), folder)

    def _restore_sqlite(self, saved: Path) -> None:
        """Through SQLite itself, so that whoever has the database open sees all of it or nothing."""
        with self._database.connect() as connection, closing(sqlite3.connect(saved)) as source:
            source.backup(driver_of(connection))


def _save_tables(connection: Connection, folder: Path) -> None:
    looked = inspect(connection)
    # Those that others point to go first.
    names = [name for name, _ in looked.get_sorted_table_and_fkc_names() if name is not None and name not in _LEFT]
    tables = [{"name": name, "primary_key": looked.get_pk_constraint(name)["constrained_columns"],
               "columns": [[column["name"], str(column["type"]), column["nullable"]]
                           for column in looked.get_columns(name)]} for name in names]
    (folder / _TABLES).write_text(json.dumps(tables))
    with driver_of(connection).cursor() as cursor:
        for number, name in enumerate(names):
            with (folder / f"{number:05}.copy").open("wb") as file:
                with cursor.copy(f"COPY {_quoted(name)} TO STDOUT") as copy:
                    file.writelines(copy)


def _restore_tables(connection: Connection, folder: Path) -> None:
    tables = json.loads((folder / _TABLES).read_text())
    there = set(inspect(connection).get_table_names())
    for table in tables:
        if table["name"] not in there:
            connection.exec_driver_sql(_create(table))
    with driver_of(connection).cursor() as cursor:
        for table in reversed(tables):  # what a service that never worked has written
            cursor.execute(f"DELETE FROM {_quoted(table['name'])}")
        for number, table in enumerate(tables):
            columns = ", ".join(_quoted(name) for name, _, _ in table["columns"])
            with (folder / f"{number:05}.copy").open("rb") as file, cursor.copy(
                    f"COPY {_quoted(table['name'])} ({columns}) FROM STDIN") as copy:
                shutil.copyfileobj(file, copy)
            _count_on(cursor, table)


def _count_on(cursor: Any, table: Mapping[str, Any]) -> None:
    """What gives numbers to new rows goes on behind the largest."""
    for name, _, _ in table["columns"]:
        cursor.execute("SELECT pg_get_serial_sequence(%s, %s)", (_quoted(table["name"]), name))
        if (sequence := cursor.fetchone()[0]) is not None:
            largest = f"(SELECT max({_quoted(name)}) FROM {_quoted(table['name'])})"
            cursor.execute(f"SELECT setval(%s, greatest({largest}, 1), {largest} IS NOT NULL)", (sequence,))


def _create(table: Mapping[str, Any]) -> str:
    columns = [f"{_quoted(name)} {kind}{'' if nullable else ' NOT NULL'}" for name, kind, nullable in table["columns"]]
    key = f", PRIMARY KEY ({', '.join(map(_quoted, table['primary_key']))})" if table["primary_key"] else ""
    return f"CREATE TABLE {_quoted(table['name'])} ({', '.join(columns)}{key})"


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
