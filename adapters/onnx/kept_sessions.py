"""The sessions of a process that are open, within a bound of memory.

A session of trees takes some thirteen times what its file weighs. One that was not asked for long can be closed: its
file stays in memory, and the next who asks opens it again, which takes some hundredths of a second.
"""
from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import count
from threading import Lock
from weakref import WeakSet

import onnx
import onnxruntime

from domain.arrays import Array

Open = Callable[[], onnxruntime.InferenceSession]
# What an open session holds, measured of trees, of filters and of a network: of each number in an attribute, of each
# node, and of each byte of a tensor.
_NUMBER_BYTES, _NODE_BYTES, _TENSOR_TIMES = 56, 1_500, 2


class KeptSession:
    """A session that may be closed between two runs. Thread-safe: yes; a run that goes on ends with the session that it
    began with, and those who ask for a closed one wait for one opening."""

    def __init__(self, among: KeptSessions, open_session: Open, memory_bytes: int,
                 opened: onnxruntime.InferenceSession | None) -> None:
        self._among, self._open, self.memory_bytes = among, open_session, memory_bytes
        self._opening, self._session, self.asked = Lock(), opened, among.tick()

    @property
    def is_open(self) -> bool:
        return self._session is not None

    def run(self, outputs: Sequence[str] | None, feed: Mapping[str, Array]) -> list[Array]:
        """Raises: UnreadableModel if it cannot be opened again, and what onnxruntime raises."""
        self.asked = self._among.tick()
        session = self._session
        if session is None:
            session = self._opened()
        answers: list[Array] = session.run(outputs, feed)
        return answers

    def close(self) -> None:
        self._session = None

    def _opened(self) -> onnxruntime.InferenceSession:
        with self._opening:
            # Held here, as another that is opened may close this one at once.
            session = self._session
            if session is None:
                session = self._session = self._open()
                self._among.make_room(self)
        return session


class KeptSessions:
    """most_bytes: that all open sessions may take together, by their estimate; the one that was asked last stays open
    even if it takes more by itself. Thread-safe: yes."""

    def __init__(self, most_bytes: int) -> None:
        self._most_bytes, self._clock, self._lock = most_bytes, count(1), Lock()
        self._kept: WeakSet[KeptSession] = WeakSet()

    def keep(self, open_session: Open, memory_bytes: int,
             opened: onnxruntime.InferenceSession | None = None) -> KeptSession:
        """opened: if it is open already; else it is when it is asked the first time. It is gone from here with the last
        who holds it."""
        kept = KeptSession(self, open_session, memory_bytes, opened)
        with self._lock:
            self._kept.add(kept)
        if opened is not None:
            self.make_room(kept)
        return kept

    def tick(self) -> int:
        """A greater number each time."""
        return next(self._clock)

    def make_room(self, opened: KeptSession) -> None:
        """Closes those that were asked the longest ago, until the rest and `opened` are within the bound."""
        with self._lock:
            others = sorted((kept for kept in self._kept if kept.is_open and kept is not opened),
                            key=lambda kept: kept.asked)
            taken = opened.memory_bytes + sum(kept.memory_bytes for kept in others)
            for kept in others:
                if taken <= self._most_bytes:
                    return
                kept.close()
                taken -= kept.memory_bytes


def memory_of(model: onnx.ModelProto) -> int:
    """Bytes that an open session of it takes, to a factor of about two; without what its runs take."""
    return _of_graph(model.graph)


def _of_graph(graph: onnx.GraphProto) -> int:
    tensors = sum(tensor.ByteSize() for tensor in graph.initializer)
    return _TENSOR_TIMES * int(tensors) + sum(_of_node(node) for node in graph.node)


def _of_node(node: onnx.NodeProto) -> int:
    return _NODE_BYTES + sum(_of_attribute(attribute) for attribute in node.attribute)


def _of_attribute(attribute: onnx.AttributeProto) -> int:
    numbers = len(attribute.floats) + len(attribute.ints) + len(attribute.strings)
    own = _NUMBER_BYTES * numbers + sum(map(len, attribute.strings)) + _TENSOR_TIMES * int(attribute.t.ByteSize())
    return own + _of_graph(attribute.g) + sum(map(_of_graph, attribute.graphs))
