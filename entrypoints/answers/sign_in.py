"""People who sign in by a provider."""
from __future__ import annotations

from typing import Annotated

from application.use_cases.begin_sign_in import BegunSignIn
from application.use_cases.sign_in import SignedIn
from entrypoints.answers.answer import Answer, Moment, says


class ProviderAnswer(Answer):
    """Where people can sign in."""

    issuer: Annotated[str | None, says("The provider; null where keys alone open the pages")]


class BegunSignInAnswer(Answer):
    """A sign-in that has begun."""

    address: Annotated[str, says("Where the browser goes")]
    kept: Annotated[str, says("What it has to bring back, within ten minutes")]

    @classmethod
    def of(cls, begun: BegunSignIn) -> BegunSignInAnswer:
        return cls(begun.address, begun.kept)


class SignedInAnswer(Answer):
    """A person who is let in."""

    name: str
    session: Annotated[str, says("What `Authorization: Bearer` wants until then")]
    until: Moment
    lasts_s: Annotated[float, says("The same from now on, for whoever has another clock")]

    @classmethod
    def of(cls, done: SignedIn) -> SignedInAnswer:
        return cls(done.session.name, done.token, done.session.until, done.lasts.total_seconds())
