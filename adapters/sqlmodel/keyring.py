"""Keys in a table, one a row; none is ever deleted."""
from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlmodel import col, func, select

from adapters.sqlmodel.database import Database
from adapters.sqlmodel.models import ApiKeyRecord
from application.ports.keyring import KeyNameTaken, Keyring, UnknownKey
from domain.api_key import ApiKey, Right

MAX_ID = 2**31 - 1


class SqlmodelKeyring(Keyring):
    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, key: ApiKey) -> ApiKey:
        # One at a time, so that no two look for the same name, and ids are seen in their order.
        with self._database.write("api_key:add") as session:
            if session.exec(select(ApiKeyRecord.id).where(
                    ApiKeyRecord.name == key.name, col(ApiKeyRecord.revoked_at).is_(None))).first():
                raise KeyNameTaken(f"a key {key.name} is there already; revoke it, or give this one another name")
            record = _record(key)
            session.add(record)
            session.flush()
            return _key(record)

    def revoke(self, key_id: int, at: datetime) -> ApiKey:
        with self._database.write(f"api_key:{key_id}") as session:
            record = session.get(ApiKeyRecord, key_id) if 0 < key_id <= MAX_ID else None
            if record is None:
                raise UnknownKey(f"there is no key {key_id}")
            record.revoked_at = record.revoked_at or at
            return _key(record)

    def all(self) -> Sequence[ApiKey]:
        with self._database.read() as session:
            return [_key(record) for record in session.exec(select(ApiKeyRecord).order_by(col(ApiKeyRecord.id)))]

    def changes(self) -> int:
        with self._database.read() as session:
            made, revoked = session.exec(select(func.count(), func.count(col(ApiKeyRecord.revoked_at))).select_from(
                ApiKeyRecord)).one()
            return made + revoked


def _record(key: ApiKey) -> ApiKeyRecord:
    return ApiKeyRecord(
        name=key.name, digest=key.digest, rights=sorted(key.rights), tasks=sorted(key.tasks),
        created_at=key.created_at, created_by=key.created_by, expires_at=key.expires_at, revoked_at=key.revoked_at)


def _key(record: ApiKeyRecord) -> ApiKey:
    assert record.id is not None  # it was stored
    return ApiKey(
        record.id, record.name, record.digest, frozenset(map(Right, record.rights)), record.created_at,
        frozenset(record.tasks), record.created_by, record.expires_at, record.revoked_at)
