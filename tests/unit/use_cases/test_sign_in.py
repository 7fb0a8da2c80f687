"""Who is let in, with which rights, for how long."""
from __future__ import annotations

from datetime import timedelta

import pytest

from application.ports.identity_provider import Person, ProviderUnavailable, SignInRefused
from application.serving.sessions import Sessions
from application.use_cases.begin_sign_in import BeginSignIn
from application.use_cases.sign_in import NoGroup, SignIn
from domain.api_key import Right
from tests.fakes.clock import START, FixedClock
from tests.fakes.identity_provider import StaticIdentityProvider
from tests.fakes.seal import InMemorySeal

BY_GROUP = {"ml": frozenset({Right.READ, Right.TRAIN}), "ops": frozenset({Right.DEPLOY})}
BACK = "https://ml.example.org/ui/sign-in/back"


class Door:
    def __init__(self, *groups: str) -> None:
        self.provider, seal, self.clock = StaticIdentityProvider(Person("anna", frozenset(groups))), InMemorySeal(), (
            FixedClock())
        self.sessions = Sessions(seal)
        self.begin = BeginSignIn(self.provider, seal, self.clock)
        self.sign_in = SignIn(self.provider, seal, self.sessions, self.clock, BY_GROUP, timedelta(hours=8))

    def gone_through(self):
        begun = self.begin.execute(BACK)
        state = begun.address.rpartition("=")[2]
        return self.sign_in.execute(begun.kept, {"state": state, "code": f"code of {state}"})


def test_the_rights_are_those_of_all_groups_together():
    door = Door("ml", "ops", "chess")
    done = door.gone_through()
    assert (done.session.name, done.session.until) == ("anna", START + timedelta(hours=8))
    assert done.session.rights == {Right.READ, Right.TRAIN, Right.DEPLOY}
    assert door.sessions.find(done.token) == done.session and done.token not in repr(done)


@pytest.mark.parametrize("groups", [(), ("chess",), ("ML",)])
def test_whoever_is_in_no_group_with_rights_is_refused_by_name(groups):
    with pytest.raises(NoGroup, match="anna is in none of the groups"):
        Door(*groups).gone_through()


def test_a_sign_in_that_took_too_long():
    door = Door("ml")
    begun = door.begin.execute(BACK)
    door.clock.advance(timedelta(minutes=10))
    with pytest.raises(SignInRefused, match="more than ten minutes"):
        door.sign_in.execute(begun.kept, {"state": "1", "code": "code of 1"})


def test_a_session_is_no_sign_in_and_a_sign_in_no_session():
    door = Door("ml")
    begun, done = door.begin.execute(BACK), door.gone_through()
    assert door.sessions.find(begun.kept) is None
    for kept in (done.token, "", "made.up.text"):
        with pytest.raises(SignInRefused, match="not begun here"):
            door.sign_in.execute(kept, {"state": "1", "code": "code of 1"})


def test_a_provider_that_is_away_is_told():
    door = Door("ml")
    door.provider.is_away = True
    with pytest.raises(ProviderUnavailable):
        door.begin.execute(BACK)
