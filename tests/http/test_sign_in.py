"""People who sign in at a provider: the whole way of a browser, over the pages and a provider in this process."""
from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from urllib.parse import urlencode

import httpx
import pytest
from click.testing import CliRunner
from starlette.testclient import TestClient

from application.use_cases.create_key import KeyWish
from domain.api_key import Right
from entrypoints.admin.app import create_pages
from entrypoints.admin.in_process import InProcessTransport
from entrypoints.cli import main
from entrypoints.http.app import create_app
from entrypoints.http.prefix import Prefix
from entrypoints.http.signing_in import by_group
from entrypoints.settings import Settings, WrongSetting
from entrypoints.wiring import get, ports
from tests.http.pages.looking import token
from tests.http.problems import check_problem
from tests.provider import CLIENT, SECRET, Provider, provider

NAME = "anna@example.org"


@pytest.fixture
def given() -> Iterator[Provider]:
    with provider() as made:
        yield made


@pytest.fixture
def guarded(service, settings, given) -> Iterator[TestClient]:
    """The API of a service where people sign in, and nobody has a key."""
    service.container.settings.override(replace(
        settings, oidc_issuer=given.url, oidc_client_id=CLIENT, oidc_client_secret=SECRET,
        oidc_groups="ml=read,ml=train,ops=admin", oidc_session_h=2.0))
    with TestClient(create_app(service.container), raise_server_exceptions=False) as client:
        yield client


@pytest.fixture
def browser(guarded) -> Iterator[TestClient]:
    api = httpx.AsyncClient(transport=InProcessTransport(guarded.app), base_url="http://api")
    with TestClient(Prefix(create_pages(api)), base_url="http://127.0.0.1:8000",
                    headers={"accept-language": "en"}) as client:
        yield client


def sign_in(browser: TestClient, given: Provider, after: str = "/ui/experiments?task=flights") -> httpx.Response:
    away = browser.get(f"/ui/sign-in/away?{urlencode({'next': after})}", follow_redirects=False)
    assert away.status_code == 303, away.text
    came = given.visited(away.headers["location"])
    return browser.get(f"/ui/sign-in/back?{urlencode(came)}", follow_redirects=False)


def cookie_of(answer: httpx.Response, name: str) -> str:
    return next(said for said in answer.headers.get_list("set-cookie") if said.startswith(f"{name}="))


def test_a_person_goes_away_and_comes_back_with_the_rights_of_their_groups(browser, given):
    asked = browser.get("/ui/experiments?task=flights", follow_redirects=False)
    assert asked.headers["location"].startswith("/ui/sign-in?next=/ui/experiments")
    assert f"Sign in at {given.url.removeprefix('http://')}" in browser.get(asked.headers["location"]).text
    back = sign_in(browser, given)
    assert (back.status_code, back.headers["location"]) == (303, "/ui/experiments?task=flights")
    said = cookie_of(back, "progon_key").lower()
    assert "httponly" in said and "samesite=lax" in said and "path=/ui" in said and "max-age=7200;" in said
    page = browser.get("/ui/experiments?task=flights")
    assert page.status_code == 200 and NAME in page.text and "/ui/keys" not in page.text
    refused = browser.get("/ui/keys")
    assert refused.status_code == 403 and f"the key {NAME} has not the right admin" in refused.text


def test_what_a_person_does_leaves_an_entry_with_their_name(browser, given, service):
    given.claims["groups"] = ["ops", "chess"]
    sign_in(browser, given)
    browser.post("/ui/keys", data={"csrf": token(browser), "name": "ci", "rights": "read"})
    (entry,) = ports.history(service.container).newest()
    assert (entry.by, entry.detail["key"]) == (NAME, "ci")
    assert ports.keyring(service.container).all()[0].created_by == NAME
    assert "ci" in browser.get("/ui/keys").text


def test_whoever_signs_out_is_out(browser, given):
    sign_in(browser, given)
    browser.post("/ui/sign-out", data={"csrf": token(browser)})
    assert browser.get("/ui/", follow_redirects=False).headers["location"].startswith("/ui/sign-in")


def test_a_session_ends_by_itself(browser, given, clock):
    sign_in(browser, given)
    clock.advance(timedelta(hours=2))
    assert browser.get("/ui/", follow_redirects=False).headers["location"].startswith("/ui/sign-in")


@pytest.mark.parametrize(("language", "said"), [
    ("en", "anna@example.org is in none of the groups that may do anything here"),
    ("ru", "anna@example.org не входит ни в одну группу")])
def test_whoever_is_in_no_group_with_rights_is_told_so(browser, given, language, said):
    given.claims["groups"] = ["chess"]
    browser.headers["accept-language"] = language
    refused = sign_in(browser, given)
    assert refused.status_code == 403 and said in refused.text
    assert "progon_key=" not in str(refused.headers.get_list("set-cookie"))
    assert browser.get("/ui/", follow_redirects=False).status_code == 303


def test_a_provider_that_refuses_is_quoted(browser, given):
    given.refusal = "<b>not</b> you"
    refused = sign_in(browser, given)
    assert refused.status_code == 403 and "the provider refused: &lt;b&gt;not&lt;/b&gt; you" in refused.text


def test_a_provider_that_is_away_is_told(browser, given):
    given.is_away = True
    assert browser.get("/ui/sign-in/away", follow_redirects=False).status_code == 503
    assert browser.get("/ui/sign-in").status_code == 200, "keys open the pages all the same"


def test_what_another_browser_began_is_refused(browser, given):
    address = browser.get("/ui/sign-in/away", follow_redirects=False).headers["location"]
    came = given.visited(address)
    browser.cookies.clear()
    refused = browser.get(f"/ui/sign-in/back?{urlencode(came)}")
    assert refused.status_code == 403 and "not begun in this browser" in refused.text
    browser.get("/ui/sign-in/away", follow_redirects=False)  # one of its own
    assert browser.get(f"/ui/sign-in/back?{urlencode(came)}").status_code == 403


@pytest.mark.parametrize("after", ["https://evil.example", "//evil.example", "/\\evil", "/ui//evil|x", ""])
def test_signing_in_leads_nowhere_else(browser, given, after):
    assert sign_in(browser, given, after).headers["location"] == "/ui/"


def test_under_a_proxys_path_the_provider_gives_the_browser_back_there(browser, given):
    away = browser.get("/ui/sign-in/away", headers={"X-Forwarded-Prefix": "/ml/progon"}, follow_redirects=False)
    assert httpx.URL(away.headers["location"]).params["redirect_uri"] == (
        "http://127.0.0.1:8000/ml/progon/ui/sign-in/back")
    assert "path=/ml/progon/ui;" in cookie_of(away, "progon_away").lower()


def test_keys_go_on_opening_beside_it(guarded, service):
    check_problem(guarded.get("/tasks"), 401)
    secret = get.create_key(service.container).execute(KeyWish("ci", ["read"])).secret
    get.known_keys(service.container).refresh()
    assert guarded.get("/tasks", headers={"Authorization": f"Bearer {secret}"}).status_code == 200


def test_a_session_opens_the_api_for_as_long_as_nobody_changes_it(guarded, given, clock):
    begun = guarded.post("/sign-in", json={"back": "http://here/back"})
    assert begun.headers["cache-control"] == "no-store"
    came = given.visited(begun.json()["address"])
    done = guarded.post("/sign-in/finish", json={"kept": begun.json()["kept"], "came": came}).json()
    asked = {"Authorization": f"Bearer {done['session']}"}
    assert guarded.get("/caller", headers=asked).json() == {"name": NAME, "rights": ["read", "train"], "tasks": []}
    head, body, mark = done["session"].split(".")
    for changed in (f"{head}.{body}.", f"{head}.{body[:-4]}AAAA.{mark}", begun.json()["kept"]):
        check_problem(guarded.get("/caller", headers={"Authorization": f"Bearer {changed}"}), 401)
    clock.advance(timedelta(hours=3))
    ended = check_problem(guarded.get("/caller", headers=asked), 401)
    assert f"the session of {NAME} has ended" in ended["detail"]


@pytest.mark.parametrize("body", [b"", b"[]", b"{}", b'{"back": 1}', b'{"back": "x", "more": 1}', b"\xff"])
def test_what_is_no_beginning(guarded, body):
    check_problem(guarded.post("/sign-in", content=body), 400)


@pytest.mark.parametrize("body", [{}, {"kept": "x"}, {"kept": "x", "came": {"code": 1}}, {"kept": "x", "came": []}])
def test_what_is_no_end(guarded, body):
    check_problem(guarded.post("/sign-in/finish", json=body), 400)


def test_whoever_makes_up_sign_ins_has_to_wait(guarded):
    statuses = [guarded.post("/sign-in/finish", json={"kept": "a.b.c", "came": {}}).status_code for _ in range(12)]
    assert statuses == [403] * 10 + [429] * 2


def test_without_a_provider_there_is_nothing_to_sign_in_at(service):
    assert service.client.get("/sign-in").json() == {"issuer": None}
    for path, body in (("/sign-in", {"back": "x"}), ("/sign-in/finish", {"kept": "x", "came": {}})):
        check_problem(service.client.post(path, json=body), 404)


def test_nothing_of_it_is_imported_without_a_provider():
    code = ("import sys, entrypoints.http.worker, entrypoints.commands.serve\n"
            "from entrypoints.settings import Settings\n"
            "from entrypoints.http.app import create_app; from entrypoints.wiring.container import make_container\n"
            "create_app(make_container(Settings()))\n"
            "print(*({'authlib', 'joserfc', 'cryptography'} & {name.partition('.')[0] for name in sys.modules}))")
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split() == []


@pytest.mark.parametrize(("text", "groups"), [
    ("ml=read", {"ml": {Right.READ}}), (" ml = read , ml=train,", {"ml": {Right.READ, Right.TRAIN}}),
    ("cn=ml team=admin", {"cn=ml team": {Right.ADMIN}})])
def test_groups_and_their_rights(text, groups):
    assert by_group(text) == groups


@pytest.mark.parametrize("text", ["ml", "ml=", "=read", "ml=all", "ml=read+train", "a=read,b"])
def test_groups_that_cannot_be_understood(text):
    with pytest.raises(WrongSetting, match="PROGON_OIDC_GROUPS has .*expected GROUP=RIGHT"):
        by_group(text)


WHOLE = {"PROGON_OIDC_ISSUER": "https://id.example.org", "PROGON_OIDC_CLIENT_ID": "progon",
         "PROGON_OIDC_CLIENT_SECRET": SECRET, "PROGON_OIDC_GROUPS": "ml=read"}


@pytest.mark.parametrize(("change", "words"), [
    ({"PROGON_OIDC_GROUPS": "", "PROGON_OIDC_CLIENT_ID": ""}, "PROGON_OIDC_CLIENT_ID, PROGON_OIDC_GROUPS: needed too"),
    ({"PROGON_OIDC_ISSUER": ""}, "PROGON_OIDC_ISSUER: needed too"),
    ({"PROGON_OIDC_ISSUER": "id.example.org"}, "expected an address"),
    ({"PROGON_OIDC_SCOPES": "profile"}, "openid has to be among them"),
    ({"PROGON_OIDC_CLIENT_SECRET": "short"}, "less than 128 bits"),
    ({"PROGON_OIDC_GROUPS": "ml=king"}, "expected GROUP=RIGHT")])
def test_settings_that_do_not_fit_are_refused_at_the_start(tmp_path, change, words):
    environment = {"PROGON_HOME": str(tmp_path), "PROGON_PORT": "99"} | WHOLE | change
    result = CliRunner().invoke(main, ["serve"], env=environment)
    assert (result.exit_code, words in result.output) == (1, True), result.output


def test_without_the_extra_it_is_refused_in_words(tmp_path, monkeypatch):
    monkeypatch.setattr("entrypoints.http.signing_in.find_spec", lambda name: None)
    result = CliRunner().invoke(main, ["serve"], env={"PROGON_HOME": str(tmp_path)} | WHOLE)
    assert (result.exit_code, "pip install 'progon[oidc]'" in result.output) == (1, True), result.output


def test_where_people_sign_in_the_service_may_listen_to_all():
    assert Settings(host="0.0.0.0").is_open
    assert not Settings.from_environment(WHOLE | {"PROGON_HOST": "0.0.0.0"}).is_open


def test_the_secret_is_not_shown_among_the_settings():
    assert SECRET not in CliRunner().invoke(main, ["settings"], env=WHOLE).stdout
