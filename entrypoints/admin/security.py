"""What keeps a page from being used against its visitor: strict headers, and forms that only our own pages can send.

A form is taken if all of three hold: the browser says that it comes from this site (Sec-Fetch-Site, or Origin where the
browser is older), the cookie came along (SameSite=Lax, so no other site's form brings it), and the form has the token
that belongs to the cookie. The token is masked anew for each page: a compressed answer must not repeat a secret
(BREACH).

The key of a visitor who signed in stands in a cookie that scripts cannot read, for the pages' paths alone; it is
checked by the API at each request, so a key taken back is out at once and there is no session to end. That of a person
who signed in at a provider is sealed by the API and ends by itself.
"""
from __future__ import annotations

import hmac
import re
import secrets
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import Response

CSRF_COOKIE, CSRF_FIELD, KEY_COOKIE = "progon_csrf", "csrf", "progon_key"
# What a sign-in at a provider has to find again.
AWAY_COOKIE = "progon_away"
_BYTES = 16
_SECRET = re.compile(r"[0-9a-f]{32}")
HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; media-src 'self' blob:; "
        "connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cache-Control": "no-store",
}


class Refused(Exception):
    """The form did not come from one of our pages."""


def csrf_secret(request: Request) -> str:
    """The visitor's, or a new one."""
    known = request.cookies.get(CSRF_COOKIE, "")
    return known if _SECRET.fullmatch(known) else secrets.token_hex(_BYTES)


def masked(secret: str) -> str:
    mask = secrets.token_bytes(_BYTES)
    return (mask + _xor(mask, bytes.fromhex(secret))).hex()


def check_origin(request: Request) -> None:
    """Raises: Refused. Headers alone are looked at, before a byte of the form is read."""
    site = request.headers.get("sec-fetch-site")
    if site is not None and site not in ("same-origin", "none"):
        raise Refused
    origin = request.headers.get("origin")
    if origin is not None and site is None and urlsplit(origin).netloc != request.headers.get("host"):
        raise Refused
    if not _SECRET.fullmatch(request.cookies.get(CSRF_COOKIE, "")):
        raise Refused


def check_token(request: Request, token: object) -> None:
    """Raises: Refused."""
    try:
        sent = bytes.fromhex(token if isinstance(token, str) else "")
    except ValueError:
        raise Refused from None
    secret = bytes.fromhex(request.cookies[CSRF_COOKIE])
    if len(sent) != 2 * _BYTES or not hmac.compare_digest(_xor(sent[:_BYTES], sent[_BYTES:]), secret):
        raise Refused


def set_cookie(request: Request, response: Response, name: str, value: str, max_age_s: int | None = None) -> None:
    response.set_cookie(name, value, max_age=max_age_s, path=cookie_path(request), httponly=True, samesite="lax",
                        secure=request.url.scheme == "https")


def root_of(request: Request) -> str:
    root: str = request.scope.get("root_path", "")
    return root


def cookie_path(request: Request) -> str:
    """As the browser sees it."""
    return f"{root_of(request)}/ui"


def _xor(one: bytes, other: bytes) -> bytes:
    return bytes(a ^ b for a, b in zip(one, other, strict=True))
