"""What is different where a command asks a service by its URL, and what is not: its words."""
from __future__ import annotations

import csv
import io
import json
import socket
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from click.testing import CliRunner

from domain.columns import ColumnType
from entrypoints.cli import main
from entrypoints.settings import Settings
from entrypoints.wiring import ports
from entrypoints.wiring.container import make_container
from tests.builders import make_table
from tests.certificates import Certificates
from tests.commands import KEY, Progon, served
from tests.e2e.small_task import TASK, csv_of, put_small_task

ROWS = 30
READER = f"1{KEY[1:]}"
NOTHING = {"PROGON_URL": "", "PROGON_KEY": ""}


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    home = tmp_path_factory.mktemp("home")
    container = put_small_task(home, experiments=2, commit_hash="abc")
    ports.feature_store(container).append(TASK, [make_table(TASK, 40, seed=3)])
    ports.storage(container).close()
    (home / "rows.csv").write_bytes(csv_of(ROWS, seed=7))
    return home


@pytest.fixture(scope="module")
def there(home):
    with served(Settings(home=home, api_keys=f"{KEY}:write:anna,{READER}:read:bert", refresh_s=0.01)) as url:
        yield Progon(home, url)


@pytest.fixture
def here(home):
    return Progon(home)


READING = [
    ("task", "list"), ("task", "show", "small"), ("experiments", "small"), ("experiments", "small", "--limit", "1"),
    ("experiments", "small", "--status", "failed"),
    ("experiments", "small", "--filter", "auc > 0 and depth < 99", "--sort", "id"), ("metrics", "1"),
    ("experiments", "small", "--filter", "id > 99"), ("experiments", "small", "--archived", "only"),
    ("compare", "2"), ("compare", "2", "--against", "1"), ("artifacts", "1"),
    ("deployments",), ("deployments", "small"), ("dataset", "show", "small"), ("dataset", "columns", "small"),
    ("dataset", "columns", "small", "--version", "1"), ("dataset", "sample", "small", "--rows", "3"),
    ("observations",), ("observations", "small"), ("predictions", "small"), ("monitor", "small"),
    ("monitor", "small", "--last", "30d"), ("traffic", "--minutes", "5"),
    ("history",), ("key", "list"), ("metadata",), ("metadata", "small"), ("task", "look", "rows.csv"),
    ("dataset", "check", "small", "rows.csv"), ("evaluate", "small", "rows.csv"),
]


def test_a_comparison_says_what_the_rows_can_show(here):
    told = here.told("compare", "2")
    assert told["rows"] > 20 and set(told["differences"]) == set(told["metrics"])
    said = here("compare", "2").stdout
    assert f"on the {told['rows']} held-out rows" in said and "no difference that these rows can show" in said
    assert "interval" not in here("compare", "1").stdout, "it serves"


@pytest.mark.parametrize("machine", [False, True], ids=["people", "machines"])
@pytest.mark.parametrize("words", READING, ids=" ".join)
def test_both_say_the_same(here, there, home, monkeypatch, words, machine):
    monkeypatch.chdir(home)
    arguments = [*words, "--json"] if machine else words
    said, said_there = here(*arguments).stdout, there(*arguments).stdout
    if machine:
        document, document_there = json.loads(said), json.loads(said_there)
        if "since" in document:  # the minute in which it was asked
            del document["since"], document_there["since"]
        document_there.pop("request_id", None)
        assert document == document_there
        return
    assert said == said_there and said.strip()


@pytest.mark.parametrize("words", [
    ("task", "show", "nobody"), ("metrics", "99"), ("deploy", "99"), ("rollback", "nobody"), ("cancel", "1"),
    ("add-data", "nobody", "rows.csv"), ("forward-batch", "small", "rows.csv", "-o", "answers.xlsx"),
    ("forward-batch", "small", "nothing.csv", "-o", "x.csv"), ("key", "revoke", "7"), ("compare", "99"),
    ("artifacts", "1", "nothing.txt", "-o", "x"), ("dataset", "rows", "small", "--version", "9", "-o", "x.csv"),
    ("task", "edit", "small", "--private", "nope"), ("retrain", "small", "--set", "depth=deep", "--set", "odd=1"),
    ("retrain", "small", "--trainer", "nobody"), ("evaluate", "small", "faulty.csv"),
], ids=" ".join)
def test_both_refuse_in_the_same_words(here, there, home, monkeypatch, words):
    monkeypatch.chdir(home)
    (home / "faulty.csv").write_bytes(csv_of(3, seed=7) + b"1,2\n" + b"x," * 9 + b"\n")
    said, said_there = (_errors(progon(*words, code=1).stderr) for progon in (here, there))
    assert said == said_there != []
    assert not (home / "x.csv").exists() and not (home / "x").exists()
    told, told_there = (json.loads(progon(*words, "--json", code=1).stderr.splitlines()[-1])
                        for progon in (here, there)) if words[:2] != ("dataset", "rows") else ({}, {})
    assert told == told_there


def _errors(stderr: str) -> list[str]:
    return [line for line in stderr.splitlines() if line.startswith("error: ")]


def test_an_error_for_machines_is_a_problem_as_the_api_has_it(here):
    refused = here("task", "edit", "small", "--private", "nope", "--private", "none", "--json", code=1)
    told = json.loads(refused.stderr.splitlines()[-1])
    assert refused.stdout == "" and (told["status"], told["title"]) == (400, "bad request")
    assert [fault["where"] for fault in told["errors"]] == ["column none", "column nope"] or len(told["errors"]) == 2


@pytest.mark.parametrize("progon", ["here", "there"])
def test_answers_go_to_standard_output(request, progon, home):
    run = request.getfixturevalue(progon)
    result = run("forward-batch", "small", home / "rows.csv", "-o", "-")
    assert len(list(csv.DictReader(io.StringIO(result.stdout)))) == ROWS
    assert f"{ROWS} rows answered by experiment 1: -" in result.stderr
    described = run("forward-batch", "small", home / "rows.csv", "-o", "-", "--json")
    assert described.stdout == result.stdout and json.loads(described.stderr.splitlines()[-1])["count"] == ROWS
    rows = run("dataset", "rows", "small", "--version", "1", "-o", "-").stdout
    assert len(rows.splitlines()) == 601
    model = run("artifacts", "1", "model.onnx", "-o", "-").stdout_bytes
    run("artifacts", "1", "model.onnx", "-o", home / "model.onnx")
    assert (home / "model.onnx").read_bytes() == model != b""


def test_answers_are_the_same_files(here, there, home):
    for name in ("a.csv", "a.parquet", "a.arrow"):
        here("forward-batch", "small", home / "rows.csv", "-o", home / name)
        there("forward-batch", "small", home / "rows.csv", "-o", home / f"there-{name}")
        assert (home / name).read_bytes() == (home / f"there-{name}").read_bytes() != b""
    here("dataset", "rows", "small", "-o", home / "rows-here.parquet")
    there("dataset", "rows", "small", "-o", home / "rows-there.parquet")
    assert (home / "rows-here.parquet").read_bytes() == (home / "rows-there.parquet").read_bytes() != b""


def _row() -> dict[str, object]:
    cells = next(csv.DictReader(io.StringIO(csv_of(1, seed=7).decode())))
    return {column.name: float(cell) if column.type is ColumnType.NUMBER and cell else cell or None
            for column in TASK.schema.features for cell in [cells[column.name]]}


def test_a_row_on_standard_input(here, there):
    typed = json.dumps(_row())
    answers = [progon.told("forward", "small", typed=typed) for progon in (here, there)]
    assert len({answer.pop("request_id") for answer in answers}) == 2
    assert answers[0] == answers[1]
    assert here("forward", "small", typed=typed).stdout == there("forward", "small", typed=typed).stdout
    for typed in ("{", "[]", "", '{"a": 1}'):
        assert _errors(here("forward", "small", typed=typed, code=1).stderr) == _errors(
            there("forward", "small", typed=typed, code=1).stderr) != []


def test_a_row_is_explained(here, there):
    row = _row()
    one, one_there = (progon.told("forward", "small", "--explain", typed=json.dumps(row)) for progon in (here, there))
    assert one["explanation"] == one_there["explanation"]
    assert one["explanation"]["base"] + sum(one["explanation"]["contributions"].values()) == pytest.approx(
        one["probabilities"][str(one["prediction"])], abs=1e-5)
    for typed in (json.dumps(row), json.dumps([row, row])):
        said, said_there = (progon("forward", "small", "--explain", typed=typed).stdout for progon in (here, there))
        assert said == said_there
    assert said.count("to the mean answer") == 1 and len(said.splitlines()) == 8


def test_the_audit_is_checked_from_afar(here, there):
    there("task", "edit", "small", "--description", "from afar")
    assert "anna" in there("audit", "--who", "anna").stdout
    assert here("audit").stdout == there("audit").stdout
    assert here("audit", "--json").stdout == there("audit", "--json").stdout
    assert here("audit", "--check").stdout == there("audit", "--check").stdout != ""


def test_a_queued_run_says_how_many_are_before_it(here, there, home):
    queued = [there.told("retrain", "small")["experiment_id"] for _ in range(2)]
    try:
        for progon in (here, there):
            assert "it waits, 1 before it" in progon("metrics", queued[1]).stdout
            assert "it waits, none before it" in progon("metrics", queued[0]).stdout
            status = progon("status").stdout
            assert "ready" in status and f"{queued[1]}  small  queued" in " ".join(status.split()).replace(" ", "  ")
    finally:
        for number in queued:
            there("cancel", number)


def test_status(here, there, home, tmp_path):
    told, told_there = here.told("status"), there.told("status")
    assert (told.pop("place"), told_there.pop("place")) == (str(home), there.url)
    assert told == told_there and told["status"] == "ready"
    assert told["tasks"] == [{"task": "small", "rows": 640, "experiment_id": 1}]
    assert CliRunner().invoke(main, ["status"], env=NOTHING | {"PROGON_HOME": str(tmp_path)}).exit_code == 1


def test_a_key_that_may_not_is_refused(there):
    assert there("task", "list", key=READER).stdout
    assert "has not the right" in there("deploy", "1", key=READER, code=1).stderr
    refused = there("deploy", "1", "--json", key="wrong", code=1)
    told = json.loads(refused.stderr.splitlines()[-1])
    assert told["status"] == 401 and "PROGON_KEY" in told["detail"]
    assert there("status", key=READER).stdout


def test_url_and_key_as_options(there, tmp_path):
    env = NOTHING | {"PROGON_HOME": str(tmp_path / "none")}
    result = CliRunner().invoke(main, ["--url", there.url + "/", "--key", KEY, "task", "list"], env=env)
    assert result.exit_code == 0 and "small" in result.stdout and result.stderr == ""
    assert not (tmp_path / "none").exists()


@pytest.mark.parametrize(("arguments", "words"), [
    (["--url", "http://127.0.0.1:1", "serve"], "works on this machine"),
    (["--url", "http://127.0.0.1:1", "backup", "x"], "works on this machine"),
    (["--url", "http://127.0.0.1:1", "extract-data"], "works on this machine"),
    (["--url", "127.0.0.1:8000", "task", "list"], "is no address"),
    (["--url", "ftp://here", "task", "list"], "is no address"),
    (["--key", "k", "task", "list"], "--url names"),
    (["--ca-cert", "ca.pem", "task", "list"], "--url names"),
    (["--key", "k\n", "--url", "http://127.0.0.1:1", "task", "list"], "no key has"),
    (["task", "list", "--colour"], "No such option"),
    (["tasks"], "No such command"),
])
def test_wrong_usage(arguments, words, tmp_path):
    result = CliRunner().invoke(main, arguments, env=NOTHING | {"PROGON_HOME": str(tmp_path)})
    assert (result.exit_code, words in result.stderr) == (2, True), result.output


@pytest.mark.parametrize("arguments", [["metrics", "one"], ["task", "show"], ["metrics", "1", "--colour"], ["tasks"],
                                       ["task", "create", "new"]], ids=" ".join)
def test_wrong_usage_for_machines(arguments, tmp_path):
    result = CliRunner().invoke(main, [*arguments, "--json"], env=NOTHING | {"PROGON_HOME": str(tmp_path)})
    told = json.loads(result.stderr)
    assert (result.exit_code, result.stdout, told["title"]) == (2, "", "wrong usage") and told["detail"]


def test_the_key_is_not_shown_among_the_settings():
    said = CliRunner().invoke(main, ["settings"], env={"PROGON_URL": "http://there", "PROGON_KEY": "hush-hush"}).stdout
    assert "PROGON_KEY=***" in said and "PROGON_URL=http://there" in said and "hush-hush" not in said


@pytest.mark.parametrize("form", [(), ("--json",)])
def test_no_password_of_a_url_is_shown_among_the_settings(form):
    said = CliRunner().invoke(main, ["settings", *form], env={
        "PROGON_MLFLOW_URL": "https://anna:hush-hush@mlflow.example.org/ml", "PROGON_API_KEYS": "hidden",
        "PROGON_DATABASE_URL": "postgresql+psycopg://progon@db/progon"}).stdout
    assert "https://anna:***@mlflow.example.org/ml" in said and "//progon@db/progon" in said
    assert "hush-hush" not in said and "hidden" not in said


def test_nobody_answers(tmp_path):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        progon = Progon(tmp_path, f"http://127.0.0.1:{taken.getsockname()[1]}")
        assert f"no service answers at {progon.url}" in progon("task", "list", code=1).stderr
        assert json.loads(progon("status", "--json", code=1).stderr)["status"] == 503


@pytest.mark.parametrize("variable", ["PROGON_CA_CERT", "SSL_CERT_FILE"])
def test_a_service_that_an_own_authority_vouches_for(home, tmp_path, variable):
    certificates = Certificates.made(tmp_path)
    with served(Settings(home=home, api_keys=f"{KEY}:write:anna", refresh_s=0.01, **certificates.settings())) as url:
        assert "CERTIFICATE_VERIFY_FAILED" in Progon(home, url)("task", "list", code=1).stderr
        trusting = Progon(home, url, environment={variable: str(certificates.ca)})
        assert "small" in trusting("task", "list").stdout
        trusting("--ca-cert", certificates.ca, "task", "list")


@pytest.mark.parametrize(("content", "words"), [
    (None, "No such file or directory"), (b"hello", "no certificate in PEM")])
@pytest.mark.parametrize("variable", ["PROGON_CA_CERT", "SSL_CERT_FILE"])
def test_an_authority_that_cannot_be_read(tmp_path, variable, content, words):
    file = tmp_path / "ca.pem"
    if content is not None:
        file.write_bytes(content)
    progon = Progon(tmp_path, "https://127.0.0.1:1", environment={variable: str(file)})
    said = progon("task", "list", code=1).stderr
    assert variable in said and words in said


class _Other(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        found = self.path.startswith("/tasks")
        self.send_response(200 if found else 404)
        self.end_headers()
        self.wfile.write(b"<html>hello</html>")

    def log_message(self, *_: object) -> None:
        """Nothing."""


def test_another_service_is_told_from_ours(tmp_path):
    with HTTPServer(("127.0.0.1", 0), _Other) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        progon = Progon(tmp_path, f"http://127.0.0.1:{server.server_port}")
        assert "cannot be understood" in progon("task", "list", code=1).stderr
        assert "404 Not Found, which is no answer of Progon" in progon("metrics", 1, code=1).stderr
        server.shutdown()
        thread.join()


@pytest.mark.parametrize("arguments", [
    ["task", "list"], ["experiments", "x"], ["deploy", "1"], ["retrain", "x"], ["key", "list"], ["check"],
    ["backup", "x.tar.gz"], ["audit"], ["import", "x", __file__], ["history", "--json"]], ids=" ".join)
def test_no_home_is_made_by_accident(arguments, tmp_path):
    env = NOTHING | {"PROGON_HOME": str(tmp_path / "none")}
    result = CliRunner().invoke(main, arguments, env=env)
    assert (result.exit_code, f"no Progon home at {tmp_path / 'none'}" in result.stderr) == (1, True), result.output
    assert not (tmp_path / "none").exists()


@pytest.mark.parametrize("arguments", [
    ["task", "look", "rows.csv"], ["task", "create", "new", "--data", "rows.csv", "--target", TASK.schema.target.name,
                                   "--dry-run"], ["trainers"]], ids=" ".join)
def test_what_keeps_nothing_needs_no_home(arguments, home, monkeypatch, tmp_path):
    monkeypatch.chdir(home)
    result = CliRunner().invoke(main, arguments, env=NOTHING | {"PROGON_HOME": str(tmp_path / "none")})
    assert result.exit_code == 0, result.output
    assert not (tmp_path / "none").exists() and result.stdout


def test_a_command_says_which_home_it_works_on(here, home, tmp_path):
    assert here("task", "list").stderr == f"home: {home}\n"
    env = NOTHING | {"PROGON_HOME": str(tmp_path / "new")}
    made = CliRunner().invoke(main, ["task", "create", "new", "--data", str(home / "rows.csv"), "--target",
                                     TASK.schema.target.name], env=env)
    assert made.exit_code == 0 and f"home: {tmp_path / 'new'}\n" in made.stderr
    container = make_container(Settings(home=tmp_path / "new"))
    assert [task.name for task in ports.task_catalog(container).all()] == ["new"]
    ports.storage(container).close()


def test_a_database_is_named_without_its_password(home):
    url = f"sqlite:///{home / 'progon.db'}"
    said = Progon(home, environment={"PROGON_DATABASE_URL": url})("task", "list").stderr
    assert said == f"home: {home}, database {url}\n"
    postgres = "postgresql+psycopg://anna:secret@127.0.0.1:1/none?connect_timeout=1&password=more"
    refused = Progon(home, environment={"PROGON_DATABASE_URL": postgres})("task", "list", code=1).stderr
    assert "secret" not in refused and "more" not in refused and "127.0.0.1:1/none" in refused


def test_the_variable_of_a_url_leaves_what_is_of_this_machine_alone(home, tmp_path):
    env = {"PROGON_URL": "http://127.0.0.1:1", "PROGON_HOME": str(home)}
    result = CliRunner().invoke(main, ["backup", str(tmp_path / "all.tar.gz")], env=env)
    assert result.exit_code == 0 and f"home: {home}" in result.stderr, result.output


def test_private_columns_are_not_exported_from_afar(here, there, home):
    here("export-data", "small", "-o", home / "given")
    assert "is private" in there("export-data", "small", "-o", home / "not given", code=1).stderr
    assert not (home / "not given").exists()


def test_a_file_that_is_refused_early_is_told_why(there, home):
    """Long before all of it is sent."""
    with (home / "large.csv").open("wb") as file:
        file.truncate(64 << 20)
    refused = there("add-data", "small", home / "large.csv", "--json", key="wrong", code=1)
    assert json.loads(refused.stderr.splitlines()[-1])["status"] == 401


def test_columns_that_nobody_knows_are_ignored_by_name(here, there, home):
    lines = csv_of(ROWS, seed=7).splitlines()
    (home / "odd.csv").write_bytes(b"\n".join([b"customer," + lines[0], *(b"c," + line for line in lines[1:]), b""]))
    for progon in (here, there):
        assert "column customer: is unknown" in progon("evaluate", "small", home / "odd.csv", code=1).stderr
        assert "\nignored: customer" in progon("evaluate", "small", home / "odd.csv", "--ignore-extra").stdout
        told = progon.told("forward-batch", "small", home / "odd.csv", "-o", home / "odd answers.csv", "--ignore-extra")
        assert told["ignored"] == ["customer"]
        assert (home / "odd answers.csv").read_text(encoding="utf-8").startswith("customer,")


def test_some_rows_on_standard_input(here, there):
    row = _row()
    typed = json.dumps([row | {"customer": 1}, row | {"customer": 2}])
    for progon in (here, there):
        assert "customer: is unknown" in progon("forward", "small", typed=typed, code=1).stderr
    said, said_there = (progon("forward", "small", "--ignore-extra", typed=typed).stdout for progon in (here, there))
    assert said == said_there and said.splitlines()[0].split() == ["row", "prediction", "0", "1"]
    assert said.splitlines()[-1] == "ignored: customer"
    told, told_there = (progon.told("forward", "small", "--ignore-extra", typed=typed) for progon in (here, there))
    assert told.pop("request_id") != told_there.pop("request_id") and list(told) == list(told_there)
    assert told == told_there and told["count"] == 2
