"""Requests and answers of one service."""
from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from http import HTTPStatus
from pathlib import Path
from typing import Any, BinaryIO, TypeVar
from urllib.parse import quote

import httpx
import msgspec

from application.ports.kept_answers import StillWorkedOn
from entrypoints.commands.abilities.sent import Sent
from entrypoints.commands.shell import opened, reading
from entrypoints.commands.there.failures import AnswerLost, NoService, failure_of
from entrypoints.commands.trust import trusting
from entrypoints.settings import is_loopback

# What is asked for may take as long as it does: a file of millions of rows, a deployment. Whoever waits can end it.
_TIMEOUT = httpx.Timeout(60, connect=10, read=None)
JSON = {"Content-Type": "application/json"}
_OCTETS = "application/octet-stream"
_Body = TypeVar("_Body")
# Of a form, by field: one of the disk, or a name and what is in memory already, perhaps with its type.
Files = Mapping[str, Sent | tuple[str, BinaryIO] | tuple[str, Any, str]]


class Connection:
    def __init__(self, url: str, key: str | None, ca_cert: Path | None = None) -> None:
        """Raises: WrongSetting."""
        headers = {"User-Agent": "progon", **({"Authorization": f"Bearer {key}"} if key else {})}
        # No proxy of the environment can reach this machine's own addresses.
        self.url = url.rstrip("/")
        self._client = httpx.Client(base_url=self.url, headers=headers, timeout=_TIMEOUT, verify=trusting(url, ca_cert),
                                    trust_env=not is_loopback(httpx.URL(url).host))

    def close(self) -> None:
        self._client.close()

    def ask(self, form: type[_Body], method: str, path: str, *, files: Files | None = None,
            also: tuple[int, ...] = (), **sent: Any) -> _Body:
        """The answer as a struct. files: field -> file, of a form. also: statuses of a failure that are an answer here.
        Raises: NoService, and what the service refused with."""
        with self.stream(method, path, files=files, also=also, **sent) as response:
            return understood(form, response.read(), str(response.url))

    @contextmanager
    def stream(self, method: str, path: str, *, files: Files | None = None, also: tuple[int, ...] = (),
               params: Mapping[str, object] | None = None, **sent: Any) -> Iterator[httpx.Response]:
        """The answer while it comes. Raises: as `ask`."""
        with ExitStack() as stack, self._told():
            if files:
                sent["files"] = {field: _part(stack, file) for field, file in files.items()}
            response = stack.enter_context(self._client.stream(method, path, params=_said(params or {}), **sent))
            if response.status_code == HTTPStatus.CONFLICT and "Retry-After" in response.headers:
                raise StillWorkedOn(failure_of(HTTPStatus.CONFLICT, response.read(), str(response.url)).detail)
            if not response.is_success and response.status_code not in also:
                raise failure_of(response.status_code, response.read(), str(response.url))
            yield response

    def lines(self, path: str, **sent: Any) -> Iterator[bytes]:
        """The lines of an answer, as they come. Raises: as `ask`."""
        rest = b""
        with self.stream("GET", path, **sent) as response:
            for piece in response.iter_bytes():
                *lines, rest = (rest + piece).split(b"\n")
                yield from lines
        if rest:
            yield rest

    def write(self, output: BinaryIO, path: str, **sent: Any) -> None:
        """The body of an answer, as it comes. Raises: as `ask`."""
        with self.stream("GET", path, **sent) as response:
            for piece in response.iter_bytes():
                output.write(piece)

    @contextmanager
    def _told(self) -> Iterator[None]:
        try:
            yield
        except httpx.ConnectError as failure:
            raise NoService(f"no service answers at {self.url}: {failure}") from failure
        except (httpx.TransportError, httpx.InvalidURL) as failure:
            raise AnswerLost(f"the service at {self.url} gave no answer: {failure or type(failure).__name__}; what was "
                             "asked for may or may not have been done") from failure


def part_of_path(text: object) -> str:
    """A name as one segment of a path."""
    return quote(str(text), safe="")


def understood(form: type[_Body], content: bytes, url: str) -> _Body:
    """Raises: NoService."""
    try:
        return msgspec.json.decode(content, type=form)
    except (msgspec.MsgspecError, UnicodeDecodeError) as failure:
        raise NoService(f"{url} answered what cannot be understood: {failure}; is it a Progon of this version?"
                        ) from failure


def _said(values: Mapping[str, object]) -> dict[str, str]:
    """Without those that are None."""
    return {name: str(value).lower() if isinstance(value, bool) else str(value) for name, value in values.items()
            if value is not None}


def media_type_of(file: Sent) -> str:
    return f"text/csv; charset={file.charset}" if file.charset else _OCTETS


def _part(stack: ExitStack, file: Sent | tuple[str, BinaryIO] | tuple[str, Any, str]) -> tuple[str, Any, str]:
    """Raises: InvalidInput."""
    if isinstance(file, tuple):
        return file if len(file) == 3 else (*file, _OCTETS)
    content = stack.enter_context(opened(file.path))
    return file.path.name, Watched(content, stack.enter_context(reading(content))), media_type_of(file)


class Watched:
    """As much of a file as it takes to send it."""

    def __init__(self, file: BinaryIO, draw: Callable[[], None]) -> None:
        self._file, self._draw = file, draw
        self.seek, self.tell, self.fileno = file.seek, file.tell, file.fileno

    def read(self, size: int = -1) -> bytes:
        piece = self._file.read(size)
        self._draw()
        return piece
