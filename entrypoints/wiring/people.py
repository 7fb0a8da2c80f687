"""People who sign in by a provider. What speaks to one is an extra, imported once it is wanted."""
from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from datetime import timedelta

from application.ports.identity_provider import IdentityProvider, NoProvider
from application.ports.seal import Seal
from application.serving.sessions import Sessions
from application.use_cases.begin_sign_in import BeginSignIn
from application.use_cases.sign_in import SignIn
from domain.api_key import Right
from entrypoints.http.signing_in import by_group
from entrypoints.settings import Settings
from entrypoints.wiring.core import Core
from entrypoints.wiring.injector import ThreadSafeSingleton

_PATIENCE_S = 10.0


def _provider(settings: Settings) -> IdentityProvider:
    """Raises: NoProvider."""
    _require(settings)
    import httpx

    from adapters.authlib.identity_provider import AuthlibIdentityProvider
    from adapters.authlib.metadata import Metadata
    from adapters.authlib.talking import Talking

    # Somebody signs in now and then: no connection is kept for the next one.
    client = httpx.Client(timeout=_PATIENCE_S, limits=httpx.Limits(max_keepalive_connections=0))
    metadata, name = Metadata(client, settings.oidc_issuer), settings.oidc_client_id
    return AuthlibIdentityProvider(
        metadata, Talking(client, metadata, name, settings.oidc_client_secret), name, settings.oidc_scopes,
        settings.oidc_name_claim, settings.oidc_groups_claim)


def _seal(settings: Settings) -> Seal:
    """Every process of the service, on every machine, has the same key. Raises: NoProvider."""
    _require(settings)
    from adapters.authlib.seal import AuthlibSeal

    return AuthlibSeal(hmac.digest(settings.oidc_client_secret.encode(), b"progon: sessions", hashlib.sha256))


def _sessions(settings: Settings) -> Sessions | None:
    return Sessions(_seal(settings)) if settings.oidc_issuer else None


def _require(settings: Settings) -> None:
    if not settings.oidc_issuer:
        raise NoProvider("nobody signs in here by a provider: PROGON_OIDC_ISSUER names none")


def _by_group(settings: Settings) -> Mapping[str, frozenset[Right]]:
    return by_group(settings.oidc_groups)


def _lasts(settings: Settings) -> timedelta:
    return timedelta(hours=settings.oidc_session_h)


class People(Core):
    identity_provider = ThreadSafeSingleton(_provider, Core.settings)
    seal = ThreadSafeSingleton(_seal, Core.settings)
    sessions = ThreadSafeSingleton(_sessions, Core.settings)
    begin_sign_in = ThreadSafeSingleton(BeginSignIn, identity_provider, seal, Core.clock)
    sign_in = ThreadSafeSingleton(
        SignIn, identity_provider, seal, ThreadSafeSingleton(Sessions, seal), Core.clock,
        ThreadSafeSingleton(_by_group, Core.settings), ThreadSafeSingleton(_lasts, Core.settings))
