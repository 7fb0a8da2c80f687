"""Every panel shows something: its queries on a live Prometheus and PostgreSQL, fed by a real run of the service."""
from __future__ import annotations

import json
import math
import shutil
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path

import httpx
import pytest
import yaml
from sqlalchemy import Engine, NullPool, create_engine

from tests.e2e.grafana import WITHOUT_QUERY, Filled, Window, dashboards, datasources, targets
from tests.e2e.server import Server, free_port, wait_until, web
from tests.e2e.small_task import csv_of, put_small_task
from tests.e2e.traffic import Traffic

ROOT = Path(__file__).parents[2]
BOARDS = dashboards()
CSV = {"Content-Type": "text/csv"}
LOOKED_AT_S, STEP_S, SCRAPE_S = 300, 2, 2
SEEN = (
    'rate(progon_request_seconds_count{route="/forward"}[8s]) > 0', "rate(progon_inference_seconds_count[8s]) > 0",
    "rate(progon_predictions_total[8s]) > 0", "rate(progon_prediction_score_count[8s]) > 0",
    "progon_live_quality and progon_live_quality offset 3s", "progon_feature_drift", "progon_feature_unseen",
)


def looked_at() -> Window:
    now = time.time()
    return Window(now - LOOKED_AT_S, now, STEP_S, SCRAPE_S)


@dataclass
class Watched:
    prometheus: str
    engine: Engine

    def ask_prometheus(self, path: str, **parameters: object) -> dict:
        answer = web.get(f"{self.prometheus}/api/v1/{path}", params=parameters).json()
        assert answer["status"] == "success", answer
        return answer["data"]

    def ask_sql(self, statement: str) -> list:
        with self.engine.connect() as connection:
            return connection.exec_driver_sql(statement.replace("%", "%%")).all()


@pytest.fixture(scope="module")
def watched(postgresql_server, tmp_path_factory) -> Iterator[Watched]:
    program = shutil.which("prometheus")
    if program is None:
        pytest.skip("prometheus is not installed (Debian: apt-get install prometheus): no dashboard was looked at")
    home = tmp_path_factory.mktemp("watched")
    postgresql_server("CREATE DATABASE dashboards")
    url = postgresql_server(database="dashboards")
    container = put_small_task(home, experiments=2, database_url=url)
    container.storage().close()
    engine = create_engine(url, poolclass=NullPool)
    # Nothing is trained here, so no engine for it is started.
    with Server(home, PROGON_DATABASE_URL=url, PROGON_MONITOR_REFRESH_S=0.5, PROGON_LOG_LEVEL="warning",
                PROGON_DASK_SCHEDULER="tcp://127.0.0.1:9") as server:
        server.start("/readyz")
        with prometheus(program, home, server.port) as address:
            watched = Watched(address, engine)
            make_history(server, watched)
            yield watched
    postgresql_server("DROP DATABASE dashboards WITH (FORCE)")


class prometheus:
    """The program, with the configuration that the stack runs it with, scraping this service each second."""

    def __init__(self, program: str, home: Path, target: int) -> None:
        document = yaml.safe_load((ROOT / "docker/prometheus/prometheus.yml").read_text())
        document["global"] |= {"scrape_interval": "1s", "evaluation_interval": "1s"}
        document["rule_files"] = [str(ROOT / "docker/prometheus" / name) for name in document["rule_files"]]
        document["scrape_configs"][0]["static_configs"][0]["targets"] = [f"127.0.0.1:{target}"]
        (home / "prometheus.yml").write_text(yaml.safe_dump(document))
        self._port, self._log = free_port(), home / "prometheus.log"
        self._command = [program, f"--config.file={home / 'prometheus.yml'}", f"--storage.tsdb.path={home / 'tsdb'}",
                         f"--web.listen-address=127.0.0.1:{self._port}"]

    def __enter__(self) -> str:
        with self._log.open("wb") as log:
            self._process = subprocess.Popen(self._command, stdout=log, stderr=log)
        address = f"http://127.0.0.1:{self._port}"
        wait_until(lambda: self._ready(address), "prometheus")
        return address

    def _ready(self, address: str) -> bool:
        assert self._process.poll() is None, self._log.read_text()
        try:
            return web.get(f"{address}/-/ready").status_code == 200
        except httpx.TransportError:
            return False

    def __exit__(self, *_: object) -> None:
        self._process.terminate()
        self._process.wait(20)


def make_history(server: Server, watched: Watched) -> None:
    """Rows, files, labels that come late, mistakes, a deployment and its rollback; then a few scrapes more."""
    url = f"{server.url}{{}}?task=small"
    before = Traffic(server.port, 4, 200).start()
    before.join()
    for number in range(3):
        assert web.post(url.format("/forward_batch"), content=csv_of(200, number), headers=CSV).status_code == 200
        assert web.post(url.format("/evaluate"), content=csv_of(200, number), headers=CSV).status_code == 200
        # Each round on a scrape of its own.
        wait_until(lambda asked=number + 1: scraped(watched, "/evaluate") >= asked, "a scrape of the round")
    assert web.post(url.format("/forward"), json={}).status_code == 400
    assert web.post(f"{server.url}/deploy/2").status_code == 200
    after = Traffic(server.port, 4, 200).start()
    after.join()
    head, *rows = csv_of(200, 9).decode().splitlines()
    labelled = "\n".join([f"{head},request_id"] + [
        f"{row},{name}" for row, name in zip(rows, after.answered)])
    assert web.put(url.format("/add_data"), content=labelled.encode(), headers=CSV).json()["late_labels"] == 200
    assert web.post(url.format("/forward_batch"), content=csv_of(400, 5), headers=CSV).status_code == 200
    answers = len(before.answered) + len(after.answered) + 3 * 2 * 200 + 400
    count = "SELECT count(*) FROM prediction_log"
    wait_until(lambda: watched.ask_sql(count)[0][0] == answers, "the answers in the table")
    wait_until(lambda: all_seen(server, watched), "Prometheus to have seen it", every_s=0.5)


def scraped(watched: Watched, route: str) -> float:
    """Requests to the route that Prometheus knows of."""
    found = watched.ask_prometheus("query", query=f'sum(progon_requests_total{{route="{route}"}})')["result"]
    return float(found[0]["value"][1]) if found else 0.0


def all_seen(server: Server, watched: Watched) -> bool:
    """Asks a little more, since a rate needs two scrapes with something between them, and scrapes of a busy machine may
    come late."""
    Traffic(server.port, 2, 20).start().join()
    return all(watched.ask_prometheus("query", query=query)["result"] for query in SEEN)


@pytest.mark.e2e
@pytest.mark.postgres
@pytest.mark.parametrize("name", BOARDS)
def test_no_panel_is_empty(watched, name):
    window = looked_at()
    filled = Filled(BOARDS[name], window, watched.ask_sql,
                    lambda metric: watched.ask_prometheus("series", **{"match[]": metric}))
    empty = []
    for title, target in targets(BOARDS[name]):
        if "expr" in target:
            found = watched.ask_prometheus("query_range", query=filled.promql(target["expr"]), start=window.start,
                                           end=window.end, step=window.step_s)["result"]
            said = any(math.isfinite(float(value)) for series in found for _, value in series["values"])
        else:
            rows = watched.ask_sql(filled.sql(target["rawSql"]))
            said = any(cell is not None for row in rows for cell in row)
        if not said:
            empty.append(f"{title} {target['refId']}")
    assert empty == []


@pytest.mark.e2e
@pytest.mark.postgres
def test_a_request_id_shows_its_answer_alone(watched):
    """A person types it, or clicks on it in the log."""
    (wanted, task), *_ = watched.ask_sql("SELECT request_id, task FROM prediction_log WHERE route = '/forward' LIMIT 1")
    board = json.loads(json.dumps(BOARDS["results.json"]))
    next(entry for entry in board["templating"]["list"] if entry["name"] == "request")["query"] = wanted
    filled = Filled(board, looked_at(), watched.ask_sql, None)
    shown = {title: watched.ask_sql(filled.sql(target["rawSql"])) for title, target in targets(board)}
    assert [row.request_id for row in shown["The log"]] == [wanted]
    assert dict(map(tuple, shown["One answer: what came out"]))["request_id"] == wanted


@pytest.mark.e2e
@pytest.mark.postgres
@pytest.mark.parametrize("name", BOARDS)
def test_deployments_and_alerts_are_marked(watched, name):
    for annotation in BOARDS[name]["annotations"]["list"]:
        if "expr" in annotation:
            filled = Filled(BOARDS[name], looked_at(), watched.ask_sql, len)
            found = watched.ask_prometheus("query_range", query=filled.promql(annotation["expr"]),
                                           start=time.time() - LOOKED_AT_S, end=time.time(), step=1)["result"]
            if annotation["name"] == "Deployments":
                assert "2" in {series["metric"]["experiment_id"] for series in found}


@pytest.mark.parametrize("name", BOARDS)
def test_grafana_can_provision_it(name):
    board, sources = BOARDS[name], datasources()
    text_of_it = json.dumps(board)
    assert board["id"] is None and board["uid"] and board["title"] and board["schemaVersion"] >= 36
    assert "${DS_" not in text_of_it and "__inputs" not in board
    panels = board["panels"]
    assert len({panel["id"] for panel in panels}) == len(panels)
    for panel in panels:
        place = panel["gridPos"]
        assert place["x"] + place["w"] <= 24
        assert panel["type"] in WITHOUT_QUERY or panel["targets"], panel["title"]
        for target in panel.get("targets", ()):
            used = target["datasource"]
            assert sources[used["uid"]]["type"] == used["type"], panel["title"]
    for one, other in combinations([panel["gridPos"] for panel in panels], 2):
        assert (one["x"] + one["w"] <= other["x"] or other["x"] + other["w"] <= one["x"]
                or one["y"] + one["h"] <= other["y"] or other["y"] + other["h"] <= one["y"]), (one, other)


def test_uids_are_fixed_and_differ():
    assert [board["uid"] for board in BOARDS.values()] == ["progon-model", "progon-results", "progon-service"]
    assert set(datasources()) == {"prometheus", "postgres"}


@pytest.mark.parametrize("name", BOARDS)
def test_it_fits_grafanas_schema(name):
    reason = "grafana-foundation-sdk is not installed: the dashboards were not checked against Grafana's schema"
    sdk = pytest.importorskip("grafana_foundation_sdk.models.dashboard", reason=reason)
    from grafana_foundation_sdk.cog import plugins
    from grafana_foundation_sdk.cog.encoder import JSONEncoder

    plugins.register_default_plugins()
    known = json.loads(JSONEncoder().encode(sdk.Dashboard.from_json(json.loads(json.dumps(BOARDS[name])))))
    assert list(dropped(BOARDS[name], known, "")) == []


def dropped(ours: object, known: object, path: str) -> Iterator[str]:
    """What the schema does not know is lost on the way through its classes."""
    if isinstance(ours, dict) and isinstance(known, dict):
        for name, value in ours.items():
            if name in known:
                yield from dropped(value, known[name], f"{path}.{name}")
            elif value not in (None, [], {}, False, ""):
                yield f"{path}.{name}"
    elif isinstance(ours, list) and isinstance(known, list):
        for position, (one, other) in enumerate(zip(ours, known, strict=True)):
            yield from dropped(one, other, f"{path}[{position}]")
