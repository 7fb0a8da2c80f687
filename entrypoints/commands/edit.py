"""A task changed by options, or by a document of changes."""
from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import click

from domain.errors import InvalidInput
from entrypoints.answers.tasks import TaskAnswer
from entrypoints.commands.asked import asked
from entrypoints.commands.shell import FILE, as_json, show
from entrypoints.formats.documents import read_yaml
from entrypoints.formats.json_rows import decode

Pairs = tuple[tuple[str, str], ...]


def _pairs(_: click.Context, _option: click.Parameter, texts: tuple[str, ...]) -> Pairs:
    found = [text.partition("=") for text in texts]
    if wrong := [text for text, (_name, equals, _value) in zip(texts, found, strict=True) if not equals]:
        raise click.BadParameter(f"expected NAME=VALUE, got {wrong[0]}")
    return tuple((name, value) for name, _, value in found)


@click.command("edit")
@click.argument("name")
@click.option("--file", "document", type=FILE, help="The changes as YAML or JSON, as PATCH /tasks/{name} takes them.")
@click.option("--description", help="What the task is about.")
@click.option("--param", "params", multiple=True, callback=_pairs, metavar="NAME=VALUE",
              help="A training parameter from now on.")
@click.option("--label", "labels", multiple=True, help="A new label of the target, behind those that there are.")
@click.option("--required", multiple=True, metavar="COLUMN", help="May not be empty any more.")
@click.option("--nullable", multiple=True, metavar="COLUMN", help="May be empty.")
@click.option("--private", multiple=True, metavar="COLUMN", help="Is kept out of the log of answers.")
@click.option("--public", multiple=True, metavar="COLUMN", help="Is kept in the log of answers.")
@click.option("--take-in", multiple=True, metavar="COLUMN", help="An ignored column becomes a feature.")
@click.option("--type", "types", multiple=True, callback=_pairs, metavar="COLUMN=TYPE", help="Of an ignored column.")
@click.option("--missing", multiple=True, callback=_pairs, metavar="COLUMN=WORD",
              help="The words that mean no value, instead of those before; COLUMN= for none.")
@click.option("--about", multiple=True, callback=_pairs, metavar="COLUMN=TEXT", help="The description of a column.")
@as_json
def edit(name: str, document: Path | None, as_json: bool, **said: Any) -> None:
    """Change the task NAME: each change is a new schema version, and what serves goes on serving. All options may be
    given several times but --file and --description."""
    with asked() as progon:
        task = progon.task(name)
        changes = _changes(task, said)
        if (document is None) == (not changes):
            raise click.UsageError("give --file, or what to change by the other options")
        changed = progon.edit_task(name, changes if document is None else read_yaml(document))
        show(changed, as_json, lambda: _words(task, changed))


def _changes(task: TaskAnswer, said: Mapping[str, Any]) -> dict[str, object]:
    columns: dict[str, dict[str, object]] = {}
    for option, key, value in (("required", "nullable", False), ("nullable", "nullable", True),
                               ("private", "private", True), ("public", "private", False),
                               ("take_in", "role", "feature")):
        _put(columns, key, ((column, value) for column in said[option]))
    _put(columns, "type", said["types"])
    _put(columns, "description", said["about"])
    for column, word in said["missing"]:
        words = columns.setdefault(column, {}).setdefault("missing", [])
        assert isinstance(words, list)  # made on the line above
        words += [word] if word else []
    labels = [*task.labels, *(_label(task, text) for text in said["labels"])] if said["labels"] else None
    params = {name: _value(text) for name, text in said["params"]}
    found = {"description": said["description"], "training": params or None, "labels": labels,
             "columns": columns or None}
    return {key: value for key, value in found.items() if value is not None}


def _put(columns: dict[str, dict[str, object]], key: str, values: Iterable[tuple[str, object]]) -> None:
    for column, value in values:
        if columns.setdefault(column, {}).setdefault(key, value) != value:
            raise click.UsageError(f"{key} of the column {column} is said twice")


def _label(task: TaskAnswer, text: str) -> object:
    """A number where those that there are are numbers."""
    numbers = bool(task.labels) and isinstance(task.labels[0], int)
    return int(text) if numbers and text.lstrip("-").isdecimal() else text


def _value(text: str) -> object:
    try:
        return decode(text.encode())
    except InvalidInput:
        return text


def _words(before: TaskAnswer, after: TaskAnswer) -> str:
    if after.schema_version == before.schema_version:
        return f"nothing to change: {after.name} has schema version {after.schema_version}"
    return (f"{after.name} has schema version {after.schema_version}; train with it: progon retrain {after.name}")
