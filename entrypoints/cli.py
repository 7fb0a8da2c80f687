"""The command line: each command is one use case and an exit code (0 ok, 1 failed, 2 wrong usage).

Commands are imported when they are called, and not for `progon --help` either. The stages of the pipeline are plugins
(entry points of the group `progon.commands`): they know the command line, not it them.
"""
from __future__ import annotations

import ast
import importlib
from importlib.abc import InspectLoader
from importlib.metadata import entry_points
from importlib.util import find_spec

import click

_COMMANDS = {
    "add-data": "entrypoints.commands.data:add_data",
    "key": "entrypoints.commands.keys:group",
    "label": "entrypoints.commands.data:label",
    "admin": "entrypoints.commands.admin:command",
    "backup": "entrypoints.commands.backups:backup",
    "restore": "entrypoints.commands.backups:restore",
    "check": "entrypoints.commands.backups:check",
    "cancel": "entrypoints.commands.retrain:cancel",
    "delete-experiment": "entrypoints.commands.removing:delete_experiment",
    "deploy": "entrypoints.commands.deployments:deploy",
    "evaluate": "entrypoints.commands.batches:evaluate",
    "experiments": "entrypoints.commands.experiments:experiments",
    "forward": "entrypoints.commands.models:forward",
    "forward-batch": "entrypoints.commands.batches:forward_batch",
    "export-data": "entrypoints.commands.imports:export_data",
    "audit": "entrypoints.commands.history:audit",
    "history": "entrypoints.commands.history:history",
    "import": "entrypoints.commands.imports:import_",
    "metadata": "entrypoints.commands.models:metadata",
    "migrate": "entrypoints.commands.migrate:command",
    "metrics": "entrypoints.commands.experiments:metrics",
    "retrain": "entrypoints.commands.retrain:retrain",
    "rollback": "entrypoints.commands.deployments:rollback",
    "serve": "entrypoints.commands.serve:command",
    "settings": "entrypoints.commands.settings:command",
    "task": "entrypoints.commands.tasks:group",
    "trainers": "entrypoints.commands.trainers:trainers",
    "undo-data": "entrypoints.commands.removing:undo_data",
    "worker": "entrypoints.commands.worker:command",
}
_PLUGINS = "progon.commands"


class LazyGroup(click.Group):
    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted([*_COMMANDS, *entry_points(group=_PLUGINS).names])

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        where = _where(name)
        return None if where is None else _loaded(where)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        names = self.list_commands(ctx)
        room = formatter.width - 6 - max(map(len, names))
        with formatter.section("Commands"):
            formatter.write_dl([(name, _described(name).get_short_help_str(room)) for name in names])


def _where(name: str) -> str | None:
    """MODULE:ATTRIBUTE."""
    return _COMMANDS.get(name) or next((plugin.value for plugin in entry_points(group=_PLUGINS, name=name)), None)


def _loaded(where: str) -> click.Command:
    module, _, attribute = where.partition(":")
    command: click.Command = getattr(importlib.import_module(module), attribute)
    return command


def _described(name: str) -> click.Command:
    """With no more than its help, read from its source: that takes milliseconds, importing all of them seconds."""
    where = _where(name) or ""
    said = _docstring(*where.split(":"))
    return _loaded(where) if said is None else click.Command(name, help=said)


def _docstring(module: str, function: str) -> str | None:
    """None if there is no such function in the source, or no source."""
    spec = find_spec(module)
    loader = spec and spec.loader
    source = loader.get_source(module) if isinstance(loader, InspectLoader) else None
    return next((ast.get_docstring(node) for node in ast.parse(source or "").body
                 if isinstance(node, ast.FunctionDef) and node.name == function), None)


@click.group(cls=LazyGroup)
@click.version_option(package_name="progon")
def main() -> None:
    """The whole life of a trained model: forward, evaluate, add data, retrain, compare, deploy, watch."""
