"""The contract of the port Seal."""
from __future__ import annotations

import re

import pytest

from adapters.authlib.seal import AuthlibSeal
from application.ports.seal import BrokenSeal
from tests.fakes.seal import InMemorySeal

SAID = {"name": "анна \"quoted\"", "rights": ["read"], "n": 1.5, "none": None, "more": {"a": "b"}}


@pytest.fixture(params=["memory", "authlib"])
def seal(request):
    return InMemorySeal() if request.param == "memory" else AuthlibSeal(bytes(32))


def test_what_is_said_comes_back(seal):
    text = seal.closed("session", SAID)
    assert re.fullmatch(r"[\w.-]+", text, re.ASCII) and seal.opened("session", text) == SAID


def test_for_another_purpose_it_does_not_open(seal):
    with pytest.raises(BrokenSeal):
        seal.opened("leaving", seal.closed("session", SAID))


@pytest.mark.parametrize("text", ["", "a", "..", "a.b.c", "a.b.7", "ж.ж.ж", "\0", "a.b." + "9" * 5_000, "." * 10_000,
                                  "eyJhbGciOiJub25lIn0.eyJmb3IiOiJzZXNzaW9uIiwic2FpZCI6e319."])
def test_what_was_never_sealed(seal, text):
    with pytest.raises(BrokenSeal):
        seal.opened("session", text)


def test_what_was_changed(seal):
    text = seal.closed("session", SAID)
    for changed in (text[:-1], text + "A", "A" + text, text.replace(".", "", 1)):
        with pytest.raises(BrokenSeal):
            seal.opened("session", changed)


def test_processes_with_one_key_break_the_seals_of_each_other_and_no_others():
    text = AuthlibSeal(bytes(32)).closed("session", SAID)
    assert AuthlibSeal(bytes(32)).opened("session", text) == SAID
    with pytest.raises(BrokenSeal):
        AuthlibSeal(b"1" * 32).opened("session", text)
