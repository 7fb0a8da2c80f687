"""The command line: each command is one use case and an exit code (0 ok, 1 failed, 2 wrong usage).

Commands are imported when they are called, so that `progon --help` does not load what only training needs. The stages
of the pipeline are plugins (entry points of the group `progon.commands`): they know the command line, not it them.
"""
from __future__ import annotations

import importlib
from importlib.metadata import entry_points

import click

_COMMANDS = {
    "add-data": "entrypoints.commands.data:add_data",
    "key": "entrypoints.commands.keys:group",
    "label": "entrypoints.commands.data:label",
    "admin": "entrypoints.commands.admin:command",
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
        if name in _COMMANDS:
            module, _, attribute = _COMMANDS[name].partition(":")
            command: click.Command = getattr(importlib.import_module(module), attribute)
            return command
        return next((plugin.load() for plugin in entry_points(group=_PLUGINS, name=name)), None)


@click.group(cls=LazyGroup)
@click.version_option(package_name="progon")
def main() -> None:
    """The whole life of a trained model: forward, evaluate, add data, retrain, compare, deploy, watch."""
