"""One request of the API as a value: both clients send the same ones."""
from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from enum import Enum
from typing import Any, Generic, TypeVar
from urllib.parse import quote

import httpx

from progon_client.decoding import Misunderstood, decode
from progon_client.errors import UnexpectedAnswer
from progon_client.uploads import Upload

T = TypeVar("T")
A = TypeVar("A")


class Repeat(Enum):
    """When a call may be sent again."""

    #: It changes nothing, or the service knows it again.
    ALWAYS = "always"
    #: The service does it once for all that come with its key, and answers each alike.
    BY_KEY = "by key"
    #: Only what the service has surely not begun.
    UNLESS_BEGUN = "unless begun"


@dataclass(frozen=True, kw_only=True)
class Call(Generic[T]):
    """route: as /openapi.json writes it, `at` fills its braces. Queries and fields that are None are left out.

    form: the answer as a class, None where it is a file. wait_s: how much longer than others it may take. also:
    statuses of a failure that are an answer here.
    """

    method: str
    route: str
    form: type[Any] | None
    read: Callable[[httpx.Response], T]
    at: Mapping[str, object] = field(default_factory=dict)
    query: Mapping[str, object] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    body: object = None
    fields: Mapping[str, object] = field(default_factory=dict)
    files: Mapping[str, Upload] = field(default_factory=dict)
    repeat: Repeat = Repeat.UNLESS_BEGUN
    wait_s: float = 0.0
    also: frozenset[int] = frozenset()

    def is_answered_by(self, response: httpx.Response) -> bool:
        return response.is_success or response.status_code in self.also

    @property
    def path(self) -> str:
        """Relative, so that a service under a path of a proxy is asked there."""
        filled = self.route
        for name, value in self.at.items():
            filled = filled.replace(f"{{{name}}}", quote(str(value), safe="/" if name == "path" else ""))
        return filled.lstrip("/")

    @contextmanager
    def contents(self) -> Iterator[dict[str, Any]]:
        """What httpx takes; files are open within, from their start, so that each attempt sends all of them."""
        with ExitStack() as opened:
            files = {name: (upload.name, opened.enter_context(upload.open()), upload.media_type)
                     for name, upload in self.files.items()}
            yield {"params": _said(self.query), "headers": dict(self.headers), "files": files or None,
                   "data": _said(self.fields) or None, "json": self.body}


def answer_of(form: type[A]) -> Callable[[httpx.Response], A]:
    """Raises: UnexpectedAnswer, from what reads."""
    def read(response: httpx.Response) -> A:
        try:
            return decode(form, response.json())
        except (Misunderstood, ValueError) as failure:
            raise UnexpectedAnswer(f"{response.request.url}: the answer cannot be read: {failure}") from failure

    return read


def json_call(form: type[A], method: str, route: str, **how: Any) -> Call[A]:
    """A call that answers with a JSON document. What only reads may always be repeated."""
    how.setdefault("repeat", Repeat.ALWAYS if method == "GET" else Repeat.UNLESS_BEGUN)
    return Call(method=method, route=route, form=form, read=answer_of(form), **how)


def _said(values: Mapping[str, object]) -> dict[str, str]:
    return {name: _text(value) for name, value in values.items() if value is not None}


def _text(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
