"""Signing in with an API key, where the API asks for one, and signing out."""
from __future__ import annotations

from urllib.parse import quote, urlsplit

from starlette.datastructures import FormData
from starlette.responses import Response

from entrypoints.admin.api.access import ProviderBody
from entrypoints.admin.api.tasks import TasksBody
from entrypoints.admin.backend import ApiProblem, Backend
from entrypoints.admin.page import Asked, Page, go
from entrypoints.admin.routes.overview import inside
from entrypoints.admin.security import KEY_COOKIE, cookie_path, set_cookie
from entrypoints.http.asking import address_of

_DAY_S = 86_400


def quoted(path: str) -> str:
    return quote(path, safe="/")


async def show(page: Page) -> Response:
    return await form(page, page.query.get("next", ""))


async def sign_in(page: Page, sent: FormData) -> Response:
    key, after = str(sent.get("key", "")).strip(), str(sent.get("next", ""))
    # What a header and a cookie can hold; no key has anything else.
    usable = key.isascii() and key.isprintable() and not set(key) & set(' ",;\\')
    if not usable or not await _accepted(page, key):
        return await form(page, after, 401, wrong=True)
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


async def form(page: Page, after: str, status: int = 200, wrong: bool = False, refusal: str = "") -> Response:
    """wrong: the key was. refusal: why the provider's word did not open anything."""
    return await page.responded(
        "sign_in.html", status, title=page.language("Sign in"), after=after, wrong=wrong, refusal=refusal,
        provider=await _provider(page))


async def _provider(page: Page) -> str:
    """Its host; empty where there is none, or the API cannot tell: a key can be typed all the same."""
    try:
        offered = await page.backend.get("/sign-in", ProviderBody)
    except ApiProblem:
        return ""
    return urlsplit(offered["issuer"]).netloc if offered["issuer"] else ""


SHOWN = {"/ui/sign-in": show}
ASKED: Asked = {"/ui/sign-in": ("next",)}
POSTED = {"/ui/sign-in": sign_in, "/ui/sign-out": sign_out}
