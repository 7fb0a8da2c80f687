"""Files between two pages: sent on one, confirmed or fetched on the next."""
from __future__ import annotations

import json
import re
import secrets
from collections.abc import AsyncIterator
from dataclasses import asdict, dataclass
from pathlib import Path
from time import time

from starlette.concurrency import run_in_threadpool

from entrypoints.admin.api.datasets import CheckedBody
from entrypoints.admin.api.files import CreatedBody, LookedBody

KEPT_S = 3600
MOST_KEPT = 32
PIECE_BYTES = 1 << 18
_TOKEN = re.compile(r"[0-9a-f]{32}")


@dataclass(frozen=True, slots=True)
class Note:
    """What the next page has to know of a file. checked: what the API said when it looked through the file. unseen:
    column -> share of the rows whose value the model had never seen. looked: what a file holds that is to make a task;
    tried: the task that it would make, `asked` so."""

    task: str
    name: str
    rows: int | None = None
    metrics: dict[str, float | None] | None = None
    experiment_id: int | None = None
    checked: CheckedBody | None = None
    unseen: dict[str, float] | None = None
    looked: LookedBody | None = None
    asked: dict[str, str] | None = None
    tried: CreatedBody | None = None


class KeptFiles:
    """A folder of files named by secrets: who knows the name may have the file. All processes of one service may share
    it. The oldest go when they are an hour old or there are too many."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def new(self) -> tuple[str, Path]:
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._sweep()
        token = secrets.token_hex(16)
        return token, self._folder / f"{token}.csv"

    def note(self, token: str, note: Note) -> None:
        (self._folder / f"{token}.json").write_text(json.dumps(asdict(note)), encoding="utf-8")

    def find(self, token: str, task: str) -> tuple[Path, Note] | None:
        """The file and what is noted of it; None if it has gone or belongs to another task."""
        if not _TOKEN.fullmatch(token):
            return None
        try:
            note = Note(**json.loads((self._folder / f"{token}.json").read_text(encoding="utf-8")))
        except (OSError, TypeError):  # a release before this one noted other things
            return None
        path = self._folder / f"{token}.csv"
        return (path, note) if note.task == task and path.exists() else None

    def remove(self, token: str) -> None:
        for ending in ("csv", "json"):
            (self._folder / f"{token}.{ending}").unlink(missing_ok=True)

    def _sweep(self) -> None:
        newest_first = sorted(((path.stat().st_mtime, path) for path in self._folder.glob("*.csv")), reverse=True)
        for position, (changed_at, path) in enumerate(newest_first):
            if position >= MOST_KEPT or changed_at < time() - KEPT_S:
                self.remove(path.stem)


async def pieces(path: Path) -> AsyncIterator[bytes]:
    with path.open("rb") as file:
        while piece := await run_in_threadpool(file.read, PIECE_BYTES):
            yield piece
