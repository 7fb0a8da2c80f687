"""Keys are made with all faults told at once, shown once, and known again by their digest."""
from __future__ import annotations

from datetime import timedelta
from itertools import count

import pytest

from application.ports.keyring import KeyNameTaken, UnknownKey
from application.serving.known_keys import KnownKeys
from application.use_cases.create_key import CreateKey, KeyWish
from application.use_cases.revoke_key import RevokeKey
from domain.api_key import Right, digest_of, granted
from domain.errors import InvalidInput
from tests.builders import make_task
from tests.fakes.clock import START, FixedClock
from tests.fakes.keyring import InMemoryKeyring
from tests.fakes.task_catalog import InMemoryTaskCatalog


@pytest.fixture
def keyring():
    return InMemoryKeyring()


@pytest.fixture
def create(keyring):
    tasks, numbers = InMemoryTaskCatalog(), count(1)
    tasks.add(make_task())
    return CreateKey(keyring, tasks, FixedClock(), lambda: f"secret {next(numbers)}")


def test_what_is_kept_is_the_digest(create, keyring):
    created = create.execute(KeyWish("ci", ["predict", "deploy"], ["flights"], 0.5), "anna")
    key, = keyring.all()
    assert created.key == key and created.secret == "secret 1" and "secret 1" not in repr(created)
    assert (key.digest, key.created_by) == (digest_of("secret 1"), "anna")
    assert (key.rights, key.tasks) == ({Right.PREDICT, Right.DEPLOY}, {"flights"})
    assert key.expires_at == START + timedelta(hours=12)
    assert not key.has_expired(key.expires_at - timedelta(seconds=1)) and key.has_expired(key.expires_at)
    assert create.execute(KeyWish("cd", ["read"])).key.expires_at is None


@pytest.mark.parametrize(("wish", "places"), [
    (KeyWish("", ["read"]), ["name"]), (KeyWish(" ci", ["read"]), ["name"]), (KeyWish("a\0b", ["read"]), ["name"]),
    (KeyWish("x" * 101, ["read"]), ["name"]), (KeyWish("ci", []), ["rights"]),
    (KeyWish("ci", ["write", "READ", "read"]), ["rights", "rights"]), (KeyWish("ci", ["read"], days=0), ["days"]),
    (KeyWish("ci", ["read"], days=float("nan")), ["days"]), (KeyWish("ci", ["read"], days=36_501), ["days"]),
    (KeyWish("ci", ["read"], ["nope", "flights"]), ["tasks"]), (KeyWish("ci", ["admin"], ["flights"]), ["tasks"]),
    (KeyWish("", [], ["nope"], -1), ["name", "rights", "days", "tasks"])])
def test_every_fault_is_told_and_nothing_is_made(create, keyring, wish, places):
    with pytest.raises(InvalidInput) as raised:
        create.execute(wish)
    assert [fault.where for fault in raised.value.faults] == places and keyring.changes() == 0


def test_a_name_is_free_again_once_its_key_is_revoked(create, keyring):
    first = create.execute(KeyWish("ci", ["read"])).key
    with pytest.raises(KeyNameTaken):
        create.execute(KeyWish("ci", ["read"]))
    clock = FixedClock(START + timedelta(days=1))
    assert RevokeKey(keyring, clock).execute(first.id).revoked_at == clock.now()
    assert create.execute(KeyWish("ci", ["read"])).key.id != first.id
    with pytest.raises(UnknownKey):
        RevokeKey(keyring, clock).execute(77)


def test_admin_stands_for_all():
    assert granted({Right.ADMIN}) == set(Right) and granted({Right.READ}) == {Right.READ}


class Counted(InMemoryKeyring):
    """times: how often all keys were asked for."""

    times = 0

    def all(self):
        self.times += 1
        return super().all()


def test_a_process_reads_the_keys_again_when_they_have_changed():
    keyring = Counted()
    known, numbers = KnownKeys(keyring), count(1)
    create = CreateKey(keyring, InMemoryTaskCatalog(), FixedClock(), lambda: f"secret {next(numbers)}")
    assert not known.is_read
    known.refresh()
    assert known.is_read and not known.any_made
    key = create.execute(KeyWish("ci", ["read"])).key
    assert known.find(key.digest) is None
    for _ in range(3):
        known.refresh()
    assert known.find(key.digest) == key and known.any_made and keyring.times == 2
    keyring.revoke(key.id, START)
    known.refresh()
    assert known.find(key.digest) is None and known.any_made, "the last key that goes must not open the door"
