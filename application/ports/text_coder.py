"""Texts that lie one behind another in memory, looked at once for each distinct one."""
from __future__ import annotations

from abc import abstractmethod
from typing import Protocol

from domain.arrays import Array
from domain.text_cells import CodedTexts


class TextCoder(Protocol):
    """Thread-safe: yes."""

    @abstractmethod
    def code(self, content: Array, offsets: Array) -> CodedTexts | None:
        """content: uint8[m], UTF-8. offsets: int32[n + 1], never falling, from 0 to m: text i is what lies between the
        i-th and the next. Returns: object[n] of str; None if one of them is not UTF-8."""
