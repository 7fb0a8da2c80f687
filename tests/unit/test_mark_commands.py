"""What people say of experiments, on a home with a real database and by the URL of a service that has it."""
from __future__ import annotations

from types import SimpleNamespace

import pytest

from domain.experiment import Experiment
from entrypoints.commands import retrain
from entrypoints.settings import Settings
from entrypoints.wiring.container import make_container
from tests.builders import make_task, succeeded
from tests.commands import BOTH, KEY, Progon, progon_on
from tests.fakes.clock import START


@pytest.fixture
def home(tmp_path):
    container = make_container(Settings(home=tmp_path))
    container.storage().migrate()
    for name in ("flights", "other"):
        task = container.task_catalog().add(make_task(name=name))
        for _ in range(2):
            container.experiment_log().add(succeeded(task))
    container.storage().close()
    return tmp_path


@pytest.fixture(params=BOTH)
def progon(request, home):
    with progon_on(home, request.param) as progon:
        yield progon


def listed(progon: Progon, *options: str) -> list[int]:
    return [one["experiment_id"] for one in progon.told("experiments", *options)["experiments"]]


def test_tags_come_beside_those_there_are_and_go(progon):
    assert progon("tag", 1).stdout == "experiment 1: no tags\n"
    assert progon.told("tag", 1, "good", "week 48")["tags"] == ["good", "week 48"]
    assert progon.told("tag", 1, "new", "good", "--remove", "week 48")["tags"] == ["good", "new"]
    assert progon("tag", 1).stdout == "experiment 1: good, new\n"
    assert listed(progon, "flights", "--filter", 'tag = "new"') == [1]
    assert "tags: good, new" in progon("metrics", 1).stdout
    assert progon("experiments", "flights").stdout.count("good, new") == 1


def test_a_note_is_written_read_and_taken_away(progon):
    assert progon("note", 1).stdout == "experiment 1 has no note\n"
    assert progon.told("note", 1, "twice the trees")["note"] == "twice the trees"
    assert progon("note", 1).stdout == "twice the trees\n"
    assert progon.told("note", 1, "-", typed="of\nstandard input\n")["note"] == "of\nstandard input"
    assert "note: of\nstandard input" in progon("metrics", 1).stdout
    assert listed(progon, "--search", "standard") == [1]
    assert progon.told("note", 1, "")["note"] == ""


def test_one_of_a_task_is_the_baseline(progon):
    assert progon("pin", 1).stdout == "experiment 1 is the baseline of flights\n"
    assert progon("pin", 2).stdout == "experiment 2 is the baseline of flights\n"
    progon("pin", 3)
    assert listed(progon, "flights", "--pinned") == [2] and listed(progon, "--pinned") == [3, 2]
    assert "the baseline of its task" in progon("metrics", 2).stdout
    assert progon("unpin", 2).stdout == "experiment 2 is not the baseline of flights\n"
    assert progon("experiments", "flights", "--pinned").stdout == "no experiment is so\n"


def test_what_is_in_the_archive_is_left_out_of_lists(progon):
    assert progon("archive", 1).stdout == "experiment 1 is in the archive\n"
    assert listed(progon, "flights") == [2] and listed(progon, "flights", "--archived", "only") == [1]
    assert "in the archive" in progon("metrics", 1).stdout
    assert progon("unarchive", 1).stdout == "experiment 1 is not in the archive\n"
    assert listed(progon, "flights") == [2, 1]


def test_a_name(progon):
    assert progon("rename", 1, "the first").stdout == "experiment 1 is called the first\n"
    assert progon.told("metrics", 1)["name"] == "the first"


def test_who_did_it_stands_in_the_history(progon):
    progon("tag", 1, "good")
    entry, = progon.told("history", "flights")["entries"]
    assert entry["by"] == progon.told("whoami")["name"] and entry["detail"]["tags"] == {"before": [], "after": ["good"]}


@pytest.mark.parametrize(("words", "said"), [
    (("tag", 1, "a,b"), "tags is a list of texts of 1 to 50 characters without commas"),
    (("tag", 99, "good"), "there is no experiment 99"), (("note", 99), "there is no experiment 99"),
    (("note", 1, "x" * 10_001), "note is a text of at most 10000 characters"),
    (("pin", 99), "there is no experiment 99"), (("archive", 99), "there is no experiment 99")])
def test_what_cannot_be_said_is_told(progon, words, said):
    assert said in progon(*words, code=1).stderr


def test_what_a_key_may(home):
    with progon_on(home, "by url") as progon:
        assert progon("whoami").stdout == "anna: predict, read, data, train, deploy, admin\n"
        assert progon.told("whoami")["tasks"] == []
        assert "the key is unknown" in progon("whoami", code=1, key=f"1{KEY[1:]}").stderr


def test_all_of_them_page_by_page(progon):
    assert listed(progon) == [4, 3, 2, 1] and listed(progon, "--offset", "1", "--limit", "2") == [3, 2]
    assert "task" in progon("experiments").stdout.splitlines()[0]
    progon("tag", 1, "good")
    progon("tag", 2, "good")
    newest, = progon.told("history", "--limit", "1")["entries"]
    before, = progon.told("history", "--before", newest["id"])["entries"]
    assert (newest["detail"]["experiment_id"], before["detail"]["experiment_id"]) == (2, 1)


@pytest.mark.parametrize(("ends", "code"), [("succeed", 0), ("fail", 1)])
def test_one_that_goes_on_is_watched_to_its_end(progon, home, monkeypatch, ends, code):
    container = make_container(Settings(home=home))
    log = container.experiment_log()
    number = log.add(Experiment(0, "flights", "late", 1, "0" * 40, START, {})).id
    log.update(number, lambda queued: queued.start(START))

    def end(_: float) -> None:
        log.update(number, lambda running: running.succeed(START, {}, from_cache=False) if ends == "succeed"
                   else running.fail(START, "boom"))

    monkeypatch.setattr(retrain, "time", SimpleNamespace(sleep=end))
    said = progon("watch", number, code=code).stdout
    assert f"experiment {number} (late): {'succeeded' if code == 0 else 'failed'}" in said
    assert ("error: boom" in said) == bool(code)
    container.storage().close()


def test_a_task_as_it_was(progon):
    progon("task", "edit", "flights", "--description", "new")
    assert progon.told("task", "show", "flights", "--schema-version", 1)["description"] != "new"
    assert progon.told("task", "show", "flights")["description"] == "new"
    assert "schema version 9" in progon("task", "show", "flights", "--schema-version", 9, code=1).stderr
