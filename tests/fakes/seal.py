"""Seals that are kept in memory, not in what they seal."""
from __future__ import annotations

from collections.abc import Mapping

from application.ports.seal import BrokenSeal, Seal


class InMemorySeal(Seal):
    def __init__(self) -> None:
        self._closed: dict[str, tuple[str, Mapping[str, object]]] = {}

    def closed(self, purpose: str, said: Mapping[str, object]) -> str:
        text = f"sealed.in.{len(self._closed)}"
        self._closed[text] = purpose, dict(said)
        return text

    def opened(self, purpose: str, text: str) -> Mapping[str, object]:
        found, said = self._closed.get(text, ("", {}))
        if found != purpose:
            raise BrokenSeal("the seal is broken")
        return said
