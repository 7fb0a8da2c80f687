"""Keys that callers show, and what is kept for each."""
from __future__ import annotations

import secrets

from adapters.sqlmodel.kept_answers import SqlmodelKeptAnswers
from adapters.sqlmodel.keyring import SqlmodelKeyring
from application.decorators import telling
from application.serving.known_keys import KnownKeys
from application.use_cases.create_key import CreateKey
from application.use_cases.revoke_key import RevokeKey
from entrypoints.wiring.auditing import audited
from entrypoints.wiring.core import Core
from entrypoints.wiring.injector import ThreadSafeSingleton, providers

# By which those who look for keys in places where none should be know one of ours.
_PREFIX, _BYTES = "progon_", 32


def _new_secret() -> str:
    return _PREFIX + secrets.token_urlsafe(_BYTES)


class Keys(Core):
    keyring = ThreadSafeSingleton(SqlmodelKeyring, Core.database)
    kept_answers = ThreadSafeSingleton(SqlmodelKeptAnswers, Core.database)
    known_keys = ThreadSafeSingleton(KnownKeys, keyring)
    create_key = audited(ThreadSafeSingleton(
        CreateKey, keyring, Core.task_catalog, Core.clock, providers.Object(_new_secret)), telling.key_created)
    revoke_key = audited(ThreadSafeSingleton(RevokeKey, keyring, Core.clock), telling.key_revoked)
