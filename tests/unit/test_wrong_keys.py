"""Wrong keys are counted by address, in a table with a bound; keys that can be guessed are known."""
from __future__ import annotations

import secrets

import pytest

from domain.errors import TooManyRequests
from entrypoints.http.callers import is_weak
from entrypoints.http.wrong_keys import WrongKeys


class Timer:
    now_s = 100.0

    def __call__(self) -> float:
        return self.now_s


@pytest.fixture
def timer():
    return Timer()


def test_too_many_have_to_wait_and_no_longer(timer):
    wrong = WrongKeys(limit=3, window_s=60, now=timer)
    assert [wrong.add("1.2.3.4") for _ in range(2)] == [False, False]
    wrong.check("1.2.3.4")
    timer.now_s += 20.5
    assert wrong.add("1.2.3.4")
    with pytest.raises(TooManyRequests) as raised:
        wrong.check("1.2.3.4")
    assert raised.value.retry_after_s == 40
    wrong.check("1.2.3.5")
    timer.now_s += 40
    wrong.check("1.2.3.4")
    assert not wrong.add("1.2.3.4"), "it begins anew"


@pytest.mark.parametrize(("one", "other", "same"), [
    ("2001:db8::1", "2001:db8::ffff:1", True), ("2001:db8::1", "2001:db8:0:1::1", False),
    ("fe80::1%eth0", "fe80::2", True), ("no:address", "no:address", True), ("", "", True)])
def test_a_network_of_ipv6_is_one_address(timer, one, other, same):
    wrong = WrongKeys(limit=1, now=timer)
    wrong.add(one)
    if same:
        with pytest.raises(TooManyRequests):
            wrong.check(other)
    else:
        wrong.check(other)


def test_the_table_has_a_bound(timer):
    wrong = WrongKeys(limit=1, most=100, now=timer)
    for number in range(1_000):
        wrong.add(f"10.0.{number // 256}.{number % 256}")
    assert len(wrong) == 100
    wrong.check("10.0.0.0")
    with pytest.raises(TooManyRequests):
        wrong.check("10.0.3.231")


@pytest.mark.parametrize("key", ["", "secret", "a" * 64, "1234567890" * 3, "0123456789abcdef" + "0123456789abcde",
                                 "abcdefghijklmnopqrstuvwx", "Tr0ub4dor&3", "x" * 32])
def test_a_key_that_can_be_guessed(key):
    assert is_weak(key)


@pytest.mark.parametrize("make", [
    lambda: secrets.token_hex(16), lambda: secrets.token_urlsafe(16), lambda: secrets.token_urlsafe(32),
    lambda: f"{secrets.randbits(128):032x}".upper(), lambda: "progon_" + secrets.token_urlsafe(32)])
def test_one_that_was_drawn_well_cannot(make):
    assert not any(is_weak(make()) for _ in range(200))
