"""Addresses from which keys came that are none."""
from __future__ import annotations

import ipaddress
import math
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from time import monotonic

from domain.errors import TooManyRequests

_MOST_ADDRESSES = 10_000
# Whoever has one address of IPv6 has all of its network.
_NETWORK_BITS = 64


@dataclass(slots=True)
class _Count:
    began_s: float
    times: int = 0


class WrongKeys:
    """Counts of this process. After `limit` wrong keys within `window_s` an address is told to wait until that is
    over. Of more than 10,000 addresses those that began first are forgotten. Thread-safe: no."""

    def __init__(self, limit: int = 10, window_s: float = 60.0, most: int = _MOST_ADDRESSES,
                 now: Callable[[], float] = monotonic) -> None:
        self._limit, self._window_s, self._most, self._now = limit, window_s, most, now
        self._counts: OrderedDict[str, _Count] = OrderedDict()

    def __len__(self) -> int:
        return len(self._counts)

    def check(self, address: str) -> None:
        """Raises: TooManyRequests."""
        if not self._counts:
            return
        count = self._counts.get(_network(address))
        if count is not None and count.times >= self._limit and (left_s := self._left_s(count)) > 0:
            raise TooManyRequests("too many wrong keys came from your address", math.ceil(left_s))

    def add(self, address: str) -> bool:
        """Whether it is the one that was too many."""
        network = _network(address)
        count = self._counts.get(network)
        if count is None or self._left_s(count) <= 0:
            self._counts.pop(network, None)
            count = self._counts[network] = _Count(self._now())
        count.times += 1
        if len(self._counts) > self._most:
            self._counts.popitem(last=False)
        return count.times == self._limit

    def _left_s(self, count: _Count) -> float:
        return count.began_s + self._window_s - self._now()


def _network(address: str) -> str:
    if ":" not in address:
        return address
    try:
        return str(ipaddress.ip_network((address.partition("%")[0], _NETWORK_BITS), strict=False))
    except ValueError:  # no address: what a test or a socket file calls itself
        return address
