"""`progon key`: the key is printed once and opens the service of the same database."""
from __future__ import annotations

import json
from functools import partial

import pytest

from domain.api_key import digest_of
from entrypoints.commands.serve import _check, _check_open
from entrypoints.settings import Settings, WrongSetting
from entrypoints.wiring import ports
from entrypoints.wiring.container import make_container
from tests.commands import BOTH, progon_on


@pytest.fixture
def settings(tmp_path, make_database_url) -> Settings:
    return Settings(home=tmp_path, database_url=make_database_url("sqlite"), host="0.0.0.0")


@pytest.fixture(params=BOTH)
def progon(request, settings):
    with progon_on(settings.home, request.param, database_url=settings.database_url) as progon:
        yield partial(progon, "key")


def test_a_key_is_printed_listed_and_revoked(progon, settings):
    assert progon("list").stdout == "no key was made\n"
    secret = progon("create", "--name", "ci", "--rights", "read, predict", "--days", "90").stdout.strip()
    listed = progon("list")
    assert secret not in listed.output and "ci" in listed.stdout and "in force until" in listed.stdout
    key, = json.loads(progon("list", "--json").stdout)["keys"]
    assert (key["name"], key["rights"], key["tasks"]) == ("ci", ["predict", "read"], []) and key["created_by"]
    container = make_container(settings)
    assert ports.keyring(container).all()[0].digest == digest_of(secret)
    ports.storage(container).close()
    assert progon("revoke", str(key["id"])).stdout == "ci is revoked\n"
    assert "revoked" in progon("list").stdout


def test_what_cannot_be_made_or_revoked_is_told(progon):
    told = progon("create", "--name", "", "--rights", "all", "--days", "-1", "--task", "nope", code=1)
    for fault in ("name: expected", "rights: all is none", "days: expected", "tasks: there is no task nope"):
        assert fault in told.stderr
    assert "there is no key 7" in progon("revoke", "7", code=1).stderr
    assert progon("list").stdout == "no key was made\n"


def test_with_a_key_that_was_made_it_listens_on_any_address(progon, settings):
    container = make_container(settings)
    with pytest.raises(WrongSetting, match="progon key create"):
        _check_open(container)
    progon("create", "--name", "ci", "--rights", "admin")
    _check_open(container)
    ports.storage(container).close()


def test_a_key_of_the_setting_that_can_be_guessed_is_warned_of(caplog):
    strong = "0123456789abcdef" * 2
    _check(Settings(api_keys=f"secret:write:anna,{strong}:read"))
    assert "anna has less than 128 bits" in caplog.text and "secret" not in caplog.text
    assert len(caplog.records) == 1
