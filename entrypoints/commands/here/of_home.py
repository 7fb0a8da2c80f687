from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from entrypoints.wiring.container import Container


class OfHome:
    def __init__(self, container: Container) -> None:
        self._container = container
