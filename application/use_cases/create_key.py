from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from datetime import timedelta

from application.ports.clock import Clock
from application.ports.keyring import Keyring
from application.ports.task_catalog import TaskCatalog
from domain.api_key import MAX_NAME_CHARS, ApiKey, Right, digest_of
from domain.errors import Fault, InvalidInput

MAX_DAYS = 36_500


@dataclass(frozen=True, slots=True)
class KeyWish:
    """rights: their names. tasks: of which alone it is to be, all if empty. days: until it expires, None for never."""

    name: str
    rights: Collection[str]
    tasks: Collection[str] = ()
    days: float | None = None


@dataclass(frozen=True, slots=True)
class CreatedKey:
    key: ApiKey
    secret: str

    def __repr__(self) -> str:
        return f"CreatedKey({self.key!r})"


class CreateKey:
    """Makes a key: what it allows (`predict`, `read`, `data`, `train`, `deploy`, `admin`), of which tasks alone if any
    are named, and for how many days. The answer shows it this once; only its digest is kept.

    From the first key on the service asks for keys, and goes on doing so when all have expired or were revoked.
    """

    def __init__(self, keyring: Keyring, tasks: TaskCatalog, clock: Clock, new_secret: Callable[[], str]) -> None:
        """new_secret: gives a text of 128 random bits or more, never the same one twice."""
        self._keyring, self._tasks, self._clock, self._new_secret = keyring, tasks, clock, new_secret

    def execute(self, wish: KeyWish, created_by: str | None = None) -> CreatedKey:
        """Raises: InvalidInput naming each fault, KeyNameTaken."""
        known = {task.name for task in self._tasks.all()}
        if faults := [*_faults(wish), *_faults_of_tasks(wish, known)]:
            raise InvalidInput(f"the key cannot be made: {faults[0].where} {faults[0].problem}", faults)
        secret, now = self._new_secret(), self._clock.now()
        return CreatedKey(self._keyring.add(ApiKey(
            0, wish.name, digest_of(secret), frozenset(map(Right, wish.rights)), now, frozenset(wish.tasks), created_by,
            None if wish.days is None else now + timedelta(days=wish.days))), secret)


def _faults(wish: KeyWish) -> Iterator[Fault]:
    name = wish.name
    if not name.isprintable() or name != name.strip() or not 1 <= len(name) <= MAX_NAME_CHARS:
        yield Fault("name", f"expected 1 to {MAX_NAME_CHARS} printable characters, without spaces at the ends")
    if not wish.rights:
        yield Fault("rights", f"names none; there are {', '.join(Right)}")
    for right in wish.rights:
        if right not in set(Right):
            yield Fault("rights", f"{right} is none; there are {', '.join(Right)}")
    if wish.days is not None and not 0 < wish.days <= MAX_DAYS:
        yield Fault("days", f"expected more than 0 and {MAX_DAYS} at most")


def _faults_of_tasks(wish: KeyWish, known: Collection[str]) -> Iterator[Fault]:
    for task in wish.tasks:
        if task not in known:
            yield Fault("tasks", f"there is no task {task}")
    if wish.tasks and Right.ADMIN in wish.rights:
        yield Fault("tasks", "admin is of all tasks: who makes keys can make one of any task")
