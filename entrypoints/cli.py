"""The command line: each command is one ability and an exit code (0 ok, 1 failed, 2 wrong usage).

A command asks `commands/abilities`, which the use cases of this machine's HOME and a service elsewhere have alike.

Commands are imported when they are called, and not for `progon --help` either. The stages of the pipeline are plugins
(entry points of the group `progon.commands`): they know the command line, not it them.
"""
from __future__ import annotations

import ast
import importlib
import json
from importlib.abc import InspectLoader
from importlib.metadata import entry_points
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import click
from click.core import ParameterSource
from click.shell_completion import CompletionItem

_COMMANDS = {
    "add-data": "entrypoints.commands.data:add_data",
    "key": "entrypoints.commands.keys:group",
    "label": "entrypoints.commands.data:label",
    "admin": "entrypoints.commands.admin:command",
    "backup": "entrypoints.commands.backups:backup",
    "restore": "entrypoints.commands.backups:restore",
    "check": "entrypoints.commands.backups:check",
    "archive": "entrypoints.commands.marks:archive",
    "artifacts": "entrypoints.commands.experiments:artifacts",
    "cancel": "entrypoints.commands.retrain:cancel",
    "compare": "entrypoints.commands.experiments:compare",
    "dataset": "entrypoints.commands.dataset:group",
    "delete-experiment": "entrypoints.commands.removing:delete_experiment",
    "abort": "entrypoints.commands.deployments:abort",
    "deploy": "entrypoints.commands.deployments:deploy",
    "deployments": "entrypoints.commands.deployments:deployments",
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
    "monitor": "entrypoints.commands.monitor:monitor",
    "note": "entrypoints.commands.marks:note",
    "observations": "entrypoints.commands.watching:observations",
    "pin": "entrypoints.commands.marks:pin",
    "predictions": "entrypoints.commands.watching:predictions",
    "rename": "entrypoints.commands.marks:rename",
    "retrain": "entrypoints.commands.retrain:retrain",
    "promote": "entrypoints.commands.deployments:promote",
    "rollouts": "entrypoints.commands.deployments:rollouts",
    "rollback": "entrypoints.commands.deployments:rollback",
    "serve": "entrypoints.commands.serve:command",
    "settings": "entrypoints.commands.settings:command",
    "status": "entrypoints.commands.status:status",
    "tag": "entrypoints.commands.marks:tag",
    "task": "entrypoints.commands.tasks:group",
    "traffic": "entrypoints.commands.watching:traffic",
    "trainers": "entrypoints.commands.trainers:trainers",
    "unarchive": "entrypoints.commands.marks:unarchive",
    "undo-data": "entrypoints.commands.removing:undo_data",
    "unpin": "entrypoints.commands.marks:unpin",
    "watch": "entrypoints.commands.retrain:watch",
    "whoami": "entrypoints.commands.keys:whoami",
    "worker": "entrypoints.commands.worker:command",
}
_PLUGINS = "progon.commands"
_FOR_MACHINES = "entrypoints.cli.for_machines"
# They begin, keep or carry what is on this machine; so do the stages of the pipeline.
_OF_THIS_MACHINE = frozenset({"admin", "backup", "check", "migrate", "restore", "serve", "settings", "worker"})


class LazyGroup(click.Group):
    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        ctx.meta[_FOR_MACHINES] = "--json" in args
        return super().parse_args(ctx, args)

    def invoke(self, ctx: click.Context) -> Any:
        """Wrong usage is told as other failures are."""
        try:
            return super().invoke(ctx)
        except click.UsageError as failure:
            if not ctx.meta[_FOR_MACHINES]:
                raise
            said = {"status": 400, "title": "wrong usage", "detail": failure.format_message()}
            click.echo(json.dumps(said, ensure_ascii=False), err=True)
            ctx.exit(failure.exit_code)

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted([*_COMMANDS, *entry_points(group=_PLUGINS).names])

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        where = _where(name)
        return None if where is None else _loaded(where)

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        """With no command imported: a shell does not wait for seconds."""
        found = [CompletionItem(name, help=_described(name).get_short_help_str())
                 for name in self.list_commands(ctx) if name.startswith(incomplete)]
        return found + click.Command.shell_complete(self, ctx, incomplete)

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


def _address(_: click.Context, option: click.Parameter, text: str | None) -> str | None:
    if not text:
        return None
    parts = urlsplit(text)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.fragment:
        raise click.BadParameter(f"{text!r} is no address such as http://127.0.0.1:8000", param=option)
    return text


def _key(_: click.Context, option: click.Parameter, text: str | None) -> str | None:
    if text and not (text.isascii() and text.isprintable()):
        raise click.BadParameter("has characters that no key has", param=option)
    return text or None


@click.group(cls=LazyGroup)
@click.option("--url", envvar="PROGON_URL", callback=_address, metavar="URL",
              help="A running service that is to do it; without it the command works on PROGON_HOME of this machine.")
@click.option("--key", envvar="PROGON_KEY", callback=_key, metavar="KEY",
              help="A key of that service, if it asks for one. PROGON_KEY keeps it out of the list of processes.")
@click.option("--ca-cert", envvar="PROGON_CA_CERT", type=click.Path(dir_okay=False, path_type=Path), metavar="FILE",
              help="Certificates (PEM) that may vouch for that service; without it SSL_CERT_FILE, or those that "
                   "everybody trusts.")
@click.version_option(package_name="progon")
@click.pass_context
def main(context: click.Context, url: str | None, key: str | None, ca_cert: Path | None) -> None:
    """The whole life of a trained model: forward, evaluate, add data, retrain, compare, deploy, watch."""
    name, said = context.invoked_subcommand or "", ParameterSource.COMMANDLINE
    if context.get_parameter_source("url") is said and not _goes_by_url(name):
        raise click.UsageError(f"progon {name} works on this machine, not on a service elsewhere: leave --url out")
    if context.get_parameter_source("key") is said and url is None:
        raise click.UsageError("--key is a key of the service that --url names")
    if context.get_parameter_source("ca_cert") is said and name != "admin" and url is None:
        raise click.UsageError("--ca-cert is for the service that --url names")


def _goes_by_url(name: str) -> bool:
    return name in _COMMANDS and name not in _OF_THIS_MACHINE
