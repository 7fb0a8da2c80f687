"""How much of a connection a client may have, and for how long."""
from __future__ import annotations

import resource
from dataclasses import dataclass, field


def _most_connections() -> int:
    """Half of what the system gives a process: the rest is for files and for those it speaks to."""
    return resource.getrlimit(resource.RLIMIT_NOFILE)[0] // 2


@dataclass(frozen=True, slots=True)
class Bounds:
    """head_bytes: of the request line and the headers together. head_s: until they are there, from the first byte, or
    from the beginning of the connection. stall_s: in which `least_bytes` of a body have to come, and of an answer to be
    taken. look_s: between looks at the connections, by which any of the times may be longer. goodbye_s: for a client
    that was refused to end its TLS, too. last_s: for what is on its way when the service stops. connections: at once,
    in a process."""

    head_bytes: int = 64 << 10
    head_s: float = 20.0
    stall_s: float = 30.0
    least_bytes: int = 1 << 10
    look_s: float = 1.0
    goodbye_s: float = 1.0
    last_s: float = 0.05
    connections: int = field(default_factory=_most_connections)


@dataclass(slots=True)
class Moved:
    """What moved since a moment. bytes: a number that rises as they move."""

    since: float
    bytes: int = 0

    def is_stalled(self, now: float, moved: int, bounds: Bounds) -> bool:
        if now - self.since < bounds.stall_s:
            return False
        stalled = moved - self.bytes < bounds.least_bytes
        self.since, self.bytes = now, moved
        return stalled
