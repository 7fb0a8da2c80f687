from __future__ import annotations

import os
from collections.abc import Mapping

import click

from entrypoints.commands.failures import failures_told
from entrypoints.commands.shell import as_json, show
from entrypoints.settings import PREFIX, Settings, describe, passed_over

_SECRET = (PREFIX + "API_KEYS", PREFIX + "KEY")


@click.command("settings")
@as_json
def command(as_json: bool) -> None:
    """Every setting: its variable, its value now and its meaning."""
    with failures_told():
        Settings.from_environment(os.environ)
    given = {name: text for name, text in os.environ.items() if not passed_over(name, text)}
    rows: list[dict[str, object]] = [
        {"variable": name, "value": given.get(name, default), "meaning": meaning, "set": name in given}
        for name, default, meaning in describe()]
    show(rows, as_json, lambda: "\n".join(
        f"{row['variable']}={_shown(row)}\n    {row['meaning']}{' (set)' if row['set'] else ''}" for row in rows))


def _shown(row: Mapping[str, object]) -> str:
    return "***" if row["variable"] in _SECRET and row["value"] else str(row["value"])
