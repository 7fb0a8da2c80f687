"""What every page has: its visitor's language, the API on their behalf, the frame around the content."""
from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property, partial
from pathlib import Path
from urllib.parse import quote, urlencode

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from entrypoints.admin import asking, doubts, failures, faults, few, notes, security
from entrypoints.admin.api.access import CallerBody
from entrypoints.admin.api.tasks import TaskDocument, TasksBody
from entrypoints.admin.backend import Backend, part
from entrypoints.admin.kept_files import KeptFiles
from entrypoints.admin.language import NAMES, Language
from entrypoints.admin.links import Links
from entrypoints.admin.words import status_word, what_happened

_TEMPLATES = Path(__file__).parent / "templates"


def make_environment(language: Language) -> Environment:
    """Templates in one language. What they show is text, whatever it holds, unless a template itself says otherwise."""
    environment = Environment(
        loader=FileSystemLoader(_TEMPLATES), autoescape=True, undefined=StrictUndefined, trim_blocks=True,
        lstrip_blocks=True, extensions=["jinja2.ext.i18n", "jinja2.ext.do"])
    install = environment.install_gettext_translations  # type: ignore[attr-defined]  # the extension i18n adds it
    install(language.messages, newstyle=True)
    environment.globals.update(
        lang=language, languages=NAMES, status_word=lambda word: status_word(language, word),
        what_happened=lambda status: what_happened(language, status))
    environment.filters.update(segment=lambda text: quote(str(text), safe=""),
                               fault=lambda fault: faults.translated(language, fault),
                               said=lambda detail: faults.said(language, detail),
                               few=lambda warning: few.said(language, warning),
                               doubt=lambda warning: doubts.said(language, warning),
                               imported=lambda note: notes.said(language, note),
                               failure=lambda failure: failures.said(language, failure))
    return environment


@dataclass
class Page:
    request: Request
    backend: Backend
    language: Language
    templates: Environment
    kept_files: KeptFiles
    links: Links
    now: datetime = field(default_factory=lambda: datetime.now(UTC))
    _caller: CallerBody | None = None

    @property
    def path(self) -> Mapping[str, str]:
        return self.request.path_params

    @property
    def query(self) -> Mapping[str, str]:
        return self.request.query_params

    def one_of(self, name: str, known: Iterable[object]) -> str | None:
        """What the address chooses, None where it says nothing. Raises: ApiProblem of a choice that is unknown."""
        return asking.one_of(self.query, name, known)

    def whole(self, name: str) -> int | None:
        """A number of the address, None where it says nothing. Raises: ApiProblem of what is no number."""
        return asking.whole(self.query, name)

    async def chosen_task(self, tasks: Sequence[TaskDocument]) -> TaskDocument | None:
        """The one that the address names, else the first; None where there are no tasks. Raises: ApiProblem of an
        unknown one."""
        name = self.query.get("task")
        if not name:
            return tasks[0] if tasks else None
        # The API has the words for one that is unknown.
        return next((entry for entry in tasks if entry["name"] == name), None) or await self.backend.get(
            f"/tasks/{part(name)}", TaskDocument)

    @property
    def root(self) -> str:
        """What a proxy puts before the paths of the pages; a browser sees it, handlers and templates do not."""
        return security.root_of(self.request)

    @property
    def api_url(self) -> str:
        """Where a person reaches the API, for the lines to copy."""
        return self.links.api or str(self.request.base_url).rstrip("/")

    @cached_property
    def csrf_secret(self) -> str:
        return security.csrf_secret(self.request)

    async def tasks(self) -> list[TaskDocument]:
        return (await self.backend.get("/tasks", TasksBody))["tasks"]

    async def caller(self) -> CallerBody | None:
        """Who the visitor is to the API; None where it does not say. Asked once a page."""
        if self._caller is None:
            self._caller = await self.backend.get_or_none("/caller", CallerBody)
        return self._caller

    async def render(self, template: str, title: str, section: str, *, task: str | None = None, status: int = 200,
                     tasks: list[TaskDocument] | None = None, **context: object) -> Response:
        """section: the entry of the rail that is lit. task: the one the rail's links keep to."""
        tasks = await self.tasks() if tasks is None else tasks
        current = task or self.query.get("task") or (tasks[0]["name"] if tasks else None)
        frame = _frame(self, section, current, tasks, await self.caller())
        return await self.responded(template, status, title=title, frame=frame, **context)

    async def responded(self, template: str, status: int = 200, **context: object) -> Response:
        """As `respond`, in a thread: a large page takes its time, and so do templates that nobody saw before."""
        return await run_in_threadpool(partial(self.respond, template, status, **context))

    def respond(self, template: str, status: int = 200, **context: object) -> Response:
        text = self.templates.get_template(template).render(
            page=self, now=self.now, csrf_token=security.masked(self.csrf_secret), **context)
        response = HTMLResponse(_under(self.root, text), status)
        if self.request.cookies.get(security.CSRF_COOKIE) != self.csrf_secret:
            security.set_cookie(self.request, response, security.CSRF_COOKIE, self.csrf_secret)
        return response

    def url(self, **changes: object) -> str:
        """This page's address with other parameters; one that becomes None or empty is left out, one that is there
        several times stays so unless it is changed."""
        kept = [(name, changes.get(name, value)) for name, value in self.request.query_params.multi_items()]
        once = [(name, value) for number, (name, value) in enumerate(kept)
                if name not in changes or name not in [before for before, _ in kept[:number]]]
        new = [(name, value) for name, value in changes.items() if name not in self.request.query_params]
        text = urlencode([(name, value) for name, value in [*once, *new] if value not in (None, "")])
        path = self.request.url.path.removeprefix(self.root)
        return path + (f"?{text}" if text else "")

    def here(self) -> str:
        return self.url()


# In what is shown a quotation mark is escaped, so one that stands there is a template's own.
_ADDRESS = re.compile(r'((?:href|src|action|data-events|data-later|data-viewer)=")(?=/ui[/?#"])')


def _under(prefix: str, text: str) -> str:
    """A page whose addresses begin with what a proxy puts before them. Templates and handlers need not know of it."""
    return _ADDRESS.sub(lambda begin: begin[1] + prefix, text) if prefix else text


# A handler of what is looked at, and one of a form.
Shown = Callable[[Page], Awaitable[Response]]
Posted = Callable[[Page, FormData], Awaitable[Response]]
# By path: what may stand in the query of a page; where a path is not named, nothing.
Asked = Mapping[str, Sequence[str]]


def go(path: str) -> Response:
    """To the page that shows what a form has done; a reload there does nothing again."""
    return RedirectResponse(path, 303)


@dataclass(frozen=True, slots=True)
class Link:
    text: str
    address: str
    icon: str = ""
    here: bool = False


@dataclass(frozen=True, slots=True)
class Frame:
    """who: the visitor, as the history tells it. access: links for those who may look after the keys."""

    links: list[Link]
    task: str | None
    tasks: list[Link]
    signed_in: bool
    who: str | None
    access: list[Link]


def _frame(page: Page, section: str, task: str | None, tasks: list[TaskDocument], caller: CallerBody | None) -> Frame:
    _, named = page.language, quote(task or "", safe="")
    only = f"?task={named}" if named else ""
    entries = [
        ("overview", _("Overview"), "/ui/"),
        ("try", _("Try it"), f"/ui/try/{named}" if named else "/ui/try"),
        ("data", _("Data"), f"/ui/data/{named}" if named else "/ui/data"),
        ("experiments", _("Experiments"), f"/ui/experiments{only}"),
        ("deployments", _("Deployments"), f"/ui/deployments{only}"),
        ("monitoring", _("Monitoring"), f"/ui/monitoring{only}"),
    ]
    links = [Link(text, address, name, name == section) for name, text, address in entries]
    switch = [Link(entry["name"], _of_task(section, entry["name"]), here=entry["name"] == task) for entry in tasks]
    return Frame(links, task, switch, security.KEY_COOKIE in page.request.cookies, caller and caller["name"],
                 _access(page, section) if caller and "admin" in caller["rights"] else [])


def _access(page: Page, section: str) -> list[Link]:
    _ = page.language
    return [Link(_("Keys"), "/ui/keys", here=section == "keys"),
            Link(_("Who did what"), "/ui/audit", here=section == "audit")]


def _of_task(section: str, task: str) -> str:
    """The same section of another task."""
    named = quote(task, safe="")
    if section in ("try", "data"):
        return f"/ui/{section}/{named}"
    return f"/ui/{section if section != 'overview' else 'experiments'}?task={named}"
