"""The trainers of each machine, a row a machine."""
from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlmodel import col, select

from adapters.sqlmodel.database import Database
from adapters.sqlmodel.models import TrainersRecord
from application.ports.trainer_cards import TrainerCards
from domain.trainer_card import TrainerCard, from_plain, to_plain


class SqlmodelTrainerCards(TrainerCards):
    def __init__(self, database: Database) -> None:
        self._database = database

    def publish(self, machine: str, cards: Sequence[TrainerCard], at: datetime) -> None:
        with self._database.write(f"trainers:{machine}") as session:
            session.merge(TrainersRecord(machine=machine, at=at, cards=[to_plain(card) for card in cards]))

    def all(self, since: datetime) -> Sequence[TrainerCard]:
        query = select(TrainersRecord).where(TrainersRecord.at >= since)
        with self._database.read() as session:
            records = session.exec(query.order_by(col(TrainersRecord.at), col(TrainersRecord.machine))).all()
        by_name = {card["name"]: card for record in records for card in record.cards}
        return [from_plain(by_name[name]) for name in sorted(by_name)]
