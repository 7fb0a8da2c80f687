"""Signing in at a provider: a browser goes there, and comes back with what the API makes a session of."""
from __future__ import annotations

from urllib.parse import unquote

from starlette.responses import RedirectResponse, Response

from entrypoints.admin import faults
from entrypoints.admin.api.access import BegunSignInBody, SignedInBody
from entrypoints.admin.asking import WHATEVER
from entrypoints.admin.backend import ApiProblem
from entrypoints.admin.page import Asked, Page, Posted, go
from entrypoints.admin.routes.overview import inside
from entrypoints.admin.routes.session import form, quoted
from entrypoints.admin.security import AWAY_COOKIE, KEY_COOKIE, cookie_path, set_cookie

_AWAY_S = 600
# Between what the API keeps and where the person wanted to go: neither has one.
_BETWEEN = "|"


async def away(page: Page) -> Response:
    sent = await page.backend.send("POST", "/sign-in", json={"back": _address(page)})
    begun: BegunSignInBody = sent.json()
    response = RedirectResponse(begun["address"], 303)
    set_cookie(page.request, response, AWAY_COOKIE, begun["kept"] + _BETWEEN + quoted(page.query.get("next", "")),
               _AWAY_S)
    return response


def _address(page: Page) -> str:
    """Where the provider gives the browser back; it has to know it beforehand."""
    return str(page.request.base_url).rstrip("/") + "/ui/sign-in/back"


async def back(page: Page) -> Response:
    kept, _, wanted = page.request.cookies.get(AWAY_COOKIE, "").partition(_BETWEEN)
    after = unquote(wanted)
    try:
        sent = await page.backend.send("POST", "/sign-in/finish", json={"kept": kept, "came": dict(page.query)})
    except ApiProblem as problem:
        if problem.status != 403:
            raise
        return _forgotten(page, await form(page, after, 403, refusal=faults.said(page.language, problem.detail)))
    done: SignedInBody = sent.json()
    response = go(after if inside(after) else "/ui/")
    set_cookie(page.request, response, KEY_COOKIE, done["session"], int(done["lasts_s"]))
    return _forgotten(page, response)


def _forgotten(page: Page, response: Response) -> Response:
    response.delete_cookie(AWAY_COOKIE, path=cookie_path(page.request))
    return response


SHOWN = {"/ui/sign-in/away": away, "/ui/sign-in/back": back}
ASKED: Asked = {"/ui/sign-in/away": ("next",), "/ui/sign-in/back": WHATEVER}
POSTED: dict[str, Posted] = {}
