"""Whether people can sign in by a provider, and what their groups allow, as the settings say. Imports nothing of what
speaks to one."""
from __future__ import annotations

from collections.abc import Mapping
from importlib.util import find_spec

from domain.api_key import Right
from entrypoints.http.callers import is_weak
from entrypoints.settings import PREFIX, Settings, WrongSetting

_GROUPS, _SECRET = f"{PREFIX}OIDC_GROUPS", f"{PREFIX}OIDC_CLIENT_SECRET"


def check(settings: Settings) -> None:
    """Raises: WrongSetting."""
    if not settings.oidc_issuer:
        return
    if find_spec("authlib") is None:
        raise WrongSetting(f"{PREFIX}OIDC_ISSUER is set, and what speaks to a provider is not installed: "
                           "pip install 'progon[oidc]'")
    if is_weak(settings.oidc_client_secret):
        raise WrongSetting(f"{_SECRET} has less than 128 bits: sessions are sealed by it, so nobody may guess it")
    by_group(settings.oidc_groups)


def by_group(text: str) -> Mapping[str, frozenset[Right]]:
    """`GROUP=RIGHT`, several with commas; a group may be there for each of its rights. Raises: WrongSetting."""
    found: dict[str, frozenset[Right]] = {}
    for entry in filter(None, (part.strip() for part in text.split(","))):
        group, _, right = (part.strip() for part in entry.rpartition("="))
        if not group or right not in set(Right):
            raise WrongSetting(f"{_GROUPS} has {entry!r}, expected GROUP=RIGHT with one of {', '.join(Right)}")
        found[group] = found.get(group, frozenset()) | {Right(right)}
    return found
