"""What all requests of a process may have in memory together."""
from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from threading import Condition

from application.serving.current_request import current_request
from domain.errors import Busy


class Room:
    """size_bytes: of all requests together; one of which nobody else has anything may take more, as its own limits say.
    wait_s: how long one more may wait for it before it is told to come again, which `on_busy` counts.

    Thread-safe: yes.
    """

    def __init__(self, size_bytes: int, wait_s: float, on_busy: Callable[[], None] = lambda: None) -> None:
        self._size, self._wait_s, self._on_busy = size_bytes, wait_s, on_busy
        # May be entered twice by one thread: what is given back is, now and then, while garbage is collected.
        self._changed = Condition()
        self._taken: Counter[str] = Counter()

    @property
    def taken_bytes(self) -> int:
        with self._changed:
            return self._taken.total()

    def take(self, wanted_bytes: int) -> Callable[[], None]:
        """For the request that is being worked on; work for none is not counted. Returns: what gives it back, to be
        called once. Raises: Busy."""
        if (request := current_request.get()) is None:
            return lambda: None
        with self._changed:
            if not self._changed.wait_for(lambda: self._fits(request.id, wanted_bytes), self._wait_s):
                self._on_busy()
                raise Busy("what other requests have in memory leaves no room for this one",
                           retry_after_s=max(1, round(self._wait_s)))
            self._taken[request.id] += wanted_bytes
        return lambda: self._give_back(request.id, wanted_bytes)

    def _fits(self, request_id: str, wanted_bytes: int) -> bool:
        taken = self._taken.total()
        # What a request has itself is no reason to let it wait for itself.
        return taken == self._taken[request_id] or taken + wanted_bytes <= self._size

    def _give_back(self, request_id: str, taken_bytes: int) -> None:
        with self._changed:
            self._taken[request_id] -= taken_bytes
            self._taken += Counter()  # without those that have nothing any more
            self._changed.notify_all()
