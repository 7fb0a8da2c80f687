"""The contract of the port KeptAnswers."""
from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from adapters.sqlmodel.kept_answers import SqlmodelKeptAnswers
from application.ports.kept_answers import KEPT_FOR, LOST_AFTER, Claim, KeptAnswer
from tests.fakes.clock import START
from tests.fakes.kept_answers import InMemoryKeptAnswers

ANSWER = KeptAnswer("ab12", 202, {"Location": "/metrics/7", "content-type": "application/json"},
                    b'{"\xd1\x8f": "\x00\xff"}')
ASKED = "PUT /retrain?task=flights"
MOMENT = timedelta(seconds=1)


@pytest.fixture
def kept(database_or_none):
    return SqlmodelKeptAnswers(database_or_none) if database_or_none else InMemoryKeptAnswers()


def test_what_is_new_is_the_callers(kept):
    assert kept.claim("анна 'q'", "a key", ASKED, START) is None
    assert kept.claim("анна 'q'", "a key", "something else", START) == Claim(ASKED)


def test_every_field_comes_back(kept):
    kept.claim("anna", "k", ASKED, START)
    kept.keep("anna", "k", ANSWER)
    assert kept.claim("anna", "k", ASKED, START + LOST_AFTER * 2) == Claim(ASKED, ANSWER)


def test_each_has_keys_of_his_own(kept):
    assert kept.claim("anna", "k", ASKED, START) is None
    assert kept.claim("", "k", ASKED, START) is None
    assert kept.claim("anna", "l", ASKED, START) is None
    kept.keep("", "k", ANSWER)
    assert kept.claim("anna", "k", ASKED, START) == Claim(ASKED)


def test_what_was_given_back_may_be_claimed_anew(kept):
    kept.claim("anna", "k", ASKED, START)
    kept.give_back("anna", "k")
    assert kept.claim("anna", "k", "other", START) is None
    assert kept.claim("anna", "k", ASKED, START) == Claim("other")


def test_what_has_an_answer_is_not_given_back(kept):
    kept.claim("anna", "k", ASKED, START)
    kept.keep("anna", "k", ANSWER)
    kept.give_back("anna", "k")
    assert kept.claim("anna", "k", ASKED, START) == Claim(ASKED, ANSWER)


def test_an_answer_is_kept_for_its_time_and_no_longer(kept):
    kept.claim("anna", "k", ASKED, START)
    kept.keep("anna", "k", ANSWER)
    assert kept.claim("anna", "k", ASKED, START + KEPT_FOR - MOMENT) == Claim(ASKED, ANSWER)
    assert kept.claim("anna", "k", ASKED, START + KEPT_FOR) is None


def test_a_claim_that_nobody_holds_is_lost(kept):
    kept.claim("anna", "k", ASKED, START)
    kept.hold("anna", "k", START + LOST_AFTER - MOMENT)
    assert kept.claim("anna", "k", ASKED, START + LOST_AFTER) == Claim(ASKED)
    assert kept.claim("anna", "k", ASKED, START + 2 * LOST_AFTER - MOMENT) is None


def test_what_is_not_there_is_passed_over(kept):
    kept.hold("anna", "k", START)
    kept.keep("anna", "k", ANSWER)
    kept.give_back("anna", "k")
    assert kept.claim("anna", "k", ASKED, START) is None


def test_of_many_at_once_one_gets_it(kept):
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda _: kept.claim("anna", "k", ASKED, START), range(8)))
    assert found.count(None) == 1 and found.count(Claim(ASKED)) == 7
