"""What an older version, and this one after it, finds of thresholds, rollouts and the answers of shadows."""
from __future__ import annotations

from alembic import command
from alembic.config import Config
from sqlalchemy import text

from adapters.sqlmodel.answers_beside import SqlmodelAnswersBeside
from adapters.sqlmodel.database import Database
from adapters.sqlmodel.deployment_log import SqlmodelDeploymentLog
from adapters.sqlmodel.prediction_store import SqlmodelPredictionStore
from adapters.sqlmodel.storage import MIGRATIONS, SqlmodelStorage
from application.ports.prediction_spool import SpooledRows
from application.ports.prediction_store import Wanted
from domain.deployment import Deployment
from domain.rollout import Rollout, RolloutRole
from tests.builders import make_answered
from tests.fakes.clock import START


def downgrade(database: Database, revision: str) -> None:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    with database.connect() as connection, connection.begin():
        config.attributes["connection"] = connection
        command.downgrade(config, revision)


def test_an_older_version_sees_what_was_given_and_nothing_of_shadows(database):
    deployments, store = SqlmodelDeploymentLog(database), SqlmodelPredictionStore(database)
    deployments.append("flights", lambda _: Deployment("flights", 1, None, 1, START, threshold=0.3, rollout=Rollout(
        2, RolloutRole.SHADOW, 0.5, START)))
    store.add([SpooledRows("a", make_answered(3)), SpooledRows("b", make_answered(2, experiment_id=2, shadow=True))])
    downgrade(database, "0013")
    with database.read() as session:
        assert session.execute(text("SELECT count(*) FROM prediction_log")).scalar_one() == 3
    SqlmodelStorage(database).migrate()
    assert deployments.current("flights") == Deployment("flights", 1, None, 1, START)
    assert len(store.newest(Wanted("flights"), 10)) == 3
    store.add([SpooledRows("c", make_answered(2, experiment_id=2, shadow=True))])
    assert SqlmodelAnswersBeside(database).count(Wanted("flights", 2, shadow=True)) == 2


def test_answers_of_a_model_are_counted_from_the_index_alone(make_database_url):
    database = Database(make_database_url("sqlite"))
    with database.read() as session:
        plan = session.execute(text(
            "EXPLAIN QUERY PLAN SELECT count(*) FROM prediction_log WHERE task = 'flights' AND shadow IS 0 "
            "AND experiment_id = 3 AND created_at >= '2026-01-01'")).all()
    database.close()
    assert "USING COVERING INDEX" in str(plan)
