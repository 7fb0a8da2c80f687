"""The pages as an application of their own, over any client of the API."""
from __future__ import annotations

import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

import httpx
import uuid_utils.compat
from starlette.applications import Starlette
from starlette.formparsers import MultiPartException
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import Message

from domain.full_disk import is_full
from entrypoints.admin import asking, security, words
from entrypoints.admin.backend import ApiProblem, Backend
from entrypoints.admin.kept_files import KeptFiles
from entrypoints.admin.language import NAMES, choose, language
from entrypoints.admin.links import Links
from entrypoints.admin.page import Page, Posted, Shown, go, make_environment
from entrypoints.admin.routes import (
    audit,
    compare,
    data,
    deployments,
    experiment_list,
    experiments,
    imports,
    keys,
    monitoring,
    new_task,
    overview,
    retrain,
    session,
    sign_in,
    tasks,
    try_it,
)
from entrypoints.http.asking import address_of
from entrypoints.http.heads import Heads
from entrypoints.http.request_id import RequestId

MAX_FORM_BYTES = 4096 << 20
_STATIC = Path(__file__).parent / "static"
_Endpoint = Callable[[Request], Awaitable[Response]]


def create_pages(api: httpx.AsyncClient, folder: Path | None = None, links: Links = Links(),
                 max_form_bytes: int = MAX_FORM_BYTES) -> Starlette:
    """api: a client whose base URL is the API. folder: where files lie between two pages; all processes that show the
    pages of one service name the same one (None: one of this application's own)."""
    shown, posted = _endpoints(max_form_bytes)
    routes = [Route("/", shown(_to_overview, ())), Mount("/ui/static", StaticFiles(directory=_STATIC))]
    for module in (overview, session, sign_in, new_task, try_it, data, tasks, experiment_list, experiments,
                   compare, retrain, imports, deployments, monitoring, keys, audit):
        routes += [Route(path, shown(handler, module.ASKED.get(path, ())))
                   for path, handler in module.SHOWN.items()]
        routes += [Route(path, posted(handler), methods=["POST"]) for path, handler in module.POSTED.items()]
    app = Starlette(
        routes=routes, lifespan=_lifespan,
        middleware=[Middleware(RequestId, new_id=lambda: str(uuid_utils.compat.uuid7())),
                    Middleware(Heads), Middleware(GZipMiddleware, minimum_size=1000)],
        exception_handlers={404: _not_found, ApiProblem: _failed, security.Refused: _refused})
    app.state.api, app.state.links = api, links
    app.state.own_folder = None if folder else tempfile.TemporaryDirectory(prefix="progon-pages-")
    app.state.kept_files = KeptFiles(folder or Path(app.state.own_folder.name))
    app.state.templates = {code: make_environment(language(code)) for code in NAMES}
    return app


@asynccontextmanager
async def _lifespan(app: Starlette) -> AsyncIterator[None]:
    try:
        yield
    finally:
        await app.state.api.aclose()
        if app.state.own_folder is not None:
            app.state.own_folder.cleanup()


def _endpoints(max_form_bytes: int) -> tuple[
        Callable[[Shown, Sequence[str]], _Endpoint], Callable[[Posted], _Endpoint]]:
    def shown(handler: Shown, asked: Sequence[str]) -> _Endpoint:
        async def endpoint(request: Request) -> Response:
            asking.check_names(request.query_params, asked)
            with _full_disk_told():
                return _sealed(await handler(_page(request)))
        return endpoint

    def posted(handler: Posted) -> _Endpoint:
        async def endpoint(request: Request) -> Response:
            security.check_origin(request)
            _limit(request, max_form_bytes)
            page = _page(request)
            try:
                with _full_disk_told():
                    async with request.form(max_files=2, max_fields=2_000, max_part_size=16 << 20) as form:
                        security.check_token(request, form.get(security.CSRF_FIELD))
                        return _sealed(await handler(page, form))
            except MultiPartException as failure:
                raise ApiProblem(400, "bad request", failure.message) from failure
        return endpoint

    return shown, posted


async def _to_overview(page: Page) -> Response:
    return go("/ui/")


@contextmanager
def _full_disk_told() -> Iterator[None]:
    """Raises: ApiProblem."""
    try:
        yield
    except OSError as failure:
        if not is_full(failure):
            raise
        raise ApiProblem(507, "no room", f"the disk of the pages takes nothing more: {failure.strerror}") from failure


def _limit(request: Request, max_bytes: int) -> None:
    """Raises: ApiProblem while the form arrives, as soon as it is known to be too large."""
    receive, received = request._receive, 0

    async def counting() -> Message:
        nonlocal received
        message = await receive()
        received += len(message.get("body", b""))
        if received > max_bytes:
            raise ApiProblem(413, "too large", f"the form has more than the {max_bytes} bytes allowed")
        return message

    request._receive = counting


def _page(request: Request) -> Page:
    state = request.app.state
    chosen = choose(request.cookies, request.headers.get("accept-language", ""))
    backend = Backend(state.api, request.cookies.get(security.KEY_COOKIE, ""), address_of(request.scope))
    return Page(request, backend, chosen, state.templates[chosen.code], state.kept_files, state.links)


def _sealed(response: Response) -> Response:
    for name, value in security.HEADERS.items():
        response.headers.setdefault(name, value)
    return response


async def _not_found(request: Request, _: Exception) -> Response:
    return _told(request, ApiProblem(404, "not found", ""))


async def _failed(request: Request, problem: Exception) -> Response:
    assert isinstance(problem, ApiProblem)  # what it is entered for
    return _told(request, problem)


async def _refused(request: Request, _: Exception) -> Response:
    page = _page(request)
    return _sealed(page.respond(
        "refused.html", 403, title=page.language("This form was not sent"), problem=None))


def _told(request: Request, problem: ApiProblem) -> Response:
    page = _page(request)
    if problem.status == 401:
        return _sealed(RedirectResponse(f"/ui/sign-in?next={session.quoted(page.here())}", 303))
    said = {"title": words.what_happened(page.language, problem.status),
            "advice": words.advice(page.language, problem.status), "problem": problem}
    # The frame needs the list of tasks, which may be what failed.
    return _sealed(page.respond("error.html", problem.status or 503, **said))
