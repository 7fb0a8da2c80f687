"""A service whose answers get lost on the way: what a command asks for is done once, and told."""
from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer

import httpx
import pytest

from entrypoints.commands.there import once, telling
from entrypoints.processes import progress_bar
from entrypoints.settings import Settings
from entrypoints.wiring import ports
from tests.builders import TEMP, make_table, text_cells
from tests.commands import KEY, Progon, served
from tests.e2e.small_task import TASK, csv_of, put_small_task
from tests.http.files import csv_of as as_csv

_PASSED_ON = ("content-type", "authorization", "idempotency-key", "accept")


class Loses(HTTPServer):
    """Passes requests on to a service; of the first ones the answer never comes back. asked: path and key of each."""

    def __init__(self, url: str, lost: int) -> None:
        super().__init__(("127.0.0.1", 0), _Passing)
        self.url, self.lost, self.asked = url, lost, list[tuple[str, str]]()


class _Passing(BaseHTTPRequestHandler):
    server: Loses

    def handle_one_request(self) -> None:
        super().handle_one_request()
        self.close_connection = True

    def pass_on(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        body = self._chunks() if self.headers.get("Transfer-Encoding") else self.rfile.read(length)
        headers = {name: self.headers[name] for name in _PASSED_ON if self.headers.get(name)}
        self.server.asked.append((self.path.partition("?")[0], self.headers.get("idempotency-key", "")))
        answer = httpx.request(self.command, self.server.url + self.path, content=body, headers=headers, timeout=60)
        if self.command != "GET" and self.server.lost:
            self.server.lost -= 1
            return
        self.send_response(answer.status_code)
        for name in ("content-type", "retry-after", "idempotent-replayed"):
            if name in answer.headers:
                self.send_header(name, answer.headers[name])
        self.end_headers()
        self.wfile.write(answer.content)

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = pass_on

    def _chunks(self) -> bytes:
        body = b""
        while size := int(self.rfile.readline(), 16):
            body += self.rfile.read(size)
            self.rfile.readline()
        self.rfile.readline()
        return body

    def log_message(self, *_: object) -> None:
        """Nothing."""


@pytest.fixture
def home(tmp_path, monkeypatch):
    monkeypatch.setattr(once, "PAUSES_S", (0.01, 0.01))
    ports.storage(put_small_task(tmp_path, experiments=2, commit_hash="abc")).close()
    (tmp_path / "rows.csv").write_bytes(csv_of(30, seed=7))
    (tmp_path / "labelled.csv").write_bytes(as_csv(make_table(TASK, 40, seed=9)))
    return tmp_path


@pytest.fixture
def loses(home) -> Iterator[Loses]:
    with served(Settings(home=home, api_keys=f"{KEY}:write:anna", refresh_s=0.01)) as url, Loses(url, 1) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.fixture
def progon(home, loses):
    return Progon(home, f"http://127.0.0.1:{loses.server_port}")


def keys(loses: Loses, path: str) -> list[str]:
    return [key for asked, key in loses.asked if asked == path]


@pytest.mark.parametrize(("words", "path"), [
    (("add-data", "small", "labelled.csv"), "/add_data"), (("deploy", "2"), "/deploy/2"),
    (("retrain", "small"), "/retrain"), (("task", "create", "new", "--data", "labelled.csv", "--target", "late"),
                                         "/tasks")], ids=lambda value: str(value[0]))
def test_it_is_done_once_and_told(progon, loses, home, monkeypatch, words, path):
    monkeypatch.chdir(home)
    said = progon(*words)
    assert "asking again for the same, which is done once" in said.stderr and said.stdout.strip()
    first, second = keys(loses, path)
    assert first == second != ""
    entries = [one["act"] for one in map(dict, httpx.get(f"{loses.url}/audit", headers={
        "Authorization": f"Bearer {KEY}"}).json()["entries"])]
    assert len(entries) == len(set(entries)), entries


def test_each_command_has_a_key_of_its_own(progon, loses):
    loses.lost = 0
    progon("deploy", 2)
    progon("rollback", "small")
    assert len({key for _, key in loses.asked if key}) == 2


def test_what_changes_nothing_twice_has_no_key(progon, loses):
    loses.lost = 0
    progon("tag", 1, "good")
    progon("task", "list")
    assert {key for _, key in loses.asked} == {""}


def test_patience_ends(progon, loses):
    loses.lost = 9
    said = progon("deploy", 2, code=1).stderr
    assert "gave no answer" in said and "may or may not have been done" in said
    assert len(keys(loses, "/deploy/2")) == 3


def test_on_a_terminal_the_checked_rows_are_told(progon, loses, home, monkeypatch):
    loses.lost = 0
    for module in (telling, progress_bar):
        monkeypatch.setattr(module, "is_drawn", lambda: True)
    said = progon("add-data", "small", home / "labelled.csv")
    assert "40 rows checked" in said.stderr and "40 rows added" in said.stdout
    here = Progon(home)("dataset", "check", "small", home / "rows.csv").stderr
    assert "30 rows checked" in here


def test_on_a_terminal_a_fault_is_told_as_elsewhere(progon, loses, home, monkeypatch):
    loses.lost = 0
    cells = text_cells(make_table(TASK, 40, seed=9))
    cells[TEMP][3] = "warm"
    (home / "faulty.csv").write_bytes(as_csv(cells))
    plain = progon("add-data", "small", home / "faulty.csv", code=1).stderr
    for module in (telling, progress_bar):
        monkeypatch.setattr(module, "is_drawn", lambda: True)
    drawn = progon("add-data", "small", home / "faulty.csv", code=1).stderr
    faults = [line for line in plain.splitlines() if line.startswith("error: ")]
    assert faults and [line for line in drawn.splitlines() if line.startswith("error: ")] == faults
