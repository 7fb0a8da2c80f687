from __future__ import annotations

from abc import abstractmethod
from typing import Protocol

from application.use_cases.create_key import KeyWish
from entrypoints.answers.keys import CallerAnswer, CreatedKeyAnswer, KeyAnswer, KeysAnswer


class Keys(Protocol):
    @abstractmethod
    def keys(self) -> KeysAnswer: ...

    @abstractmethod
    def caller(self) -> CallerAnswer:
        """Who asks, and what they may."""

    @abstractmethod
    def create_key(self, wish: KeyWish) -> CreatedKeyAnswer: ...

    @abstractmethod
    def revoke_key(self, key_id: int) -> KeyAnswer: ...
