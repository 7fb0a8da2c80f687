from __future__ import annotations

import os
import re

import click

from entrypoints.commands.failures import failures_told
from entrypoints.commands.shell import as_json, show
from entrypoints.settings import PREFIX, Settings, describe, passed_over

_SECRET = (PREFIX + "API_KEYS", PREFIX + "KEY", PREFIX + "OIDC_CLIENT_SECRET")
# Of a URL: what stands between its user and its host.
_PASSWORD = re.compile(r"(?<=://)([^/@]*?):[^/@]*@")


@click.command("settings")
@as_json
def command(as_json: bool) -> None:
    """Every setting: its variable, its value now and its meaning."""
    with failures_told():
        Settings.from_environment(os.environ)
    given = {name: text for name, text in os.environ.items() if not passed_over(name, text)}
    rows: list[dict[str, object]] = [
        {"variable": name, "value": _shown(name, given.get(name, default)), "meaning": meaning, "set": name in given}
        for name, default, meaning in describe()]
    show(rows, as_json, lambda: "\n".join(
        f"{row['variable']}={row['value']}\n    {row['meaning']}{' (set)' if row['set'] else ''}" for row in rows))


def _shown(name: str, value: object) -> object:
    """Without what opens something."""
    if name in _SECRET and value:
        return "***"
    return _PASSWORD.sub(r"\1:***@", value) if isinstance(value, str) else value
