"""Who asks, and the keys that the setting PROGON_API_KEYS names."""
from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from domain.api_key import ApiKey, Right, digest_of, granted
from domain.session import Session
from entrypoints.settings import WrongSetting

# What wires a command has no use for a framework.
if TYPE_CHECKING:
    from starlette.types import Scope

LEAST_BITS = 128
_LEAST_DIFFERENT = 8
# What `read` has always allowed: answers of models change nothing.
_READING = frozenset({Right.PREDICT, Right.READ})


@dataclass(frozen=True, slots=True)
class Caller:
    """name: as the history and the log tell it. tasks: of which alone the key is, all if empty. is_weak: its key can
    be guessed."""

    name: str
    rights: frozenset[Right]
    tasks: frozenset[str] = frozenset()
    is_weak: bool = False

    @classmethod
    def of(cls, key: ApiKey) -> Caller:
        return cls(key.name, granted(key.rights), key.tasks)

    @classmethod
    def of_session(cls, session: Session) -> Caller:
        return cls(session.name, granted(session.rights))

    def may(self, right: Right, task: str | None) -> bool:
        """Whether a request for this task, or for none that it names, is allowed without a further look."""
        return right in self.rights and (not self.tasks or task in self.tasks)


@dataclass(frozen=True, slots=True)
class ApiKeys:
    """digest of a key -> whose it is."""

    callers: Mapping[str, Caller]

    @classmethod
    def parse(cls, text: str) -> ApiKeys:
        """`KEY` or `KEY:write` has every right, `KEY:read` has predict and read; `KEY:write:NAME` says whose it is;
        several with commas between.

        Raises: WrongSetting.
        """
        callers: dict[str, Caller] = {}
        for entry in filter(None, (part.strip() for part in text.split(","))):
            key, _, rest = entry.partition(":")
            right, _, name = rest.partition(":")
            if right not in ("", "read", "write") or not key:
                raise WrongSetting("PROGON_API_KEYS: a key is KEY, KEY:read, KEY:write or KEY:write:NAME")
            digest = digest_of(key)
            if digest in callers:
                raise WrongSetting("PROGON_API_KEYS: a key is there twice, and only one of its rights can be meant")
            rights = _READING if right == "read" else frozenset(Right)
            callers[digest] = Caller(name or f"key {digest[:6]}", rights, is_weak=is_weak(key))
        return cls(callers)

    def weak(self) -> Iterator[str]:
        """Names of the keys that can be guessed."""
        return (caller.name for caller in self.callers.values() if caller.is_weak)


def is_weak(key: str) -> bool:
    """Whether a key of this length and alphabet has less than 128 bits, however randomly it was drawn."""
    return len(set(key)) < _LEAST_DIFFERENT or len(key) * math.log2(_alphabet(key)) < LEAST_BITS


def _alphabet(key: str) -> int:
    """How many characters it seems to be drawn from: those of hexadecimal digits, of base64 or of all that can be
    typed."""
    if set(key) <= set("0123456789"):
        return 10
    if set(key.lower()) <= set("0123456789abcdef"):
        return 16
    if key.isalnum() and (key.islower() or key.isupper()):
        return 36
    return 64 if key.replace("-", "").replace("_", "").isalnum() else 94


def caller_of(scope: Scope) -> Caller | None:
    """None where no key is asked for."""
    caller: Caller | None = scope.get("state", {}).get("caller")
    return caller
