"""A file that is sent: on a terminal with how much of it is sent, and then how many of its rows the service has
checked."""
from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from typing import TypeVar

import msgspec

from entrypoints.answers.files import ReadingAnswer
from entrypoints.commands.abilities.sent import Sent
from entrypoints.commands.shell import opened
from entrypoints.commands.there.connection import Connection, Watched, media_type_of, understood
from entrypoints.commands.there.failures import AnswerLost, failure_of
from entrypoints.processes.progress_bar import FileTell, file_bar, is_drawn

_EVENTS = "text/event-stream"
_Body = TypeVar("_Body")


class _End(msgspec.Struct):
    """Of what comes last, as much as tells whether it is a problem."""

    status: object = None


def told(service: Connection, form: type[_Body], method: str, path: str, file: Sent, params: Mapping[str, object],
         headers: Mapping[str, str] | None = None) -> _Body:
    """The answer as a struct. Raises: as `Connection.ask`."""
    if not is_drawn():
        return service.ask(form, method, path, files={"file": file}, params=params, headers=headers)
    with opened(file.path) as content, file_bar(file.path.name) as draw:
        size_bytes = max(os.fstat(content.fileno()).st_size, 1)
        sent = Watched(content, lambda: draw(content.tell() * 100 // size_bytes, "sent"))
        asked = {**(headers or {}), "Accept": f"{_EVENTS}, application/json"}
        with service.stream(method, path, files={"file": (file.path.name, sent, media_type_of(file))}, params=params,
                            headers=asked) as response:
            url = str(response.url)
            if not response.headers.get("Content-Type", "").startswith(_EVENTS):
                return understood(form, response.read(), url)
            return _last(form, response.iter_lines(), url, draw)


def _last(form: type[_Body], lines: Iterable[str], url: str, draw: FileTell) -> _Body:
    for name, data in _events(lines):
        if name == "progress":
            now = understood(ReadingAnswer, data, url)
            draw(now.read_bytes * 100 // max(now.size_bytes, 1), f"{now.rows:,} rows checked")
        elif name == "done":
            status = understood(_End, data, url).status
            if isinstance(status, int):
                raise failure_of(status, data, url)
            return understood(form, data, url)
    raise AnswerLost(f"{url} told of no end; what was asked for may or may not have been done")


def _events(lines: Iterable[str]) -> Iterator[tuple[str, bytes]]:
    """Name and data of each."""
    name, data = "", list[str]()
    for line in lines:
        field, _, value = line.partition(": ")
        if field == "event":
            name = value
        elif field == "data":
            data.append(value)
        elif not line:
            yield name, "\n".join(data).encode()
            name, data = "", []
