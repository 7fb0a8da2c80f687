"""Keys that callers of the API show."""
from __future__ import annotations

from datetime import UTC, datetime

import click

from application.use_cases.create_key import KeyWish
from domain.api_key import Right
from entrypoints.answers.keys import CreatedKeyAnswer, KeyAnswer
from entrypoints.commands.asked import asked
from entrypoints.commands.home import Home
from entrypoints.commands.shell import as_json, show, table


@click.group("key")
def group() -> None:
    """Keys that callers of the API show."""


@group.command("create")
@click.option("--name", required=True, help="Whose it is; the history and the log tell it.")
@click.option("--rights", required=True, metavar="RIGHT,RIGHT",
              help=f"Some of {', '.join(Right)}; admin stands for all.")
@click.option("--days", type=float, help="Until it expires; without it, never.")
@click.option("--task", "tasks", multiple=True, metavar="NAME", help="Of this task alone; may be given several times.")
@as_json
def create(name: str, rights: str, days: float | None, tasks: tuple[str, ...], as_json: bool) -> None:
    """Make a key and print it, this once: only its digest is kept.

    A running service of the same database knows it within two seconds. From the first key on it asks for keys.
    """
    wish = KeyWish(name, [right for part in rights.split(",") if (right := part.strip())], tasks, days)
    with asked(Home.MADE) as progon:
        created = progon.create_key(wish)
        show(created, as_json, lambda: _words(created))


@group.command("list")
@as_json
def list_keys(as_json: bool) -> None:
    """List the keys that were made; those of PROGON_API_KEYS are not among them."""
    with asked() as progon:
        body = progon.keys()
        show(body, as_json, lambda: table([
            {"id": key.id, "name": key.name, "rights": ",".join(key.rights), "tasks": ",".join(key.tasks) or "all",
             "created": f"{key.created_at:%Y-%m-%d}", "state": _state(key, datetime.now(UTC))}
            for key in body.keys]) if body.keys else "no key was made")


@click.command("whoami")
@as_json
def whoami(as_json: bool) -> None:
    """As whom commands are done, and what is allowed: the account here, the key of a service by its URL."""
    with asked() as progon:
        body = progon.caller()
        tasks = f", of {', '.join(body.tasks)} alone" if body.tasks else ""
        show(body, as_json, lambda: f"{body.name or 'no key is asked for'}: {', '.join(body.rights)}{tasks}")


@group.command("revoke")
@click.argument("key_id", type=int, metavar="ID")
@as_json
def revoke(key_id: int, as_json: bool) -> None:
    """Take the key ID back. A running service of the same database refuses it within two seconds."""
    with asked() as progon:
        key = progon.revoke_key(key_id)
        show(key, as_json, lambda: f"{key.name} is revoked")


def _words(created: CreatedKeyAnswer) -> str:
    click.echo("this key is shown once and kept nowhere:", err=True)
    return created.key


def _state(key: KeyAnswer, now: datetime) -> str:
    if key.revoked_at is not None:
        return f"revoked {key.revoked_at:%Y-%m-%d}"
    if key.expires_at is None:
        return "in force"
    return f"{'expired' if key.expires_at <= now else 'in force until'} {key.expires_at:%Y-%m-%d %H:%M} UTC"
