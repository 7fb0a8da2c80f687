"""The contract of the port Keyring."""
from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pytest

from adapters.sqlmodel.keyring import SqlmodelKeyring
from application.ports.keyring import KeyNameTaken, UnknownKey
from domain.api_key import ApiKey, Right, digest_of
from tests.fakes.clock import START
from tests.fakes.keyring import InMemoryKeyring

LATER = START + timedelta(days=1)
KEY = ApiKey(0, "анна 'quoted' \"twice\"", digest_of("secret"), frozenset({Right.READ, Right.DEPLOY}), START,
             frozenset({"flights", "nuclei"}), "root", LATER)
BARE = ApiKey(0, "ci", digest_of("other"), frozenset({Right.ADMIN}), START)


@pytest.fixture
def keyring(database_or_none):
    return SqlmodelKeyring(database_or_none) if database_or_none else InMemoryKeyring()


def test_no_key_was_made(keyring):
    assert list(keyring.all()) == [] and keyring.changes() == 0


def test_every_field_comes_back(keyring):
    first, second = keyring.add(KEY), keyring.add(BARE)
    assert (first, second) == (replace(KEY, id=first.id), replace(BARE, id=second.id)) and 0 < first.id < second.id
    assert list(keyring.all()) == [first, second]


def test_a_revoked_key_stays_with_its_first_moment(keyring):
    key = keyring.add(KEY)
    assert keyring.revoke(key.id, LATER) == replace(key, revoked_at=LATER)
    assert keyring.revoke(key.id, LATER + timedelta(days=1)).revoked_at == LATER
    assert list(keyring.all()) == [replace(key, revoked_at=LATER)]


def test_every_change_is_counted(keyring):
    first, _ = keyring.add(KEY), keyring.add(BARE)
    assert keyring.changes() == 2
    for _ in range(2):
        keyring.revoke(first.id, LATER)
        assert keyring.changes() == 3


def test_a_name_is_of_one_key_until_it_is_revoked(keyring):
    first = keyring.add(KEY)
    another = replace(KEY, digest=digest_of("another"))
    with pytest.raises(KeyNameTaken, match="анна"):
        keyring.add(another)
    assert keyring.changes() == 1
    keyring.revoke(first.id, LATER)
    assert keyring.add(another).id > first.id


@pytest.mark.parametrize("key_id", [0, -1, 7, 2**31, 10**30])
def test_one_that_is_not_there(keyring, key_id):
    keyring.add(KEY)
    with pytest.raises(UnknownKey):
        keyring.revoke(key_id, LATER)
    assert keyring.changes() == 1


def test_of_many_that_want_one_name_at_once_one_gets_it(keyring):
    def add(number: int) -> bool:
        try:
            keyring.add(replace(KEY, digest=digest_of(str(number))))
        except KeyNameTaken:
            return False
        return True

    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(add, range(8))) == 1
    assert keyring.changes() == 1
