"""What each process and each command loads before it begins: a start is imports above all."""
from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import click
import pytest

from entrypoints.cli import main

ROOT = Path(__file__).parents[2]
FRAMEWORKS = {"fastapi", "pydantic_settings", "starlette", "werkzeug"}
HEAVY = {"dependency_injector", "distributed", "numpy", "onnxruntime", "pandas", "pyarrow", "pydantic", "rich",
         "sqlalchemy"} | FRAMEWORKS


def command(*words: str) -> str:
    return f"from entrypoints.cli import main; main({list(words)}, standalone_mode=False)"


@pytest.mark.parametrize(("code", "left_out"), [
    (command("--help"), HEAVY),
    (command("--version"), HEAVY),
    (command("key", "create", "--help"), HEAVY - {"numpy"}),
    (command("retrain", "--help"), HEAVY - {"numpy"}),
    (command("admin", "--help"), HEAVY),
    ("import entrypoints.processes.engine", HEAVY),
    ("import entrypoints.wiring.engine", HEAVY - {"numpy"}),
    ("import entrypoints.wiring.container", FRAMEWORKS | {"distributed", "pandas", "rich"}),
    ("import entrypoints.processes.run_experiment", FRAMEWORKS | {"distributed", "pandas", "rich"}),
])
def test_it_does_without(code, left_out):
    asked = f"{code}\nimport sys; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", asked], cwd=ROOT, capture_output=True, text=True, check=True)
    loaded = {name.partition(".")[0] for name in done.stdout.splitlines()[-1].split()}
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
    assert "extract-data" in read and "Serve the API on HOST and PORT." in read
