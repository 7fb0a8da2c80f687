"""Kept answers in a table, one a row, until each has had its time."""
from __future__ import annotations

from datetime import datetime

from sqlmodel import Session, col, delete, or_

from adapters.sqlmodel.database import Database
from adapters.sqlmodel.models import KeptAnswerRecord
from application.ports.kept_answers import KEPT_FOR, LOST_AFTER, Claim, KeptAnswer, KeptAnswers


class SqlmodelKeptAnswers(KeptAnswers):
    def __init__(self, database: Database) -> None:
        self._database = database

    def claim(self, who: str, key: str, asked: str, now: datetime) -> Claim | None:
        with self._database.write(f"kept_answer:{who}:{key}") as session:
            _forget(session, now)
            record = session.get(KeptAnswerRecord, (who, key))
            if record is not None:
                return Claim(record.asked, _answer(record))
            session.add(KeptAnswerRecord(who=who, key=key, asked=asked, since=now, held_at=now))
            return None

    def hold(self, who: str, key: str, now: datetime) -> None:
        with self._database.write(f"kept_answer:{who}:{key}") as session:
            if (record := session.get(KeptAnswerRecord, (who, key))) is not None:
                record.held_at = now

    def keep(self, who: str, key: str, answer: KeptAnswer) -> None:
        with self._database.write(f"kept_answer:{who}:{key}") as session:
            if (record := session.get(KeptAnswerRecord, (who, key))) is not None:
                record.status, record.digest = answer.status, answer.digest
                record.headers, record.body = dict(answer.headers), answer.body

    def give_back(self, who: str, key: str) -> None:
        with self._database.write(f"kept_answer:{who}:{key}") as session:
            record = session.get(KeptAnswerRecord, (who, key))
            if record is not None and record.status is None:
                session.delete(record)


def _forget(session: Session, now: datetime) -> None:
    over = col(KeptAnswerRecord.since) <= now - KEPT_FOR
    lost = col(KeptAnswerRecord.status).is_(None) & (col(KeptAnswerRecord.held_at) <= now - LOST_AFTER)
    session.exec(delete(KeptAnswerRecord).where(or_(over, lost)))


def _answer(record: KeptAnswerRecord) -> KeptAnswer | None:
    if record.status is None:
        return None
    return KeptAnswer(record.digest, record.status, record.headers, record.body)
