"""What was done into the history, by whoever asked for it."""
from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Concatenate, Generic, ParamSpec, Protocol, TypeVar

from application.caller import current_caller
from application.ports.clock import Clock
from application.ports.history import History
from domain.history import Act, Entry

Asked = ParamSpec("Asked")
Done = TypeVar("Done")
Done_co = TypeVar("Done_co", covariant=True)


class UseCase(Protocol[Asked, Done_co]):
    def execute(self, *args: Asked.args, **kwargs: Asked.kwargs) -> Done_co: ...


@dataclass(frozen=True, slots=True)
class Told:
    """What an entry of the history says of something that was done."""

    act: Act
    task: str
    detail: Mapping[str, object] = field(default_factory=dict)


class Audited(Generic[Asked, Done]):
    """A use case whose success becomes an entry of the history; one that fails leaves none.

    told: what the entry says of the outcome and of what was asked for; None if nothing was changed by it.
    """

    def __init__(self, use_case: UseCase[Asked, Done], told: Callable[Concatenate[Done, Asked], Told | None],
                 history: History, clock: Clock) -> None:
        self._use_case, self._told, self._history, self._clock = use_case, told, history, clock

    def execute(self, *args: Asked.args, **kwargs: Asked.kwargs) -> Done:
        done = self._use_case.execute(*args, **kwargs)
        if (told := self._told(done, *args, **kwargs)) is not None:
            self._history.add(Entry(self._clock.now(), told.act, told.task, current_caller.get(), told.detail))
        return done
