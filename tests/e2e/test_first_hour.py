"""The first hour of somebody with data of his own: from an empty service to models that serve, are explained, labelled
late and rolled back, in a real browser, by clicks alone, in both languages."""
from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator

import numpy as np
import pytest

from entrypoints.admin.language import Language, language
from tests.e2e.server import Server
from tests.e2e.test_pages import (  # noqa: F401  (fixtures)
    MODES,
    _check_as_it_is,
    browser,
    encoded,
    opened,
    playwright,
    pytestmark,
)
from tests.pictures import IMAGE, LABEL, make_class_task, make_classified

WAYS = {"light": "en", "phone": "ru"}
SHAPES = make_class_task(labels=("bar", "disc"))
TRAINED_MS = 180_000


@pytest.fixture(scope="module")
def server(tmp_path_factory) -> Iterator[Server]:
    """Nothing is there."""
    with Server(tmp_path_factory.mktemp("first") / "home", PROGON_MONITOR_REFRESH_S=1).start() as server:
        yield server


def clients(rows: int = 160) -> bytes:
    random = np.random.default_rng(3)
    ages, cities = random.integers(18, 80, rows), random.choice(["Perm", "Omsk", "Tver"], rows)
    buys = random.random(rows) < 0.15 + 0.6 * (ages > 45) + 0.15 * (cities == "Omsk")
    lines = [f"{age},{city},{'yes' if buys_one else 'no'}" for age, city, buys_one in zip(
        ages, cities, buys, strict=True)]
    return "\n".join(["age,city,buys", *lines, ""]).encode()


def shapes(n: int = 40) -> bytes:
    """A folder for each class."""
    table, file = make_classified(SHAPES, n, seed=5), io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for number, (picture, label) in enumerate(zip(table[IMAGE], table[LABEL], strict=True)):
            archive.writestr(f"{label}/{number}.png", encoded(picture, "PNG"))
    return file.getvalue()


class Person:
    """At a page, in a language; what is looked at has to be fit for all."""

    def __init__(self, page, mode: str, name: str) -> None:
        self.page, self.mode, self.name, self._seen = page, mode, name, 0
        self.said: Language = language(WAYS[mode])

    def click(self, words: str, **values: object) -> None:
        self.page.get_by_role("button", name=self.said(words, **values), exact=True).click()
        self.page.wait_for_load_state()

    def follow(self, words: str, **values: object) -> None:
        self.page.locator("#content").get_by_role("link", name=self.said(words, **values), exact=True).first.click()
        self.page.wait_for_load_state()

    def go_to(self, section: str) -> None:
        self.page.get_by_role("navigation", name=self.said("Sections")).get_by_role(
            "link", name=self.said(section)).click()
        self.page.wait_for_load_state()

    def look(self) -> None:
        self._seen += 1
        _check_as_it_is(self.page, f"first-hour-{self.name}-{self._seen}", self.mode)

    def reads(self, words: str, **values: object) -> None:
        self.page.get_by_text(self.said(words, **values)).first.wait_for()


def make_the_task(person: Person, file: tuple[str, bytes], target: str | None) -> None:
    person.page.goto("/")
    person.look()
    person.follow("New task")
    name, content = file
    person.page.locator("#new-file").set_input_files({"name": name, "mimeType": "", "buffer": content})
    person.click("Look at the file")
    person.page.wait_for_url("**/ui/new/*")
    if target is not None:
        person.page.get_by_label(person.said("Target"), exact=True).select_option(target)
        person.click("Show what it makes")
    person.look()
    person.page.locator("#name").fill(person.name)
    person.click("Make the task")
    person.page.wait_for_url("**/ui/data/*")
    person.look()


def train_and_deploy(person: Person) -> int:
    """From the page of a training that runs. Returns: its number."""
    person.page.wait_for_url("**/ui/experiments/*")
    number = int(person.page.url.rpartition("/")[2])
    person.page.wait_for_selector(".status.succeeded", timeout=TRAINED_MS)
    person.page.wait_for_load_state()
    person.look()
    person.follow("Deploy")
    person.look()
    person.click("Deploy %(id)s", id=number)
    person.reads("Experiment %(id)s serves now", id=number)
    person.look()
    return number


def label_it_late(person: Person, request_id: str, label: str) -> None:
    """By a file, on the page of what goes on; then the answer is shown with it."""
    person.go_to("Monitoring")
    person.page.locator("#labels-file").set_input_files({
        "name": "labels.csv", "mimeType": "text/csv",
        "buffer": f"request_id,label\n{request_id},{label}\n".encode()})
    person.click("Take the labels")
    person.reads("%(matched)s met an answer, %(unknown)s none so far, %(already)s were known already.", matched="1",
                 unknown="0", already="0")
    person.page.get_by_label(person.said("Request id"), exact=True).fill(request_id)
    person.click("Show")
    person.look()
    shown = person.page.locator("section[aria-labelledby=answers] tbody tr")
    assert shown.count() == 1 and label in shown.locator("td").nth(3).inner_text()


def train_another(person: Person) -> None:
    person.go_to("Experiments")
    person.follow("Retrain")
    person.page.get_by_label("iterations").fill("40")
    person.look()
    person.click("Start the training")
    train_and_deploy(person)


def roll_back(person: Person, number: int) -> None:
    person.follow("Roll back to %(id)s", id=number)
    person.look()
    person.click("Roll back to %(id)s", id=number)
    person.reads("Experiment %(id)s serves now", id=number)
    person.look()


@pytest.mark.parametrize("mode", WAYS)
def test_a_table(opened, mode):  # noqa: F811
    person = Person(opened(mode), mode, f"buyers_{WAYS[mode]}")
    page = person.page
    make_the_task(person, ("clients.csv", clients()), "buys")
    person.click("Train it")
    first = train_and_deploy(person)
    person.follow("Try it")
    page.get_by_role("textbox", name="age").fill("50")
    page.get_by_role("combobox", name="city").fill("Omsk")
    person.click("Send")
    assert page.inner_text(".answer output") in ("yes", "no")
    person.reads("Why")
    assert page.locator("section[aria-labelledby=answer] table").last.locator("tr").count() >= 2
    person.look()
    request_id = page.locator("section[aria-labelledby=answer] .hint code").last.inner_text()
    label_it_late(person, request_id, "yes")
    train_another(person)
    roll_back(person, first)
    assert page.said == []


@pytest.mark.parametrize("mode", WAYS)
def test_pictures(opened, mode):  # noqa: F811
    person = Person(opened(mode), mode, f"shapes_{WAYS[mode]}")
    page = person.page
    make_the_task(person, ("shapes.zip", shapes()), None)
    person.click("Train it")
    first = train_and_deploy(person)
    person.follow("Try it")
    picture = make_classified(SHAPES, 1, seed=6)[IMAGE][0]
    page.locator("#image").set_input_files({"name": "one.png", "mimeType": "image/png", "buffer": encoded(
        picture, "PNG")})
    person.click("Send")
    page.locator("section[aria-labelledby=answer]").wait_for()
    person.look()
    request_id = page.locator("section[aria-labelledby=answer] .hint code").last.inner_text()
    label_it_late(person, request_id, "bar")
    train_another(person)
    roll_back(person, first)
    assert page.said == []
