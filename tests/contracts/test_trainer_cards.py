"""The contract of the port TrainerCards."""
from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from adapters.catboost.card import CARD
from adapters.matrix.cards import LINEAR
from adapters.sqlmodel.trainer_cards import SqlmodelTrainerCards
from domain.trainer_card import Parameter, TrainerCard
from tests.fakes.clock import START
from tests.fakes.trainer_cards import InMemoryTrainerCards

MINE = TrainerCard("mine", (), (), {"глубина": Parameter("text", "два", choices=("один", "два"), meaning='a "b"')})


@pytest.fixture
def cards(database_or_none):
    return InMemoryTrainerCards() if database_or_none is None else SqlmodelTrainerCards(database_or_none)


def test_nobody_has_told_of_any(cards):
    assert list(cards.all(START)) == []


def test_every_field_comes_back_by_name(cards):
    cards.publish("here", [MINE, CARD, LINEAR], START)
    assert list(cards.all(START)) == [CARD, LINEAR, MINE]


def test_a_machine_tells_all_that_it_has(cards):
    cards.publish("here", [MINE, CARD], START)
    cards.publish("there", [LINEAR], START)
    cards.publish("here", [CARD], START + timedelta(seconds=1))
    assert [card.name for card in cards.all(START)] == ["catboost", "linear"]


def test_of_one_name_what_was_told_last(cards):
    cards.publish("zoo", [MINE], START + timedelta(seconds=1))
    cards.publish("ark", [replace(MINE, refits=True)], START)
    assert list(cards.all(START)) == [MINE]


def test_who_was_silent_for_long_is_not_counted_on(cards):
    cards.publish("here", [MINE], START)
    assert list(cards.all(START + timedelta(seconds=1))) == []
