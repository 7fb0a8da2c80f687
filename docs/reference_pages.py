"""The reference, written out of the code: commands, routes, settings, errors, trainers' parameters."""
from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import click

from adapters.catboost.card import CARD as CATBOOST
from adapters.matrix.cards import LIGHTGBM, LINEAR
from domain.trainer_card import Parameter, TrainerCard
from entrypoints.answers.problems import TABLE
from entrypoints.cli import main
from entrypoints.http.app import create_app
from entrypoints.settings import Settings, describe
from entrypoints.wiring.container import make_container

_METHODS = ("get", "post", "put", "patch", "delete")
_ERRORS = {
    400: "a malformed body, a wrong type, a missing or unknown column, a wrong file, an unknown parameter; `errors` "
         "has every fault, by row and column",
    401: "no key or a wrong one",
    403: "the model could not do it (nothing deployed, its run failed); or, with the title `forbidden`, the key has "
         "not the right, or a page of another site asks for a change",
    404: "an unknown task, experiment, version or file",
    409: "not in a state for it: a failed experiment cannot be deployed",
    413: "a body, an archive, a picture or a file has more than the settings allow",
    429: "wrong keys too often from one address; `Retry-After` says when to come again",
    503: "all slots are taken, or the service is about to stop; `Retry-After` says when to come again",
    507: "the disk or the database has no room",
}


def write_reference(folder: Path) -> None:
    """The pages as Markdown; a page that has not changed is left as it is, so that Sphinx need not read it again."""
    folder.mkdir(exist_ok=True)
    pages = {"commands": _commands(), "http": _routes(_openapi()), "settings": _settings(), "errors": _errors(),
             "trainers": _trainers((CATBOOST, LINEAR, LIGHTGBM))}
    for name, lines in pages.items():
        text, path = "\n".join(lines) + "\n", folder / f"{name}.md"
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            path.write_text(text, encoding="utf-8")


def _commands() -> Iterator[str]:
    yield from ("# Commands", "", "`--json` gives one JSON document, for machines. Exit code 0 is done, 1 failed, 2 "
                "wrong usage. Long work shows a progress bar on a terminal and plain lines elsewhere.")
    with click.Context(main, info_name="progon", max_content_width=100) as root:
        yield from _helps(root)


def _helps(parent: click.Context) -> Iterator[str]:
    group = parent.command
    assert isinstance(group, click.Group)
    for name in group.list_commands(parent):
        command = group.get_command(parent, name)
        assert command is not None
        with click.Context(command, info_name=name, parent=parent, max_content_width=100) as context:
            if isinstance(command, click.Group):
                yield from _helps(context)
            else:
                yield from ("", f"## {context.command_path}", "", "```text", command.get_help(context), "```")


def _openapi() -> Mapping[str, Any]:
    with tempfile.TemporaryDirectory() as home:
        app = create_app(make_container(Settings.from_environment({"PROGON_HOME": home, "PATH": os.environ["PATH"]})))
        return app.openapi()


def _routes(document: Mapping[str, Any]) -> Iterator[str]:
    yield from ("# HTTP API", "", "Bodies and answers, field by field, are in `/openapi.json` of a running service, "
                "and to try at its `/docs`. Errors: [errors](errors.md).")
    for path, operations in document["paths"].items():
        for method in _METHODS:
            if method in operations:
                shared = document["components"]["parameters"]
                yield from _route(f"{method.upper()} {path}", operations[method], shared)


def _route(name: str, operation: Mapping[str, Any], shared: Mapping[str, Any]) -> Iterator[str]:
    yield from ("", f"## {name}", "", operation.get("description") or operation.get("summary", ""))
    parameters = [(f"`{each['name']}`", each["in"], "yes" if each.get("required") else "",
                   each.get("description", "")) for each in (
                       shared[told["$ref"].rpartition("/")[2]] if "$ref" in told else told
                       for told in operation.get("parameters", ()))]
    if parameters:
        yield from ("", *_table(("parameter", "in", "required", "meaning"), parameters))
    bodies = operation.get("requestBody", {}).get("content", {})
    if bodies:
        yield from ("", "Body: " + ", ".join(f"`{media}`" for media in bodies) + ".")
    yield from ("", "Answers: " + ", ".join(operation["responses"]) + ".")


def _settings() -> Iterator[str]:
    yield from ("# Settings", "", "Variables of the environment; `progon settings` shows their values now.", "")
    yield from _table(("variable", "default", "meaning"),
                      [(f"`{name}`", f"`{default}`" if str(default) else "", meaning)
                       for name, default, meaning in describe()])


def _errors() -> Iterator[str]:
    yield from ("# Errors", "", "Each is `application/problem+json` (RFC 9457): `status`, `title`, `detail` and, where "
                "several things can be wrong at once, `errors` with `where` and `problem`. Under `/v2` it is "
                "`{\"error\": \"...\"}`. Every answer carries `X-Request-ID`, under which the log has it.", "")
    yield from _table(("status", "title", "when"),
                      [(str(status), f"`{title}`", _ERRORS[status]) for status, title in TABLE.values()])


def _trainers(cards: Sequence[TrainerCard]) -> Iterator[str]:
    yield from ("# Parameters of the trainers", "", "Given in the task file under `training`, to `PUT /retrain` under "
                "`params`, or as `progon retrain TASK --set NAME=VALUE`. A trainer of your own: "
                "[trainers](../trainers.md).")
    for card in cards:
        yield from ("", f"## {card.name}", "", f"For {', '.join(card.kinds)}; {', '.join(card.problems)}.", "")
        yield from _table(("parameter", "default", "range", "meaning"), [
            (f"`{name}`", f"`{parameter.default}`", _range(parameter), parameter.meaning)
            for name, parameter in card.params.items()])
        for rung in card.adapted:
            yield from ("", f"Where nothing is said, {' '.join((rung.kind, *rung.problems))} of up to "
                        f"{rung.up_to_rows:,} rows: "
                        + ", ".join(f"`{name}` {value}" for name, value in rung.params.items()) + ".")


def _range(parameter: Parameter) -> str:
    if parameter.choices:
        return ", ".join(f"`{choice}`" for choice in parameter.choices)
    low, high = ("" if limit is None else f"{limit:g}" for limit in (parameter.low, parameter.high))
    return f"{low} to {high}" if low or high else ""


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[str]:
    yield "| " + " | ".join(head) + " |"
    yield "|" + "---|" * len(head)
    for row in rows:
        yield "| " + " | ".join(cell.replace("|", r"\|").replace("\n", " ") for cell in row) + " |"
