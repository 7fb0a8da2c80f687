"""A page of the documentation, done as a reader does it: its `bash` blocks one after the other in one folder; of a
block of `text` or `json` right behind one each line has to come out of it. A number
there is any number, `...` anything."""
from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.e2e.server import Server

_BLOCK = re.compile(r"^```(bash|text|json)\n(.*?)^```$", re.DOTALL | re.MULTILINE)
_PORT = "127.0.0.1:8000"
_PATIENCE_S = 240


@dataclass(frozen=True)
class Step:
    commands: str
    shown: Sequence[str] = ()

    @property
    def serves(self) -> bool:
        return self.commands.strip() == "progon serve &"


def steps(page: Path) -> Iterator[Step]:
    """Raises: AssertionError for something shown that no command stands before."""
    text, waiting = page.read_text(encoding="utf-8"), None
    for match in _BLOCK.finditer(text):
        language, body = match.groups()
        if language == "bash":
            if waiting:
                yield waiting
            waiting = Step(body)
        else:
            assert waiting and not waiting.shown, f"{page.name}: no command stands before {body[:60]!r}"
            waiting = Step(waiting.commands, [line for line in body.splitlines() if line.strip()])
    if waiting:
        yield waiting


def missing(shown: Sequence[str], output: str) -> list[str]:
    """The lines that did not come out."""
    return [line for line in shown if not re.search(_pattern(line), output)]


def _pattern(line: str) -> str:
    pieces = re.split(r"(\.\.\.|\d+(?:\.\d+)?|\s+)", line.strip())
    return "".join(_piece(piece) for piece in pieces)


def _piece(piece: str) -> str:
    if piece == "...":
        return ".*"
    if re.fullmatch(r"\d+(\.\d+)?", piece):
        return r"\d[\d.]*(?:e-?\d+)?"
    return r"\s+" if piece.isspace() else re.escape(piece)


@dataclass
class Reader:
    """folder: where the commands run; the service, once a page starts it, goes on for the pages after it."""

    folder: Path
    server: Server

    def follow(self, page: Path) -> None:
        for step in steps(page):
            if step.serves:
                if self.server.process is None:
                    self.server.start("/readyz")
            else:
                self._do(page, step)

    def _do(self, page: Path, step: Step) -> None:
        commands = step.commands.replace(_PORT, f"127.0.0.1:{self.server.port}")
        ran = subprocess.run(["bash", "-euo", "pipefail", "-c", commands], cwd=self.folder,
                             env=dict(self._environment()), capture_output=True, text=True, timeout=_PATIENCE_S)
        said = ran.stdout + ran.stderr
        assert ran.returncode == 0, f"{page.name}:\n{commands}\n{said}"
        absent = missing(step.shown, said)
        assert not absent, f"{page.name}:\n{commands}\nshows {absent}, but said\n{said}"

    def _environment(self) -> Mapping[str, str]:
        return {**self.server.environment, "LC_ALL": "C.UTF-8", "COLUMNS": "200"}
