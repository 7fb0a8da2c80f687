"""Calls as methods: described once, answered at once by one client and awaited by the other."""
from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from functools import wraps
from typing import Any, Generic, ParamSpec, TypeVar, overload

from progon_client.answers.events import Reading
from progon_client.call import Call

P = ParamSpec("P")
T = TypeVar("T")


class Asking(ABC):
    """Waits for answers."""

    @abstractmethod
    def ask(self, call: Call[T]) -> T: ...

    @abstractmethod
    def tell(self, call: Call[T]) -> Iterator[Reading | T]: ...


class AskingLater(ABC):
    """Has its answers awaited."""

    @abstractmethod
    async def ask(self, call: Call[T]) -> T: ...

    @abstractmethod
    def tell(self, call: Call[T]) -> AsyncIterator[Reading | T]: ...


class described(Generic[P, T]):
    """A method of both clients, made of a function that describes a call."""

    def __init__(self, describe: Callable[P, Call[T]]) -> None:
        self.describe = describe
        self.__doc__ = describe.__doc__

    @overload
    def __get__(self, client: Asking, owner: type) -> Callable[P, T]: ...
    @overload
    def __get__(self, client: AskingLater, owner: type) -> Callable[P, Coroutine[Any, Any, T]]: ...
    @overload
    def __get__(self, client: None, owner: type) -> described[P, T]: ...

    def __get__(self, client: Asking | AskingLater | None, owner: type) -> object:
        if client is None:
            return self

        @wraps(self.describe)
        def asked(*args: P.args, **kwargs: P.kwargs) -> object:
            return client.ask(self.describe(*args, **kwargs))

        return asked


class told(Generic[P, T]):
    """The same call as an iterator: how far its file is read, as `Reading`, and the answer at the end."""

    def __init__(self, call: described[P, T]) -> None:
        self.describe = call.describe
        self.__doc__ = f"{call.__doc__}\n\nIterates over how far the file is read; the answer itself comes last."

    @overload
    def __get__(self, client: Asking, owner: type) -> Callable[P, Iterator[Reading | T]]: ...
    @overload
    def __get__(self, client: AskingLater, owner: type) -> Callable[P, AsyncIterator[Reading | T]]: ...
    @overload
    def __get__(self, client: None, owner: type) -> told[P, T]: ...

    def __get__(self, client: Asking | AskingLater | None, owner: type) -> object:
        if client is None:
            return self

        @wraps(self.describe)
        def asked(*args: P.args, **kwargs: P.kwargs) -> object:
            return client.tell(self.describe(*args, **kwargs))

        return asked
