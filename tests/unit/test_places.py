"""What the environment may be: variables of Kubernetes, prefixes, origins, addresses of IPv6, code without git."""
from __future__ import annotations

import logging
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner

from domain.provenance import stamp
from domain.task import Task
from entrypoints import settings
from entrypoints.cli import main
from entrypoints.processes import home_lock
from entrypoints.settings import Settings, WrongSetting, is_loopback
from tests.builders import make_task, succeeded
from tests.fakes.clock import START

TASK: Task = make_task()


@pytest.fixture(autouse=True)
def fresh() -> Iterator[None]:
    for kept in (settings._of_git, settings._warn_of_kubernetes):
        kept.cache_clear()
    yield
    settings._of_git.cache_clear()


@pytest.mark.parametrize("text", ["tcp://10.96.12.7:8000", "udp://10.0.0.1:53", "tcp://[fd00::7]:8000"])
def test_a_variable_of_kubernetes_is_passed_over_and_told_once(caplog, text):
    for _ in range(2):
        assert Settings.from_environment({"PROGON_PORT": text}).port == 8000
    told, = caplog.records
    assert told.levelno == logging.WARNING and f"PROGON_PORT={text}" in told.getMessage()


def test_other_variables_are_not_passed_over():
    with pytest.raises(WrongSetting, match="expected a whole number"):
        Settings.from_environment({"PROGON_PORT": "http://x:1"})
    with pytest.raises(WrongSetting, match="expected a whole number"):
        Settings.from_environment({"PROGON_WORKERS": "tcp://10.96.12.7:8000"})


def test_the_command_shows_what_is_in_force():
    shown = CliRunner().invoke(main, ["settings"], env={"PROGON_PORT": "tcp://10.96.12.7:8000"})
    assert shown.exit_code == 0 and "PROGON_PORT=8000\n" in shown.output


@pytest.mark.parametrize(("given", "prefix"), [("/ml/progon", "/ml/progon"), ("/ml/", "/ml"), ("/", ""), ("", "")])
def test_a_prefix(given, prefix):
    assert Settings(root_path=given).prefix == prefix


@pytest.mark.parametrize("given", ["ml", "//evil.example", "/ml//x", "/a b", "/..", "/ml/../x", "https://x/ml", "/x?y"])
def test_what_is_no_prefix_is_named(given):
    with pytest.raises(WrongSetting, match="PROGON_ROOT_PATH"):
        Settings(root_path=given)


def test_origins():
    assert Settings(cors_origins=" https://a.example , http://[::1]:3000,").origins == [
        "https://a.example", "http://[::1]:3000"]
    assert Settings(cors_origins="*").origins == ["*"] and Settings().origins == []


@pytest.mark.parametrize("given", [
    "a.example", "https://a.example/", "https://a.example/x", "https://*.example", "null"])
def test_what_is_no_origin_is_named(given):
    with pytest.raises(WrongSetting, match="PROGON_CORS_ORIGINS"):
        Settings(cors_origins=given)


@pytest.mark.parametrize(("host", "listens_on", "url"), [
    ("::1", "::1", "http://[::1]:8000"), ("[::1]", "::1", "http://[::1]:8000"),
    ("127.0.0.1", "127.0.0.1", "http://127.0.0.1:8000")])
def test_an_address_of_ipv6_stands_in_brackets(host, listens_on, url):
    assert (Settings(host=host).listens_on, Settings(host=host).url) == (listens_on, url)


@pytest.mark.parametrize(("host", "here"), [
    ("127.0.0.1", True), ("127.8.0.1", True), ("::1", True), ("localhost", True), ("10.0.0.1", False),
    ("backend", False), ("localhost.example", False)])
def test_addresses_of_this_machine(host, here):
    assert is_loopback(host) is here


def git(folder: Path, *arguments: str) -> None:
    subprocess.run(["git", "-c", "user.name=x", "-c", "user.email=x@example.org", *arguments], cwd=folder, check=True,
                   capture_output=True)


def test_a_folder_without_git(monkeypatch, tmp_path):
    monkeypatch.setattr(settings, "ROOT", tmp_path)
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    assert Settings().commit() == "unknown"
    assert "in no git repository; set PROGON_COMMIT_HASH" in Settings().commit_reason()
    assert Settings().for_children()["PROGON_COMMIT_HASH"] == ""


def test_a_folder_that_lies_untracked_in_another_repository(monkeypatch, tmp_path):
    (tmp_path / "code").mkdir()
    (tmp_path / "code" / "dvc.yaml").write_text("{}")
    git(tmp_path, "init", "-q")
    git(tmp_path, "commit", "-q", "--allow-empty", "-m", "x")
    monkeypatch.setattr(settings, "ROOT", tmp_path / "code")
    assert (Settings().commit(), "does not hold it" in Settings().commit_reason()) == ("unknown", True)
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "-q", "-m", "y")
    settings._of_git.cache_clear()
    assert len(Settings().commit()) == 40 and Settings().commit_reason() == ""


@pytest.mark.parametrize(("complaint", "words"), [
    ("fatal: detected dubious ownership in repository at '/srv/code'", "another owner"),
    ("fatal: not a git repository (or any of the parent directories): .git", "no git repository"),
    ("fatal: ambiguous argument 'HEAD'", "does not know the commit")])
def test_what_git_complains_of_is_said_without_a_path(complaint, words):
    assert words in settings._said(complaint) and "/srv" not in settings._said(complaint)


def test_no_git_at_all(monkeypatch):
    monkeypatch.setenv("PATH", "/nowhere")
    assert (Settings().commit(), "git cannot be run" in Settings().commit_reason()) == ("unknown", True)


def test_a_commit_that_is_set_needs_no_git(monkeypatch):
    monkeypatch.setenv("PATH", "/nowhere")
    assert (Settings(commit_hash="abc").commit(), Settings(commit_hash="abc").commit_reason()) == ("abc", "")


def test_a_model_says_why_its_commit_is_unknown():
    experiment = replace(succeeded(TASK), commit_hash="unknown")
    assert stamp(experiment, {}, START, "no git")["commit_reason"] == "no git"
    assert stamp(experiment, {}, START)["commit_reason"]
    assert stamp(replace(experiment, commit_hash="abc"), {}, START, "no git")["commit_reason"] == ""


def test_a_home_is_held_once(tmp_path):
    with (home_lock.held(tmp_path, "progon serve"),
          pytest.raises(WrongSetting, match=r"in use by another service \(process \d+, progon serve\)"),
          home_lock.held(tmp_path, "progon worker")):
        pass
    with home_lock.held(tmp_path, "progon worker"):
        pass
