"""The pages of a new task, over an API that is made up: what was sent, chosen and typed reaches it, and what it says of
that stands where it belongs."""
from __future__ import annotations

import json
import re
from collections.abc import Iterator
from email.parser import BytesParser

import httpx
import pytest
from starlette.testclient import TestClient

from tests.http.pages.looking import assert_page, client_of, token
from tests.http.pages.made_up_api import HOSTILE, FakeApi, a_task, problem

NAMES = ("id", "age", "town", "day", "paid", "left")


def facts(name: str, kind: str = "number", role: str = "feature", **more) -> dict:
    return {"name": name, "type": kind, "role": role, "missing": 0.0, "distinct": 3, "distinct_is_exact": True,
            "examples": ["1", "2"], "why": "", "certainty": "sure", "instead": None} | more


def other(kind: str, why: str, **more) -> dict:
    return {"why": why, "column": {"name": "paid", "type": kind, **more}, "problem": None, "labels": []}


def all_facts(target: str | None = None) -> list[dict]:
    found = [
        facts("id", "category", "ignored", why="id: another value in each row", certainty="likely"),
        facts("age", missing=0.25, distinct=900, distinct_is_exact=False), facts("town", "category"),
        facts("day", "datetime", why="date, the day first"),
        facts("paid", why='3 rows hold "-", taken as missing', certainty="unsure", instead=other(
            "category", '"-" may be a value, and is taken as missing', digits=0)), facts("left", "category")]
    return [entry | ({"role": "target"} if entry["name"] == target else {}) for entry in found]


class TaskApi(FakeApi):
    """With tasks that are made of files. said: the fields of each form that came to POST /tasks."""

    def __init__(self, hostile: str = "", **more) -> None:
        super().__init__(hostile=hostile, **more)
        self.said: list[dict[str, str]] = []
        self.pictures = False

    def _routes(self):
        return (r"/tasks/look", self._look), *super()._routes()

    def _look(self) -> dict:
        if self.pictures:
            return {"kind": "image", "needs": ["name"], "rows": None, "columns": [], "read": None}
        read = {"format": "csv", "charset": "utf-8", "separator": ";", "packed": [], "sheet": None,
                "left_out": ["column 7 without a name" + self.hostile]}
        return {"kind": "tabular", "needs": ["name", "target"], "rows": 1234, "read": read, "columns": [
            self._marked(entry) for entry in all_facts()]}

    def _marked(self, entry: dict) -> dict:
        return entry | {"name": entry["name"] + self.hostile, "examples": [self.hostile, "1"],
                        "why": entry["why"] + self.hostile}

    def __call__(self, request: httpx.Request) -> httpx.Response:
        if (request.method, request.url.path) != ("POST", "/tasks"):
            return super().__call__(request)
        self.asked.append(("POST", "/tasks", request))
        self.said.append(fields_of(request))
        if (answer := self.answers.get("POST /tasks")) is not None:
            return answer
        return httpx.Response(200, json=self._made(self.said[-1]))

    def _made(self, said: dict[str, str]) -> dict:
        document = json.loads(said["task"]) if "task" in said else self._inferred(said)
        return document | {"dataset_version": 1, "rows_added": 1234, "dry_run": said["dry_run"] == "true",
                           "warnings": ["boat alone explains 98.5% of left: if it is known only afterwards, ignore it",
                                        "new" + self.hostile]}

    def _inferred(self, said: dict[str, str]) -> dict:
        if self.pictures:
            columns = [{"name": "image", "type": "picture"}, {"name": "mask", "type": "mask", "role": "target"}]
            return {"name": said["name"], "kind": "image", "problem": "segmentation", "labels": ["a", "b"],
                    "columns": columns, "training": {}, "inferred": None, "passed_over": ["Thumbs.db"]}
        found = [self._marked(entry) for entry in all_facts("left")]
        columns = [{"name": entry["name"], "type": entry["type"], "description": entry["why"]}
                   | ({"role": entry["role"]} if entry["role"] != "feature" else {})
                   | ({"missing": ["-"]} if entry["name"] == "paid" else {})
                   | ({"day_first": True} if entry["type"] == "datetime" else {}) for entry in found]
        return {"name": said["name"], "kind": "tabular", "problem": "binary", "labels": ["no", "yes"],
                "columns": columns, "training": {"seed": 42},
                "inferred": {"rows": 1234, "rows_without_target": 2, "columns": found}}


def fields_of(request: httpx.Request) -> dict[str, str]:
    head = f"Content-Type: {request.headers['content-type']}\r\n\r\n".encode()
    parts = BytesParser().parsebytes(head + request.read()).get_payload()
    return {part.get_param("name", header="content-disposition"): part.get_payload(decode=True).decode()
            for part in parts if part.get_filename() is None}


@pytest.fixture
def api() -> TaskApi:
    return TaskApi(tasks=[a_task("voyage_list")])


@pytest.fixture
def client(api) -> Iterator[TestClient]:
    with client_of(api) as client:
        yield client


def sent(client: TestClient, name: str = "Voyage list.csv") -> httpx.Response:
    return client.post("/ui/new", data={"csrf": token(client)}, files={"file": (name, b"a;b\n1;2\n")})


def filled(page: httpx.Response) -> dict[str, str]:
    """The form with the columns, as a browser would send it back."""
    form = page.text[page.text.index('name="name"') - 2000:]
    fields = dict(re.findall(r'<input type="hidden" name="(target|problem|split_by\w*)" value="([^"]*)"', page.text))
    fields |= {name: re.findall(r'<option(?: value="([^"]*)")? selected', options)[0] for name, options in re.findall(
        r'<select name="(c\d+_as)"[^>]*>(.*?)</select>', form)}
    fields |= dict(re.findall(r'<textarea name="(c\d+_missing)"[^>]*>([^<]*)</textarea>', form))
    return fields | {"csrf": re.search(r'name="csrf" value="(\w+)"', page.text)[1],
                     "name": re.search(r'name="name"[^>]* value="([^"]*)"', form)[1]}


@pytest.mark.parametrize("language", ["en", "ru"])
@pytest.mark.parametrize("pictures", [False, True])
@pytest.mark.parametrize("hostile", ["", HOSTILE])
def test_every_step_is_a_whole_page(language, pictures, hostile):
    api = TaskApi(hostile)
    api.pictures = pictures
    with client_of(api, **{"accept-language": language}) as client:
        assert_page(client.get("/ui/new"), language)
        chosen = sent(client, "x.csv" + hostile)
        assert_page(chosen, language)
        shown = chosen if pictures else client.get(f"{chosen.url}?target=left{'%27' if hostile else ''}")
        assert_page(shown, language)
        for page in (chosen, shown):
            assert "<script>alert" not in page.text and "<img" not in page.text


def test_the_columns_are_shown_before_a_target_is_chosen(client, api):
    page = sent(client)
    assert str(page.url.path).startswith("/ui/new/") and "1,234 rows, 6 columns" in page.text
    assert "column 7 without a name" in page.text and "id: another value in each row" in page.text
    assert "25.0% missing" in page.text and "more than 900 values" in page.text and "Make the task" not in page.text
    assert not api.said


def test_a_target_makes_a_task_that_is_shown_and_not_stored(client, api):
    page = client.get(str(sent(client).url) + "?target=left&problem=binary&split_by=day")
    said, = api.said
    assert said == {"target": "left", "problem": "binary", "split_by": "day", "name": "voyage_list_2",
                    "dry_run": "true"}, "the name of the file is taken"
    assert "boat alone explains 98.5% of left" in page.text and "two classes: no, yes" in page.text
    assert "unsure" in page.text and "or else category: &#34;-&#34; may be a value" in page.text
    client.get(str(page.url))
    assert len(api.said) == 1, "what was found is kept with the file"


def test_the_rows_may_be_held_out_by_time_where_there_are_dates(client, api):
    page = client.get(str(sent(client).url) + "?target=left&split_by_time=day")
    assert api.said[0]["split_by_time"] == "day" and filled(page)["split_by_time"] == "day"
    choices = re.search(r'<select id="split_by_time".*?</select>', page.text)[0]
    assert re.findall(r"<option[^>]*>([^<]*)", choices) == ["nothing: not by time", "day"]
    api.answers["POST /tasks"] = problem(400, "bad request", (
        "split by time", "3 of 90 rows have no date in day, so they have no place in time: fill it in, or leave these "
                         "rows out"))
    told = client.get(str(page.url) + "&problem=binary")
    assert "3 of 90 rows have no date in day" in told.text[told.text.index('id="time-hint"'):]


def test_of_a_file_without_dates_nothing_is_asked_of_time(client, api, monkeypatch):
    look = api._look
    monkeypatch.setattr(api, "_look", lambda: (seen := look()) | {
        "columns": [column for column in seen["columns"] if column["type"] != "datetime"]})
    page = sent(client)
    assert page.status_code == 200 and "paid" in page.text and "split_by_time" not in page.text


def test_what_is_left_as_it_was_goes_back_as_it_came(client, api):
    page = client.get(str(sent(client).url) + "?target=left")
    made = client.post(str(page.url.path), data=filled(page) | {"positive": "no"}, follow_redirects=False)
    assert made.headers["location"] == "/ui/data/voyage_list_2?made=1"
    document = json.loads(api.said[-1]["task"])
    given = api._inferred({"name": "voyage_list_2"})
    assert [{name: value for name, value in column.items() if name != "private"} for column in document["columns"]
            ] == given["columns"]
    assert api.said[-1]["dry_run"] == "false" and document["positive"] == "no"
    assert client.get(page.url.path).status_code == 404, "the file has gone"


def test_columns_are_changed_in_place(client, api):
    page = client.get(str(sent(client).url) + "?target=left")
    changes = {"c0_as": "number", "c1_as": "ignored", "c3_as": "datetime month", "c4_as": "category",
               "c2_missing": "?\r\nn/a", "c1_private": "on", "name": " mine ", "description": "a\r\nb"}
    client.post(str(page.url.path), data=filled(page) | changes)
    document = json.loads(api.said[-1]["task"])
    found = {column.pop("name"): column for column in document["columns"]}
    assert (document["name"], document["description"]) == ("mine", "a\nb")
    assert found["id"] == {"type": "number", "private": False}
    assert found["age"] == {"type": "category", "role": "ignored", "private": True}
    assert found["town"]["missing"] == ["?", "n/a"] and found["town"]["type"] == "category"
    assert found["day"] == {"type": "datetime", "day_first": False, "private": False}
    assert found["paid"] == {"type": "category", "digits": 0, "private": False}, "as the other reading has it"


def test_the_rows_are_looked_at_again_and_nothing_typed_is_lost(client, api):
    page = client.get(str(sent(client).url) + "?target=left")
    typed = filled(page) | {"c1_as": "category", "c2_missing": "?", "name": "mine", "c1_private": "on", "look": "1"}
    again = client.post(str(page.url.path), data=typed)
    assert api.said[-1]["dry_run"] == "true" and "Every row can be read like this" in again.text
    assert filled(again) | {"csrf": ""} == {key: value for key, value in typed.items()
                                            if key not in ("look", "c1_private")} | {"csrf": ""}
    assert re.search(r'name="c1_private"[^>]* checked', again.text)


def test_faults_stand_beside_what_they_are_of(client, api):
    page = client.get(str(sent(client).url) + "?target=left")
    api.answers["POST /tasks"] = problem(
        400, "bad request", ("row 3, column town", 'expected a number, got "Ufa"'), ("columns[1].type", "wrong type"),
        ("name", "is a lower-case letter, then letters, digits and _, 40 characters at most"), ("split", "is odd"))
    told = client.post(str(page.url.path), data=filled(page) | {"name": "My Task", "c2_as": "number"})
    assert told.status_code == 400 and 'value="My Task"' in told.text
    town = told.text[told.text.index("<code>town"):told.text.index("<code>day")]
    assert "row 3: expected a number, got &#34;Ufa&#34;" in town
    assert "wrong type" in told.text[told.text.index("<code>age"):told.text.index("<code>town")]
    assert 'is a small Latin letter' in told.text[told.text.index('id="name-hint"'):] and "split: is odd" in told.text
    api.answers["POST /tasks"] = problem(409, "conflict")
    assert "There is a task of this name already." in client.post(str(page.url.path), data=filled(page)).text


def test_what_is_wrong_with_a_target_stands_beside_it(client, api):
    address = str(sent(client).url)
    api.answers["POST /tasks"] = problem(400, "bad request", ("column id", "has more than 1000 different values"))
    told = client.get(address + "?target=id")
    assert told.status_code == 400 and "too many for classes" in told.text[told.text.index('id="target-hint"'):]
    assert '<option selected>id</option>' in told.text and "Make the task" not in told.text


def test_a_file_that_cannot_be_read_is_told_and_not_kept(client, api):
    api.answers["/tasks/look"] = problem(400, "bad request", ("row 7", "is the header again: take it out"))
    page = sent(client, "bad.csv")
    assert page.status_code == 400 and "bad.csv cannot make a task" in page.text and "row 7" in page.text
    assert not list(client.app.state.kept_files._folder.glob("*.csv"))


def test_pictures_need_no_target(client, api):
    api.pictures = True
    page = sent(client, "клетки и ядра.zip")
    assert "What is to be predicted" not in page.text and "Thumbs.db" in page.text
    assert 'name="positive"' not in page.text, "of two kinds of pixels none is positive"
    client.post(str(page.url.path), data=filled(page) | {"c0_private": "on"})
    document = json.loads(api.said[-1]["task"])
    assert document["name"] == "kletki_i_iadra" and [column.get("private") for column in document["columns"]] == [
        True, False]


def test_another_file(client, api):
    page = sent(client)
    csrf = re.search(r'name="csrf" value="(\w+)"', page.text)[1]
    assert client.post(f"{page.url.path}/discard", data={"csrf": csrf}).url.path == "/ui/new"
    assert client.get(str(page.url)).status_code == 404


def test_an_empty_service_leads_to_a_new_task():
    with client_of(FakeApi()) as client:
        for path in ("/ui/", "/ui/try", "/ui/data", "/ui/experiments"):
            assert 'href="/ui/new"' in client.get(path).text


def test_a_task_that_was_made_is_trained_with_one_click(client, api):
    api.experiments = [{"experiment_id": 1, "task": "voyage_list"}]
    page = client.get("/ui/data/voyage_list?made=1")
    assert "The task voyage_list is made" in page.text
    assert '<form class="inline" method="post" action="/ui/retrain/voyage_list">' in page.text
    client.post("/ui/retrain/voyage_list", data={"csrf": token(client)}, follow_redirects=False)
    asked = next(request for _, path, request in api.asked if path == "/retrain")
    assert json.loads(asked.content)["params"] == {}
