"""What each process and each command loads before it begins: a start is imports above all."""
from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import click
import pytest
from alembic.config import Config
from alembic.script import ScriptDirectory

from adapters.sqlmodel.storage import MIGRATIONS, newest_revision
from entrypoints.cli import main

ROOT = Path(__file__).parents[2]
FRAMEWORKS = {"fastapi", "pydantic_settings", "starlette", "werkzeug"}
HEAVY = {"dependency_injector", "distributed", "numpy", "onnxruntime", "pandas", "pyarrow", "pydantic", "rich",
         "sqlalchemy"} | FRAMEWORKS


# A database that is at the newest revision, made so by another process.
UP_TO_DATE = """
import os, tempfile
from adapters.sqlmodel.database import Database
from adapters.sqlmodel.storage import SqlmodelStorage
with tempfile.TemporaryDirectory() as folder:
    url = f"sqlite:///{folder}/it.db"
    if not os.fork():
        SqlmodelStorage(Database(url)).migrate()
        os._exit(0)
    assert os.wait()[1] == 0
    SqlmodelStorage(Database(url)).migrate()
"""
TRAINER = """
from entrypoints.settings import Settings
from entrypoints.wiring import trainers
trainers.with_texts(trainers.registry(Settings()).get("catboost"))
"""


COMPLETION = """
from click.shell_completion import ShellComplete
from entrypoints.cli import main
found = ShellComplete(main, {}, "progon", "_PROGON_COMPLETE").get_completions([], "d")
assert {item.value: item.help for item in found}["deploy"] == "Put an experiment into service.", found
"""


def command(*words: str) -> str:
    return f"from entrypoints.cli import main; main({list(words)}, standalone_mode=False)"


@pytest.mark.parametrize(("code", "left_out"), [
    (command("--help"), HEAVY),
    (command("--version"), HEAVY),
    (COMPLETION, HEAVY),
    ("import entrypoints.commands.there", HEAVY - {"numpy", "rich"}),
    (command("key", "create", "--help"), HEAVY - {"numpy"}),
    (command("retrain", "--help"), HEAVY - {"numpy"}),
    (command("admin", "--help"), HEAVY),
    ("import entrypoints.processes.engine", HEAVY),
    ("import entrypoints.wiring.engine", HEAVY - {"numpy"}),
    ("import entrypoints.wiring.container", FRAMEWORKS | {"distributed", "pandas", "rich"}),
    ("import entrypoints.processes.run_experiment", FRAMEWORKS | {"distributed", "pandas", "rich"}),
    ("import entrypoints.http.worker, entrypoints.commands.serve", {"grpc", "grpc_health"}),
    (command("extract-data", "--help"), FRAMEWORKS | {"alembic", "catboost", "matplotlib", "pandas"}),
    (command("train-model", "--help"), FRAMEWORKS | {"catboost", "matplotlib", "pandas", "sqlalchemy"}),
    (command("inference-model", "--help"), FRAMEWORKS | {"catboost", "matplotlib", "pandas", "sqlalchemy"}),
    (UP_TO_DATE, {"alembic", "pandas"}),
    (TRAINER, {"scipy.optimize", "scipy.stats", "sklearn"}),
])
def test_it_does_without(code, left_out):
    asked = f"{code}\nimport sys; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", asked], cwd=ROOT, capture_output=True, text=True, check=True)
    modules = done.stdout.splitlines()[-1].split()
    loaded = {name.partition(".")[0] for name in modules} | set(modules)
    assert "sys" in loaded
    assert loaded & left_out == set()


def test_what_counted_as_absent_can_be_imported_afterwards():
    code = "import entrypoints.wiring.container, fastapi, starlette.requests, pydantic"
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True)


def test_the_help_that_was_read_is_the_help_that_each_command_gives():
    context = click.Context(main, info_name="progon")
    formatter = context.make_formatter()
    main.format_commands(context, formatter)
    read = formatter.getvalue()
    formatter = context.make_formatter()
    click.Group.format_commands(main, context, formatter)
    assert read == formatter.getvalue()
    assert "extract-data  " in read and "Carry out the trainings" in read


def test_the_newest_revision_is_the_one_that_the_migrations_end_with():
    """The start of a process compares the names of files, so as to leave Alembic out."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    assert ScriptDirectory.from_config(config).get_heads() == [newest_revision()]
