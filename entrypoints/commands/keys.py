"""Keys that callers of the API show."""
from __future__ import annotations

import click

from application.use_cases.create_key import CreatedKey, KeyWish
from domain.api_key import ApiKey, Right
from entrypoints.answers.keys import CreatedKeyAnswer, KeyAnswer, KeysAnswer
from entrypoints.commands.shell import as_json, show, table, user, wired
from entrypoints.wiring import get, ports


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
    with wired() as container:
        created = get.create_key(container).execute(wish, user())
        show(CreatedKeyAnswer.of(created), as_json, lambda: _words(created))


@group.command("list")
@as_json
def list_keys(as_json: bool) -> None:
    """List the keys that were made; those of PROGON_API_KEYS are not among them."""
    with wired() as container:
        keys, now = ports.keyring(container).all(), ports.clock(container).now()
        show(KeysAnswer.of(keys), as_json, lambda: table([
            {"id": key.id, "name": key.name, "rights": ",".join(KeyAnswer.of(key).rights),
             "tasks": ",".join(sorted(key.tasks)) or "all", "created": f"{key.created_at:%Y-%m-%d}",
             "state": _state(key, key.has_expired(now))} for key in keys]) if keys else "no key was made")


@group.command("revoke")
@click.argument("key_id", type=int, metavar="ID")
@as_json
def revoke(key_id: int, as_json: bool) -> None:
    """Take the key ID back. A running service of the same database refuses it within two seconds."""
    with wired() as container:
        key = get.revoke_key(container).execute(key_id)
        show(KeyAnswer.of(key), as_json, lambda: f"{key.name} is revoked")


def _words(created: CreatedKey) -> str:
    click.echo("this key is shown once and kept nowhere:", err=True)
    return created.secret


def _state(key: ApiKey, has_expired: bool) -> str:
    if key.revoked_at is not None:
        return f"revoked {key.revoked_at:%Y-%m-%d}"
    if key.expires_at is None:
        return "in force"
    return f"{'expired' if has_expired else 'in force until'} {key.expires_at:%Y-%m-%d %H:%M} UTC"
