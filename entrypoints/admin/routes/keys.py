"""Keys that callers of the API show: those there are, making one, revoking one."""
from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from starlette.datastructures import FormData
from starlette.responses import Response

from entrypoints.admin import faults
from entrypoints.admin.api.access import CreatedKeyBody, KeyBody, KeysBody
from entrypoints.admin.backend import ApiProblem
from entrypoints.admin.language import Language
from entrypoints.admin.page import Asked, Page, go
from entrypoints.admin.security import KEY_COOKIE

RIGHTS = ("predict", "read", "data", "train", "deploy", "admin")


@dataclass(frozen=True, slots=True)
class Typed:
    """What a form held."""

    name: str = ""
    rights: Sequence[str] = ("predict", "read")
    tasks: Sequence[str] = ()
    days: str = ""

    @classmethod
    def of(cls, form: FormData) -> Typed:
        return cls(str(form.get("name", "")).strip(), [str(right) for right in form.getlist("rights")],
                   [str(task) for task in form.getlist("tasks")], str(form.get("days", "")).strip())

    def wish(self) -> Mapping[str, object]:
        return {"name": self.name, "rights": self.rights, "tasks": self.tasks, "days": _number(self.days)}


@dataclass(frozen=True, slots=True)
class KeyRow:
    key: KeyBody
    state: str
    is_in_force: bool


@dataclass(frozen=True, slots=True)
class Refusal:
    """by_field: what is wrong, beside what it is wrong with."""

    words: str = ""
    by_field: Mapping[str, Sequence[str]] = field(default_factory=dict)

    @classmethod
    def of(cls, language: Language, problem: ApiProblem) -> Refusal:
        found: dict[str, list[str]] = {}
        for fault in problem.faults:
            found.setdefault(fault.where, []).append(faults.said(language, fault.problem))
        return cls(faults.said(language, problem.detail), found)


async def show(page: Page) -> Response:
    return await _list(page, Typed())


async def _list(page: Page, typed: Typed, problem: ApiProblem | None = None) -> Response:
    keys = (await page.backend.get("/keys", KeysBody))["keys"]
    rows = [_row(page, key) for key in reversed(keys)]
    return await page.render(
        "keys/list.html", page.language("Keys"), "keys", status=problem.status if problem else 200, typed=typed,
        rows=[row for row in rows if row.is_in_force], gone=[row for row in rows if not row.is_in_force],
        rights=RIGHTS, about=right_words(page.language), any_made=bool(keys), names=await _names(page),
        refusal=Refusal.of(page.language, problem) if problem else Refusal(),
        revoked=next((key["name"] for key in keys if key["id"] == page.whole("revoked")), None))


async def _names(page: Page) -> list[str]:
    return [task["name"] for task in await page.tasks()]


def _row(page: Page, key: KeyBody) -> KeyRow:
    _, ends = page.language, key["expires_at"]
    if key["revoked_at"] is not None:
        return KeyRow(key, _("revoked %(when)s", when=_.when(key["revoked_at"])), False)
    if ends is None:
        return KeyRow(key, _("in force"), True)
    expired = datetime.fromisoformat(ends) <= page.now
    words = _("expired %(when)s", when=_.when(ends)) if expired else _("in force until %(when)s", when=_.when(ends))
    return KeyRow(key, words, not expired)


def right_words(_: Language) -> Mapping[str, str]:
    return {
        "predict": _("answers of models"), "read": _("looking at everything; the pages need it"),
        "data": _("tasks and their data"), "train": _("experiments"), "deploy": _("what serves"),
        "admin": _("all of these, keys, and deleting tasks"),
    }


async def create(page: Page, form: FormData) -> Response:
    # While the visitor is let in still: the first key that there is shuts out who shows none.
    tasks, typed = await page.tasks(), Typed.of(form)
    await page.caller()
    try:
        answer = await page.backend.send("POST", "/keys", json=typed.wish())
    except ApiProblem as problem:
        if problem.status not in (400, 409):
            raise
        return await _list(page, typed, problem)
    made: CreatedKeyBody = answer.json()
    return await page.render(
        "keys/made.html", page.language("The key of %(name)s", name=made["made"]["name"]), "keys", tasks=tasks,
        made=made["made"], key=made["key"], state=_row(page, made["made"]).state,
        is_shut_out=KEY_COOKIE not in page.request.cookies)


async def confirm_revoke(page: Page) -> Response:
    keys, caller = (await page.backend.get("/keys", KeysBody))["keys"], await page.caller()
    key = next((one for one in keys if str(one["id"]) == str(page.path["id"])), None)
    if key is None:
        raise ApiProblem(404, "not found", "")
    return await page.render(
        "keys/revoke.html", page.language("Revoke the key %(name)s", name=key["name"]), "keys", key=key,
        is_own=caller is not None and caller["name"] == key["name"])


async def revoke(page: Page, form: FormData) -> Response:
    await page.backend.send("DELETE", f"/keys/{page.path['id']}")
    return go(f"/ui/keys?revoked={page.path['id']}")


def _number(text: str) -> float | str | None:
    """None for nothing; what is no number is left for the API to refuse."""
    try:
        number = float(text.replace(",", "."))
    except ValueError:
        return text or None
    return number if math.isfinite(number) else text


SHOWN = {"/ui/keys": show, "/ui/keys/{id:int}/revoke": confirm_revoke}
ASKED: Asked = {"/ui/keys": ("revoked",)}
POSTED = {"/ui/keys": create, "/ui/keys/{id:int}/revoke": revoke}
