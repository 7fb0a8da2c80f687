"""Who a person is, as a provider says that they sign in at."""
from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from domain.errors import Busy, Forbidden, NotFound


class NoProvider(NotFound):
    """Keys alone open this service."""

    code = "no_provider"


class ProviderUnavailable(Busy):
    """It does not answer, or not as OpenID Connect has it."""

    code = "provider_unavailable"


class SignInRefused(Forbidden):
    """The provider refused, or what came back is not what it says."""

    code = "sign_in_refused"


@dataclass(frozen=True, slots=True)
class Leaving:
    """address: where the browser goes. kept: what has to be there when it is back, and nobody else may know."""

    address: str
    kept: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Person:
    """name: one that a person cannot choose, if the provider is asked for such a claim."""

    name: str
    groups: frozenset[str]


class IdentityProvider(Protocol):
    """Thread-safe: yes."""

    @abstractmethod
    def leave(self, back: str) -> Leaving:
        """back: the address to which the provider sends the browser when the person has signed in. No two are alike.
        Raises: ProviderUnavailable."""

    @abstractmethod
    def arrived(self, kept: Mapping[str, str], came: Mapping[str, str]) -> Person:
        """kept: of `leave`. came: the parameters that the browser brought back, which may be anybody's making.
        Raises: SignInRefused, ProviderUnavailable."""
