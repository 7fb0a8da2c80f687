"""Signing in with an API key, where the API asks for one."""
from __future__ import annotations

from urllib.parse import quote

from starlette.datastructures import FormData
from starlette.responses import Response

from entrypoints.admin.api import TasksBody
from entrypoints.admin.backend import ApiProblem, Backend
from entrypoints.admin.page import Asked, Page, go
from entrypoints.admin.routes.overview import inside
from entrypoints.admin.security import KEY_COOKIE, cookie_path, set_cookie
from entrypoints.http.asking import address_of

_DAY_S = 86_400


def quoted(path: str) -> str:
    return quote(path, safe="/")


async def show(page: Page) -> Response:
    return _form(page, page.query.get("next", ""), wrong=False)


async def sign_in(page: Page, form: FormData) -> Response:
    key, after = str(form.get("key", "")).strip(), str(form.get("next", ""))
    # What a header and a cookie can hold; no key has anything else.
    usable = key.isascii() and key.isprintable() and not set(key) & set(' ",;\\')
    if not usable or not await _accepted(page, key):
        return _form(page, after, wrong=True)
    response = go(after if inside(after) else "/ui/")
    set_cookie(page.request, response, KEY_COOKIE, key, _DAY_S)
    return response


async def sign_out(page: Page, form: FormData) -> Response:
    response = go("/ui/sign-in")
    response.delete_cookie(KEY_COOKIE, path=cookie_path(page.request))
    return response


async def _accepted(page: Page, key: str) -> bool:
    try:
        await Backend(page.request.app.state.api, key, address_of(page.request.scope)).get("/tasks", TasksBody)
    except ApiProblem as problem:
        if problem.status in (401, 403):
            return False
        raise
    return True


def _form(page: Page, after: str, wrong: bool) -> Response:
    return page.respond("sign_in.html", 401 if wrong else 200, title=page.language("Sign in"), after=after, wrong=wrong)


SHOWN = {"/ui/sign-in": show}
ASKED: Asked = {"/ui/sign-in": ("next",)}
POSTED = {"/ui/sign-in": sign_in, "/ui/sign-out": sign_out}
