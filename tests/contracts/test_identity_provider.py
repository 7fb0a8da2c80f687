"""The contract of the port IdentityProvider; the real one against a provider in this process."""
from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

import httpx
import pytest

from adapters.authlib.identity_provider import AuthlibIdentityProvider
from adapters.authlib.metadata import Metadata
from adapters.authlib.talking import Talking
from application.ports.identity_provider import IdentityProvider, Person, ProviderUnavailable, SignInRefused
from tests.fakes.identity_provider import StaticIdentityProvider
from tests.provider import CLIENT, SECRET, Provider, provider

BACK = "http://127.0.0.1:8000/ui/sign-in/back"
ANNA = Person("anna@example.org", frozenset({"ml"}))


@dataclass
class Signing:
    """visited: what a browser brings back from an address, with the person known or refused."""

    people: IdentityProvider
    visited: Callable[[str], Mapping[str, str]]
    refused: Callable[[str], Mapping[str, str]]
    go_away: Callable[[], None]


def real(given: Provider, name: str = "email", groups: str = "groups") -> IdentityProvider:
    client = httpx.Client(limits=httpx.Limits(max_keepalive_connections=0))
    metadata = Metadata(client, given.url)
    return AuthlibIdentityProvider(
        metadata, Talking(client, metadata, CLIENT, SECRET), CLIENT, "openid email", name, groups)


@pytest.fixture
def given() -> Iterator[Provider]:
    with provider() as made:
        yield made


@pytest.fixture(params=["fake", "authlib"])
def signing(request) -> Signing:
    if request.param == "fake":
        fake = StaticIdentityProvider(ANNA)
        number = lambda address: address.rpartition("=")[2]  # noqa: E731
        return Signing(fake, lambda address: {"state": number(address), "code": f"code of {number(address)}"},
                       lambda address: {"state": number(address), "error": "access_denied"},
                       lambda: setattr(fake, "is_away", True))
    given = request.getfixturevalue("given")

    def refused(address: str) -> Mapping[str, str]:
        given.refusal = "not you"
        return given.visited(address)
    return Signing(real(given), given.visited, refused, lambda: setattr(given, "is_away", True))


def test_a_person_who_was_sent_there_is_known(signing):
    leaving = signing.people.leave(BACK)
    assert signing.people.arrived(leaving.kept, signing.visited(leaving.address)) == ANNA


def test_no_two_are_alike(signing):
    one, other = signing.people.leave(BACK), signing.people.leave(BACK)
    assert one.address != other.address and one.kept != other.kept
    came = signing.visited(one.address)
    with pytest.raises(SignInRefused, match="not begun in this browser"):
        signing.people.arrived(other.kept, came)


@pytest.mark.parametrize("came", [{}, {"state": ""}, {"state": "ж"}, {"code": "x"}, {"error": "access_denied"}])
def test_what_anybody_could_have_made_up(signing, came):
    with pytest.raises(SignInRefused):
        signing.people.arrived(signing.people.leave(BACK).kept, came)


def test_a_code_that_the_provider_never_gave(signing):
    leaving = signing.people.leave(BACK)
    with pytest.raises(SignInRefused):
        signing.people.arrived(leaving.kept, {**signing.visited(leaving.address), "code": "made up"})


def test_a_provider_that_refuses(signing):
    leaving = signing.people.leave(BACK)
    with pytest.raises(SignInRefused, match="the provider refused: "):
        signing.people.arrived(leaving.kept, signing.refused(leaving.address))


def test_a_provider_that_is_away(signing):
    signing.go_away()
    with pytest.raises(ProviderUnavailable):
        signing.people.leave(BACK)


# What only the real one can get wrong.

def arrived(given: Provider, people: IdentityProvider) -> Person:
    leaving = people.leave(BACK)
    return people.arrived(leaving.kept, given.visited(leaving.address))


@pytest.mark.parametrize("claims", [
    {"iss": "https://elsewhere.example"}, {"aud": "another"}, {"aud": ["another"]}, {"nonce": "another"},
    {"nonce": None}, {"exp": 1}, {"exp": None}, {"sub": None}, {"iat": None}, {"azp": "another"},
    {"aud": [CLIENT, "another"], "azp": "another"}, {"at_hash": "wrong"}, {"nbf": 4_000_000_000}], ids=str)
def test_an_id_token_that_is_not_for_us_or_not_now(given, claims):
    given.claims = claims
    with pytest.raises(SignInRefused, match="cannot be trusted"):
        arrived(given, real(given))


def test_an_id_token_of_a_key_that_the_provider_does_not_have(given):
    people = real(given)
    given.renew_key()
    given.published.pop()
    with pytest.raises(SignInRefused):
        arrived(given, people)


def test_a_key_that_is_new_is_looked_for(given):
    people = real(given)
    assert arrived(given, people) == ANNA
    given.renew_key()
    assert arrived(given, people) == ANNA


def test_an_id_token_without_a_signature(given, monkeypatch):
    monkeypatch.setattr(Provider, "_id_token", lambda self, nonce: "eyJhbGciOiJub25lIn0.e30.")
    with pytest.raises(SignInRefused):
        arrived(given, real(given))


def test_the_answer_of_another_provider(given):
    people = real(given)
    leaving = people.leave(BACK)
    with pytest.raises(SignInRefused, match="another provider"):
        people.arrived(leaving.kept, {**given.visited(leaving.address), "iss": "https://elsewhere.example"})


def test_a_code_is_taken_once(given):
    people = real(given)
    leaving = people.leave(BACK)
    came = given.visited(leaving.address)
    people.arrived(leaving.kept, came)
    with pytest.raises(SignInRefused, match="no such code"):
        people.arrived(leaving.kept, came)


@pytest.mark.parametrize(("methods", "is_basic"), [
    (None, True), (["client_secret_basic", "client_secret_post"], True), (["client_secret_post"], False)])
def test_the_secret_is_shown_as_the_provider_wants_it(given, methods, is_basic):
    given.methods = methods
    arrived(given, real(given))
    (form, header), = given.posted
    assert header.startswith("Basic ") is is_basic and (form.get("client_secret") == SECRET) is not is_basic


@pytest.mark.parametrize(("claims", "name", "groups", "person"), [
    ({"groups": None}, "email", "groups", Person("anna@example.org", frozenset())),
    ({"groups": "ml"}, "email", "groups", ANNA),
    ({"groups": ["ml", 7, None]}, "email", "groups", ANNA),
    ({"realm_access": {"roles": ["a", "b"]}}, "email", "realm_access.roles",
     Person("anna@example.org", frozenset({"a", "b"}))),
    ({"https://example.org/groups": ["ml"]}, "sub", "https://example.org/groups", Person("1", frozenset({"ml"})))])
def test_claims_where_they_are(given, claims, name, groups, person):
    given.claims = claims
    assert arrived(given, real(given, name, groups)) == person


def test_claims_that_userinfo_alone_has(given):
    given.claims, given.info = {"email": None, "groups": None}, {"sub": "1", "email": "anna@example.org",
                                                                 "groups": ["ml"]}
    assert arrived(given, real(given)) == ANNA
    given.info["sub"] = "another"
    with pytest.raises(SignInRefused, match="there is no email"):
        arrived(given, real(given))


def test_a_provider_that_calls_itself_otherwise(given):
    people = real(Provider(url=given.url + "/"))
    with pytest.raises(ProviderUnavailable, match="PROGON_OIDC_ISSUER has to be what it says"):
        people.leave(BACK)


def test_nobody_answers_there():
    with pytest.raises(ProviderUnavailable):
        real(Provider(url="http://127.0.0.1:1")).leave(BACK)
