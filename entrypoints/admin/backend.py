"""The API as the pages ask it: JSON in and out, and its problems as one kind of failure."""
from __future__ import annotations

import json
from collections.abc import AsyncIterable, AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, BinaryIO, TypedDict, TypeVar, Unpack, cast
from urllib.parse import quote

import httpx

from entrypoints.admin.api.shapes import Json
from entrypoints.admin.in_process import VISITOR

# A deployment waits for every process; a file of a million rows takes its time.
LONG = httpx.Timeout(30, read=600)
EVENTS = "text/event-stream"
Param = str | int | None
# Given how many rows of a file the API has checked so far.
Tell = Callable[[int], None]
_Body = TypeVar("_Body")


class Sent(TypedDict, total=False):
    """What a request brings. content: its body as it is. json: what its body says. files: field -> (name, file). data:
    the other fields of a form."""

    params: Mapping[str, Param]
    content: bytes | AsyncIterable[bytes]
    json: object
    files: Mapping[str, tuple[str, BinaryIO]]
    data: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Fault:
    where: str
    problem: str


class ApiProblem(Exception):
    """What the API answered instead of a result. status 0: it did not answer at all."""

    def __init__(self, status: int, title: str, detail: str, faults: tuple[Fault, ...] = ()) -> None:
        super().__init__(f"{status} {title}: {detail}")
        self.status, self.title, self.detail, self.faults = status, title, detail, faults


class Backend:
    """The API on behalf of one visitor. key: theirs, empty where none is needed. address: where they are, which an API
    in the same process is told."""

    def __init__(self, client: httpx.AsyncClient, key: str = "", address: str = "") -> None:
        self._client, self._extensions = client, {VISITOR: address} if address else {}
        self._headers = {"Authorization": f"Bearer {key}"} if key else {}

    async def get(self, path: str, shape: type[_Body], /, **params: Param) -> _Body:
        """shape: what the API promises to answer with, which is believed. Raises: ApiProblem."""
        response = await self.send("GET", path, params=_given(params))
        try:
            body: _Body = response.json()
        except ValueError as failure:
            raise ApiProblem(0, "no answer", f"{path} is not JSON") from failure
        return body

    async def get_or_none(self, path: str, shape: type[_Body], /, **params: Param) -> _Body | None:
        """None where the API knows no such thing. Raises: ApiProblem for all else."""
        try:
            return await self.get(path, shape, **params)
        except ApiProblem as problem:
            if problem.status in (403, 404):
                return None
            raise

    async def file_or_none(self, path: str) -> Any:
        """The JSON of a file, whatever it holds; None if it is missing or is no JSON."""
        try:
            return await self.get(path, object)
        except ApiProblem:
            return None

    async def get_anyway(self, path: str) -> Json:
        """The body whatever the status, {} if it is no JSON object."""
        try:
            body = (await self._client.get(path, headers=self._headers, extensions=self._extensions)).json()
        except (httpx.TransportError, ValueError):
            return {}
        return body if isinstance(body, dict) else {}

    async def text_or_none(self, path: str) -> str | None:
        try:
            return (await self.send("GET", path)).text
        except ApiProblem:
            return None

    async def send(self, method: str, path: str, headers: Mapping[str, str] | None = None,
                   **sent: Unpack[Sent]) -> httpx.Response:
        """Raises: ApiProblem."""
        async with self.stream(method, path, headers, **sent) as response:
            await response.aread()
        return response

    async def send_file(self, method: str, path: str, shape: type[_Body], tell: Tell | None,
                        headers: Mapping[str, str], **sent: Unpack[Sent]) -> _Body:
        """A file that may take long. tell: how far it is; None where nobody asks. Raises: ApiProblem."""
        asked = {**headers, **({"Accept": EVENTS} if tell else {})}
        async with self.stream(method, path, asked, **sent) as response:
            if tell is None or not response.headers.get("content-type", "").startswith(EVENTS):
                await response.aread()
                body: _Body = response.json()
                return body
            async for name, data in _events(response):
                if name == "progress":
                    tell(int(data["rows"]))
                elif isinstance(status := data.get("status"), int):
                    raise problem_of(httpx.Response(status, json=data))
                else:
                    return cast(_Body, data)
        raise ApiProblem(0, "no answer", f"{path} told of no end")

    @asynccontextmanager
    async def stream(self, method: str, path: str, headers: Mapping[str, str] | None = None,
                     timeout: httpx.Timeout = LONG, **sent: Unpack[Sent]) -> AsyncIterator[httpx.Response]:
        """Raises: ApiProblem before the block is entered."""
        try:
            async with self._client.stream(method, path, headers={**self._headers, **(headers or {})},
                                           timeout=timeout, extensions=self._extensions, **sent) as response:
                if response.is_error:
                    await response.aread()
                    raise problem_of(response)
                yield response
        except (httpx.TransportError, OSError) as failure:
            raise ApiProblem(0, "no answer", str(failure)) from failure


async def _events(response: httpx.Response) -> AsyncIterator[tuple[str, Json]]:
    """Name and data of each."""
    name = ""
    async for line in response.aiter_lines():
        field, _, value = line.partition(": ")
        if field == "event":
            name = value
        elif field == "data":
            yield name, json.loads(value)


def problem_of(response: httpx.Response) -> ApiProblem:
    try:
        body = response.json()
        faults = tuple(Fault(str(one["where"]), str(one["problem"])) for one in body.get("errors", ()))
        return ApiProblem(response.status_code, str(body.get("title", "")), str(body.get("detail", "")), faults)
    except (ValueError, LookupError, AttributeError, TypeError):
        return ApiProblem(response.status_code, response.reason_phrase, "")


def part(text: object) -> str:
    """A name as one segment of a path."""
    return quote(str(text), safe="")


def _given(params: Mapping[str, Param]) -> dict[str, Param]:
    return {name: value for name, value in params.items() if value not in (None, "")}
