"""The pages as a person meets them: a real browser on a live service. Pictures are left in build/pages."""
from __future__ import annotations

import io
import json
import os
import re
import zipfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.builders import DISTANCE, ENGINE, TEMP, make_table
from tests.e2e.server import Server, wait_until, web
from tests.e2e.small_task import TASK, csv_of, put_small_task
from tests.foreign import mask_model, tensor_model
from tests.pictures import IMAGE, MASK, make_picture_task, make_pictures

playwright = pytest.importorskip(
    "playwright.sync_api", reason="Playwright is not installed: the pages were not looked at in a browser")
CHROMIUM = Path(os.environ.get("CHROMIUM", "/usr/bin/chromium"))
pytestmark = [
    pytest.mark.e2e, pytest.mark.slow, pytest.mark.xdist_group("e2e-pages"),
    pytest.mark.skipif(not CHROMIUM.exists(), reason=f"no {CHROMIUM}: the pages were not looked at in a browser"),
]
ROOT = Path(__file__).parents[2]
PICTURES = ROOT / "build" / "pages"
AXE = (ROOT / "tests" / "assets" / "axe.min.js").read_text(encoding="utf-8")
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update",
         "--disable-sync", "--no-first-run", "--disable-dev-shm-usage"]
HOSTILE = "<img src=x onerror=document.title='hacked'>"
PAGE_BYTES = 100_000
MODES = {
    "light": {"viewport": {"width": 1280, "height": 900}, "color_scheme": "light", "locale": "en-US"},
    "dark": {"viewport": {"width": 1280, "height": 900}, "color_scheme": "dark", "locale": "ru-RU"},
    "phone": {"viewport": {"width": 360, "height": 740}, "color_scheme": "light", "locale": "ru-RU"},
    "phone-dark": {"viewport": {"width": 360, "height": 740}, "color_scheme": "dark", "locale": "en-US"},
}
PAGES = {
    "overview": "/ui/", "try": "/ui/try/small", "data": "/ui/data/small", "experiments": "/ui/experiments?task=small",
    "experiment": "/ui/experiments/3", "compare": "/ui/compare?ids=1,3", "deployments": "/ui/deployments?task=small",
    "deploy": "/ui/deployments/deploy/2", "monitoring": "/ui/monitoring?task=small", "retrain": "/ui/retrain/small",
    "edit": "/ui/tasks/small/edit", "new": "/ui/new", "sign-in": "/ui/sign-in", "nowhere": "/ui/experiments/999",
}
PICTURE_PAGES = {
    "try-pictures": "/ui/try/spots", "data-pictures": "/ui/data/spots", "experiment-pictures": "/ui/experiments/4",
}
SPOTS = make_picture_task("spots")
ROOT_KEY = "0f1e2d3c4b5a69788796a5b4c3d2e1f0"
AS_ROOT = {"Authorization": f"Bearer {ROOT_KEY}"}
KEY_WORDS = {
    "light": {"keys": "Keys", "name": "Name", "days": "Days until it expires", "make": "Make the key",
              "revoke": "Revoke the key {}", "yes": "Revoke the key", "download": "Download JSON lines"},
    "phone": {"keys": "Ключи", "name": "Название", "days": "Срок действия", "make": "Создать ключ",
              "revoke": "Отозвать ключ {}", "yes": "Отозвать ключ", "download": "Скачать JSON Lines"}}


@pytest.fixture(scope="module")
def server(tmp_path_factory) -> Iterator[Server]:
    home = tmp_path_factory.mktemp("pages") / "home"
    container = put_small_task(home, experiments=2)
    container.task_catalog().add(SPOTS)
    container.feature_store().append(SPOTS, [make_pictures(SPOTS, 30, seed=1)])
    with Server(home, PROGON_MONITOR_REFRESH_S=1).start("/readyz") as server:
        small = _asked_to_train(server, "small", {"name": HOSTILE, "params": {"iterations": 30}})
        for params in ({}, {"iterations": 3}):  # 4 and 5: trained while the first tests run
            _asked_to_train(server, "spots", {"params": params})
        _wait_for(server, small)
        yield server


@pytest.fixture(scope="module")
def pictures(server) -> Server:
    """The server, with experiment 4 serving the task of pictures."""
    _wait_for(server, 4)
    web.post(f"{server.url}/deploy/4", timeout=60).raise_for_status()
    return server


def _asked_to_train(server: Server, task: str, asked: dict) -> int:
    answer = web.put(f"{server.url}/retrain", params={"task": task, "wait": 0}, json=asked, timeout=30)
    return answer.raise_for_status().json()["experiment_id"]


def _wait_for(server: Server, number: int) -> None:
    def ended() -> str | None:
        status = web.get(f"{server.url}/metrics/{number}").json()["status"]
        return status if status not in ("queued", "running") else None

    assert wait_until(ended, f"experiment {number}", 120) == "succeeded"


@pytest.fixture(scope="module")
def browser() -> Iterator:
    PICTURES.mkdir(parents=True, exist_ok=True)
    with playwright.sync_playwright() as started:
        browser = started.chromium.launch(executable_path=str(CHROMIUM), args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def opened(browser, server) -> Iterator:
    """Gives `open(mode, **more)`, a page in a browser of its own; what its console says is an error of the test."""
    contexts, said = [], []

    def open_page(mode: str = "light", **more):
        context = browser.new_context(**{"base_url": server.url} | MODES[mode] | more)
        context.set_default_timeout(30_000)
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda message: said.append(message.text) if message.type in ("error", "warning") else None)
        page.on("pageerror", lambda failure: said.append(str(failure)))
        page.said = said
        return page

    yield open_page
    for context in contexts:
        context.close()
    # The browser itself logs each status above 399, which some tests ask for.
    assert [text for text in said if "Failed to load resource" not in text] == []


def shot(page, name: str) -> None:
    page.screenshot(path=PICTURES / f"{name}.png", full_page=True)


def test_trainings_under_way_are_fit_for_a_phone(opened):
    page = opened("phone")
    _check_page(page, "/ui/", "overview-under-way", "phone")
    assert page.locator("progress").count() >= 1
    for table in page.locator(".scroll").all():
        assert table.evaluate("part => part.scrollWidth - part.clientWidth") <= 0


# What stands on the way from a file to a task, in the language of each mode.
WORDS = {
    "light": {"new": "New task", "file": "A file with the answers in it", "look": "Look at the file",
              "target": "Target", "show": "Show what it makes", "again": "Check again", "make": "Make the task",
              "sent": "boat is read as", "left out": "leave it out", "delete": "Delete the task"},
    "phone": {"new": "Новая задача", "file": "Файл, в котором ответы известны", "look": "Посмотреть файл",
              "target": "Целевой столбец", "show": "Показать, что получится", "again": "Проверить снова",
              "make": "Создать задачу", "sent": "Как читать boat", "left out": "не использовать",
              "delete": "Удалить задачу"}}


def voyage(rows: int = 150) -> bytes:
    """boat gives saved away; price holds a word for missing."""
    saved = np.random.default_rng(7).random(rows) < 0.4
    lines = [f"{1000 + row},{row * 7 % 60 + 15 * yes},{'-' if row % 17 == 0 else row % 40 + 30 * yes},"
             f"{row % 9 + 1 if yes else ''},{'yes' if yes else 'no'}" for row, yes in enumerate(saved)]
    return "\n".join(["id,age,price,boat,saved", *lines, ""]).encode()


def _make_a_task(page, mode: str) -> None:
    """From the overview to the page of the new task, by clicks alone."""
    words = WORDS[mode]
    page.goto("/ui/")
    page.get_by_role("link", name=words["new"], exact=True).click()
    page.get_by_label(words["file"]).set_input_files(
        {"name": f"voyage {mode}.csv", "mimeType": "text/csv", "buffer": voyage()})
    page.get_by_role("button", name=words["look"]).click()
    page.get_by_label(words["target"], exact=True).select_option("saved")
    page.get_by_role("button", name=words["show"]).click()
    assert "boat" in page.inner_text(".note.warn") and "100" in page.inner_text(".note.warn")
    page.get_by_label(words["sent"]).select_option(words["left out"])
    page.get_by_role("button", name=words["again"]).click()
    page.wait_for_selector(".note.good")
    assert page.locator(".note.warn").count() == 0 and page.locator(".note.good").count() == 1
    page.get_by_role("button", name=words["make"]).click()
    page.wait_for_url(f"**/ui/data/voyage_{mode}?made=1")


def test_a_task_is_made_and_deleted_on_a_phone_in_russian(opened, server):
    page = opened("phone")
    _make_a_task(page, "phone")
    shot(page, "25-made-phone")
    page.goto("/ui/tasks/voyage_phone/edit")
    page.get_by_role("link", name=WORDS["phone"]["delete"]).click()
    page.locator("#confirm").fill("voyage_phone")
    page.get_by_role("button", name=WORDS["phone"]["delete"]).click()
    page.wait_for_url("**/ui/history")
    assert web.get(f"{server.url}/tasks/voyage_phone").status_code == 404


@pytest.mark.parametrize("mode", MODES)
def test_the_columns_of_a_new_task_are_fit_for_all(opened, mode):
    page = opened(mode)
    page.goto("/ui/new")
    page.locator("#new-file").set_input_files({"name": "voyage.csv", "mimeType": "text/csv", "buffer": voyage()})
    page.locator("form[data-drop] button").click()
    page.wait_for_url("**/ui/new/*")
    chosen = page.url
    _check_page(page, chosen, "new-choose", mode)
    _check_page(page, f"{chosen}?target=saved&problem=binary", "new-columns", mode)


@pytest.mark.parametrize("mode", ["phone", "phone-dark"])
def test_what_is_wrong_with_a_model_is_fit_for_all(opened, mode):
    page = opened(mode)
    page.goto("/ui/import/small")
    page.locator("#model").set_input_files({"name": "m.onnx", "mimeType": "", "buffer": tensor_model()})
    page.locator("#mapping").fill("inputs: {nowhere: {columns: [temp]}}")
    page.locator("main form button").click()
    told = page.locator("main .note.bad").inner_text()
    assert ("вход x: принимает столбцов: 2" if mode == "phone" else "input x: takes 2 columns") in told
    assert ("такого входа у модели нет" if mode == "phone" else "is no input of the model") in told
    _check_as_it_is(page, "import-faults", mode)


def test_other_masks_than_those_of_a_nets_maker_are_fit_for_all(opened, tmp_path):
    page, check = opened("phone"), _zip(tmp_path / "check.zip", 6)
    _import_masks(page, check, "1/128")
    told = page.locator("main .note.bad").inner_text()
    assert "снимков: 3 из 3, больше всего в images/" in told and "там другой класс" in told
    _check_as_it_is(page, "import-masks-apart", "phone")
    _import_masks(page, check, "1/255")
    page.wait_for_url("**/ui/experiments/*")
    assert "совпадают с точностью до 0" in page.locator("#imported + table").inner_text()


def _import_masks(page, check: Path, scale: str) -> None:
    page.goto("/ui/import/spots")
    page.locator("#model").set_input_files({"name": "m.onnx", "mimeType": "", "buffer": mask_model("shares")})
    page.locator("#check").set_input_files(check)
    page.locator("#mapping").fill(f"picture: {{scale: {scale}}}")
    page.locator("main form button").click()


def test_a_file_is_dropped_anywhere_on_the_page(opened):
    page = opened()
    page.goto("/ui/new")
    dropped = page.evaluate_handle("""text => {
      const transfer = new DataTransfer();
      transfer.items.add(new File([text], "dropped.csv", {type: "text/csv"}));
      return transfer;
    }""", voyage().decode())
    page.dispatch_event("h1", "drop", {"dataTransfer": dropped})
    page.wait_for_url("**/ui/new/*")
    assert "dropped.csv" in page.inner_text("h1")


def test_the_whole_way_of_a_model(opened, server, tmp_path):
    page = opened()
    page.goto("/")
    assert page.url.endswith("/ui/") and "small" in page.inner_text("main")
    shot(page, "1-overview")
    _try_a_row(page)
    _answer_a_file(page, tmp_path)
    _add_data(page, tmp_path)
    number = _retrain(page, server)
    _compare_and_deploy(page, server, number)
    _roll_back(page, server, number)


def _try_a_row(page) -> None:
    page.get_by_role("navigation", name="Sections").get_by_text("Try it").click()
    assert page.get_by_label(DISTANCE).input_value() == ""  # private: no example of it is shown
    page.get_by_label(DISTANCE).fill("1400")
    page.get_by_label(TEMP).fill("warm")
    page.get_by_role("button", name="Send", exact=True).click()
    assert 'expected a number, got "warm"' in page.inner_text(".faulty")
    assert page.get_by_label(TEMP).input_value() == "warm"
    shot(page, "2-try-fault")
    page.get_by_label(TEMP).fill("39,5")
    page.get_by_role("button", name="Send", exact=True).click()
    assert page.inner_text(".answer output") in ("0", "1")
    curl = page.inner_text("pre.wrap")
    assert curl.startswith("curl 'http://127.0.0.1") and '39.5' in curl
    page.get_by_text("As JSON").click()
    row = json.loads(page.get_by_label("JSON", exact=True).input_value())
    page.get_by_label("JSON", exact=True).fill(json.dumps(row | {ENGINE: None}))
    page.get_by_role("button", name="Send JSON").click()
    assert page.inner_text(".answer output") in ("0", "1")
    shot(page, "3-try-answer")


def _answer_a_file(page, tmp_path) -> None:
    file = tmp_path / "rows <b>.csv"
    file.write_bytes(csv_of(40, seed=5))
    page.get_by_label("CSV with the same columns").set_input_files(file)
    page.get_by_role("button", name="Answer all rows").click()
    assert "rows <b>.csv" in page.inner_text("h1") and "auc" in page.inner_text("main")
    shot(page, "4-batch")
    with page.expect_download() as download:
        page.get_by_text("Download CSV").click()
    lines = Path(download.value.path()).read_text(encoding="utf-8").splitlines()
    assert len(lines) == 41 and ",prediction,probability_0,probability_1" in lines[0]


def _add_data(page, tmp_path) -> None:
    page.get_by_role("navigation", name="Sections").get_by_text("Data").click()
    good = csv_of(60, seed=7)
    bad = tmp_path / "bad.csv"
    lines = good.decode().splitlines()
    lines[3] = re.sub(r",[0-9.]*,", ",much,", lines[3], count=1)
    bad.write_text("\n".join(lines) + "\n", encoding="utf-8")
    page.get_by_label("A labelled file").set_input_files(bad)
    page.get_by_role("button", name="Check the file").click()
    assert "bad.csv was not added" in page.inner_text("#faults")
    assert page.inner_text("#faults tbody tr td") == "3" and TEMP in page.inner_text("#faults tbody")
    shot(page, "5-faults")
    file = tmp_path / "good.csv"
    file.write_bytes(good)
    page.get_by_label("A labelled file").set_input_files(file)
    told = _words_of_the_busy_form(page)
    page.get_by_role("button", name="Check the file").click()
    page.wait_for_url("**/files/*")
    assert told and told[-1] == "Checked so far: 60"
    assert "good.csv has 60 rows and no fault" in page.inner_text(".state")
    shot(page, "6-preview")
    page.get_by_role("button", name="Add 60 rows").click()
    page.wait_for_url("**?added=2")
    assert "Dataset version 2 is made" in page.inner_text(".note")
    shot(page, "7-added")


def _words_of_the_busy_form(page) -> list[str]:
    """Gets all that is told beside the button, as it comes."""
    told: list[str] = []
    page.expose_function("heard", lambda words: told.append(words))
    page.evaluate("""() => new MutationObserver(([change]) => heard(change.target.textContent)).observe(
        document.querySelector("form[data-told] [data-part=busy]"), { childList: true })""")
    return told


def _retrain(page, server) -> int:
    page.get_by_role("link", name="Retrain on it").click()
    page.get_by_label("Name").fill("by hand")
    page.get_by_label("depth").fill("99")
    page.get_by_role("button", name="Start the training").click()
    assert "must be between 1 and 10" in page.inner_text(".faulty")
    page.get_by_label("depth").fill("6")
    page.get_by_label("iterations").fill("800")
    page.get_by_label("early_stopping_rounds").fill("0")
    page.get_by_role("button", name="Start the training").click()
    page.wait_for_selector(".live")
    number = int(page.url.rsplit("/", 1)[1])
    _wait_for(server, 5)  # it stands behind the two of the pictures in the queue
    # Not page.wait_for_function: it needs eval, which our own pages forbid.
    wait_until(lambda: page.evaluate("document.querySelector('.live progress').value > 0.1"), "progress")
    wait_until(lambda: len(page.inner_text("[data-part=log]")) > 20, "a log")
    page.reload()
    page.wait_for_selector(".live .line[d^=M]", state="attached", timeout=60_000)
    assert re.search(r"iteration \d+ of 800", page.inner_text(".live"))
    shot(page, "8-live")
    page.wait_for_selector(".status.succeeded", timeout=120_000)
    assert page.url.endswith(f"/ui/experiments/{number}")
    page.wait_for_selector("#learning_curves .line", state="attached")
    assert web.get(f"{server.url}/metrics/{number}").json()["name"] == "by hand"
    shot(page, "9-experiment")
    return number


def _compare_and_deploy(page, server, number: int) -> None:
    page.get_by_role("navigation", name="Sections").get_by_text("Experiments").click()
    page.get_by_label("compare 1", exact=True).check()
    page.get_by_label(f"compare {number}", exact=True).check()
    shot(page, "10-experiments")
    page.get_by_role("button", name="Compare the chosen").click()
    page.wait_for_load_state()
    assert page.url.endswith(f"/ui/compare?ids={number},1")
    assert "against experiment 1, which serves" in page.inner_text(".state")
    assert page.locator(".difference").count() > 3 and "800" in page.inner_text("section[aria-labelledby=params]")
    shot(page, "11-compare")
    page.get_by_role("link", name=f"Deploy {number}", exact=True).click()
    assert "On the same held-out rows" in page.inner_text("main")
    shot(page, "12-confirm")
    page.get_by_role("button", name=f"Deploy {number}", exact=True).click()
    assert f"Experiment {number} serves now" in page.inner_text(".note")
    shot(page, "13-deployed")
    assert web.get(f"{server.url}/metadata", params={"task": "small"}).json()["experiment_id"] == number


def _roll_back(page, server, number: int) -> None:
    page.get_by_role("link", name="Roll back to 1").click()
    page.get_by_role("button", name="Roll back to 1").click()
    assert "Experiment 1 serves now" in page.inner_text(".note") and "rolled back" in page.inner_text("tbody")
    shot(page, "14-rolled-back")
    assert web.get(f"{server.url}/metadata", params={"task": "small"}).json()["experiment_id"] == 1


def test_pictures_from_the_first_look_to_the_deployment(opened, pictures, tmp_path):
    page = opened()
    page.goto("/ui/try/spots")
    page.get_by_role("button", name="Send picture 30").click()
    _move_the_sliders(page)
    _send_a_picture(page)
    _answer_a_zip(page, tmp_path)
    _add_pictures(page, tmp_path)
    _wait_for(pictures, 5)
    page.goto("/ui/experiments/4")
    sheet = page.get_by_alt_text("Picture, truth and answer of each case").first
    sheet.scroll_into_view_if_needed()
    wait_until(lambda: sheet.evaluate("image => image.naturalWidth > 500"), "the contact sheet")
    assert "picture" in page.inner_text("#worst_pictures")
    shot(page, "19-contact-sheet")
    page.goto("/ui/compare?ids=4,5")
    assert page.locator(".sheets img").count() == 2 and page.locator(".difference").count() >= 3
    page.get_by_role("link", name="Deploy 5", exact=True).click()
    assert "iou" in page.inner_text("main") and "4, serves now" in page.inner_text("main")
    shot(page, "20-confirm-pictures")


def _move_the_sliders(page) -> None:
    page.wait_for_selector("[data-live]")
    share, overlay = page.locator("tr[data-class] .n").nth(1), page.locator("canvas[data-layer=overlay]")
    before, drawn = share.inner_text(), overlay.evaluate("canvas => canvas.toDataURL()")
    assert before not in ("0.0%", "100.0%")
    page.get_by_label("Threshold").fill("0")
    wait_until(lambda: share.inner_text() == "100.0%", "a mask of all pixels")
    assert "-H 'X-Threshold: 0'" in page.inner_text("pre.wrap")
    wider = overlay.evaluate("canvas => canvas.toDataURL()")
    page.get_by_label("Opacity of the overlay").fill("1")
    wait_until(lambda: overlay.evaluate("canvas => canvas.toDataURL()") != wider, "another overlay")
    assert wider != drawn
    shot(page, "15-picture")


def _send_a_picture(page) -> None:
    page.get_by_label("A picture").set_input_files({"name": "no <b>.png", "mimeType": "image/png", "buffer": b"none"})
    page.get_by_role("button", name="Send", exact=True).click()
    assert "no <b>.png: is no picture in one of the formats" in page.inner_text(".faulty")
    picture = make_pictures(SPOTS, 1, seed=2)[IMAGE][0]
    page.get_by_label("A picture").set_input_files(
        {"name": "it's.tif", "mimeType": "image/tiff", "buffer": encoded(picture[:, :, 0], "TIFF")})
    page.get_by_role("button", name="Send", exact=True).click()
    page.wait_for_selector("[data-live]")
    assert "it's.tif · 56 × 40" in page.inner_text("h2")


def _answer_a_zip(page, tmp_path) -> None:
    page.get_by_label("A zip of pictures or videos").set_input_files(_zip(tmp_path / "some <i>.zip", seed=3))
    page.get_by_label("The answers as").select_option("overlay")
    page.get_by_role("button", name="Answer all pictures").click()
    assert "some <i>.zip" in page.inner_text("h1") and "iou" in page.inner_text("main")
    page.wait_for_load_state()
    shown = page.locator(".gallery img")
    assert shown.count() == 3
    wait_until(lambda: shown.first.evaluate("image => image.naturalWidth") == 56, "the first answer")
    shot(page, "16-pictures-answered")
    with page.expect_download() as download:
        page.get_by_text("Download the zip").click()
    with zipfile.ZipFile(download.value.path()) as archive:
        assert archive.namelist() == ["images/0.png", "images/1.png", "images/2.png", "summary.csv"]


def _add_pictures(page, tmp_path) -> None:
    page.get_by_role("navigation", name="Sections").get_by_text("Data").click()
    assert "30 pictures in dataset version 1" in page.inner_text(".state")
    page.get_by_role("link", name="Older").click()
    page.wait_for_load_state()
    assert page.locator(".gallery li").count() == 6
    page.get_by_label("A zip of pictures and masks").set_input_files(_zip(tmp_path / "bad.zip", 4, "images/x <b>.png"))
    page.get_by_role("button", name="Check the file").click()
    page.wait_for_selector("#faults")
    assert [*page.locator("#faults td").all_inner_texts()] == ["images/x <b>.png", "has no mask"]
    shot(page, "17-faults-of-pictures")
    page.get_by_label("A zip of pictures and masks").set_input_files(_zip(tmp_path / "good.zip", seed=4))
    page.get_by_role("button", name="Check the file").click()
    page.wait_for_url("**/files/*")
    assert page.locator(".pair img").count() == 6 and "good.zip has 3 pictures" in page.inner_text(".state")
    shot(page, "18-preview-of-pictures")
    page.get_by_role("button", name="Add 3 pictures").click()
    page.wait_for_url("**?added=2")
    assert "3 pictures added" in page.inner_text(".note")
    assert page.locator(".gallery figcaption").first.inner_text().startswith("33")


def _zip(path: Path, seed: int, *more: str) -> Path:
    table = make_pictures(SPOTS, 3, seed)
    with zipfile.ZipFile(path, "w") as archive:
        for row in range(table.n_rows):
            archive.writestr(f"images/{row}.png", encoded(table[IMAGE][row][:, :, 0], "PNG"))
            archive.writestr(f"masks/{row}.png", encoded(table[MASK][row] * 255, "PNG"))
        for name in more:
            archive.writestr(name, encoded(table[IMAGE][0][:, :, 0], "PNG"))
    return path


def encoded(pixels: np.ndarray, kind: str) -> bytes:
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, kind)
    return file.getvalue()


def test_monitoring_from_the_drift_to_a_single_answer(opened, server):
    params = {"task": "small"}
    web.post(f"{server.url}/evaluate", params=params, content=csv_of(300, seed=11), timeout=30,
             headers={"Content-Type": "text/csv"}).raise_for_status()
    row = web.get(f"{server.url}/datasets/small/sample").json()["rows"][0]
    row.pop(TASK.schema.target.name)
    asked = {"X-Request-ID": "look-for-me", "Content-Type": "application/json"}
    web.post(f"{server.url}/forward", params=params, json=row | {TEMP: 33.5, DISTANCE: 1400},
             headers=asked).raise_for_status()
    wait_until(lambda: web.get(f"{server.url}/observations", params=params).json()["models"][0]["drift"],
               "the model to be looked at")
    wait_until(lambda: web.get(f"{server.url}/predictions", params=params | {
        "request_id": "look-for-me"}).json()["predictions"], "the answer in the log")
    page = opened()
    page.goto("/ui/monitoring?task=small")
    assert "auc" in page.inner_text("section[aria-labelledby=quality]")
    page.get_by_role("link", name=TEMP).click()
    page.wait_for_load_state()
    assert page.inner_text(".drift figcaption code") == TEMP and page.locator(".drift .outlines .current").count() == 1
    page.get_by_text("The numbers").click()
    shot(page, "21-monitoring")
    page.get_by_label("Prediction", exact=True).select_option("1")
    page.get_by_label("True label", exact=True).select_option("0")
    page.get_by_role("button", name="Show", exact=True).click()
    page.wait_for_load_state()
    wrong = page.locator("section[aria-labelledby=answers] tbody tr")
    assert wrong.count() and wrong.count() == page.locator(".difference.bad", has_text="wrong").count()
    page.get_by_text("Show all").click()
    page.get_by_label("Request id", exact=True).fill("look-for-me")
    page.get_by_role("button", name="Show", exact=True).click()
    page.get_by_text("look-for-me").click()
    assert "33.5" in page.inner_text(".inputs dl") and DISTANCE not in page.inner_text(".inputs dl"), "it is private"
    shot(page, "22-one-answer")


def test_a_training_is_cancelled(opened, server):
    page = opened()
    page.goto("/ui/retrain/small")
    page.get_by_label("iterations").fill("10000")
    page.get_by_label("early_stopping_rounds").fill("0")
    page.get_by_role("button", name="Start the training").click()
    page.get_by_role("button", name="Cancel").click()
    page.wait_for_selector(".status.cancelled", timeout=30_000)


def test_from_a_file_to_a_model_that_serves_by_clicks_alone(opened, server):
    _wait_for(server, 5)  # the last in the queue
    page = opened()
    _make_a_task(page, "light")
    shot(page, "23-made")
    page.get_by_role("button", name="Train it").click()
    page.wait_for_selector(".status.succeeded", timeout=120_000)
    page.get_by_role("link", name="Deploy", exact=True).click()
    page.get_by_role("button", name="Deploy").click()
    assert "serves now" in page.inner_text(".note")
    shot(page, "24-first-deployed")
    answer = web.post(f"{server.url}/forward", params={"task": "voyage_light"}, json={"age": 30, "price": 50})
    assert answer.json()["prediction"] in ("yes", "no")


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("name", PAGES)
def test_a_page_is_fit_for_all(opened, name, mode):
    _check_page(opened(mode), PAGES[name], name, mode)


@pytest.mark.parametrize("mode", ["dark", "phone"])
@pytest.mark.parametrize("name", PICTURE_PAGES)
def test_a_page_with_pictures_is_fit_for_all(opened, pictures, name, mode):
    _check_page(opened(mode), PICTURE_PAGES[name], name, mode)


def _check_as_it_is(page, name: str, mode: str) -> None:
    """What cannot be loaded a second time."""
    shot(page, f"{name}-{mode}")
    assert page.evaluate("document.scrollingElement.scrollWidth") <= MODES[mode]["viewport"]["width"]
    _check_access(page)


def _check_page(page, address: str, name: str, mode: str) -> None:
    received: dict[str, float] = {}
    session = page.context.new_cdp_session(page)
    session.send("Network.enable")
    session.on("Network.loadingFinished", lambda event: received.update(
        {event["requestId"]: event["encodedDataLength"]}))
    pictures: set[str] = set()
    session.on("Network.responseReceived", lambda event: event["response"]["mimeType"] == "image/png" and pictures.add(
        event["requestId"]))
    page.goto(address, wait_until="load")
    shot(page, f"{name}-{mode}")
    # The task's own pictures come on top: how many bytes they have is not for the page to say.
    weight = sum(size for request, size in received.items() if request not in pictures)
    assert 0 < weight <= PAGE_BYTES, f"{weight} bytes"
    assert page.title() != "hacked"
    width = page.evaluate("document.scrollingElement.scrollWidth")
    assert width <= MODES[mode]["viewport"]["width"], f"the page is {width} px wide"
    _check_access(page)
    if name != "nowhere":
        assert page.said == []


def _check_access(page) -> None:
    page.evaluate(AXE)
    found = page.evaluate("axe.run({resultTypes: ['violations']})")
    serious = [(one["id"], one["help"], [node["html"][:200] for node in one["nodes"][:3]])
               for one in found["violations"] if one["impact"] in ("serious", "critical")]
    assert serious == []


def test_the_head_of_a_page_fits_a_phone_for_who_is_signed_in(opened, server):
    page = opened("phone")
    page.context.add_cookies([{"name": "progon_key", "value": "any", "url": server.url}])
    page.goto("/ui/monitoring?task=small")
    assert page.get_by_role("button", name="Выйти").is_visible()
    assert page.locator(".top b").first.inner_text() == "small"
    assert page.evaluate("document.scrollingElement.scrollWidth") <= MODES["phone"]["viewport"]["width"]


@pytest.fixture(scope="module")
def guarded(tmp_path_factory) -> Iterator[Server]:
    """A service that asks for keys, of which it has some."""
    with Server(tmp_path_factory.mktemp("guarded"), PROGON_API_KEYS=f"{ROOT_KEY}:write:root",
                PROGON_DASK_SCHEDULER="tcp://127.0.0.1:1").start() as server:
        for wish in ({"name": "ci", "rights": ["predict", "read"], "days": 90},
                     {"name": "nightly retraining of all that there is", "rights": ["data", "train", "deploy"]},
                     {"name": HOSTILE, "rights": ["admin"]}, {"name": "old", "rights": ["read"]}):
            answer = web.post(f"{server.url}/keys", json=wish, headers=AS_ROOT)
        web.delete(f"{server.url}/keys/{answer.json()['made']['id']}", headers=AS_ROOT).raise_for_status()
        yield server


def _as_root(opened, guarded, mode: str):
    page = opened(mode, base_url=guarded.url)
    page.context.add_cookies([{"name": "progon_key", "value": ROOT_KEY, "url": guarded.url}])
    return page


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize(("name", "address"), [
    ("keys", "/ui/keys?revoked=4"), ("key-revoke", "/ui/keys/1/revoke"), ("audit", "/ui/audit")])
def test_a_page_of_who_may_and_who_did_is_fit_for_all(opened, guarded, name, address, mode):
    _check_page(_as_root(opened, guarded, mode), address, name, mode)


@pytest.mark.parametrize("mode", ["light", "phone"])
def test_a_key_is_made_and_revoked_by_clicks(opened, guarded, mode):
    page, words = _as_root(opened, guarded, mode), KEY_WORDS[mode]
    page.goto("/ui/")
    page.locator(".menu.end summary").click()
    shot(page, f"key-menu-{mode}")
    page.get_by_role("link", name=words["keys"], exact=True).click()
    page.get_by_label(words["name"], exact=True).fill(f"by hand {mode}")
    page.get_by_label(words["days"]).fill("30")
    page.get_by_role("button", name=words["make"]).click()
    key = page.inner_text("pre >> nth=0")
    assert re.fullmatch(r"progon_[\w-]{43}", key)
    assert web.get(f"{guarded.url}/tasks", headers={"Authorization": f"Bearer {key}"}).status_code == 200
    _check_as_it_is(page, "key-made", mode)
    page.goto("/ui/keys")
    page.get_by_label(words["revoke"].format(f"by hand {mode}")).click()
    page.get_by_role("button", name=words["yes"]).click()
    page.wait_for_url("**/ui/keys?revoked=*")
    assert web.get(f"{guarded.url}/tasks", headers={"Authorization": f"Bearer {key}"}).status_code == 401
    page.goto("/ui/audit?who=root")
    assert page.locator("tbody tr").count() >= 2
    with page.expect_download() as download:
        page.get_by_text(words["download"]).click()
    acts = [json.loads(line)["act"] for line in Path(download.value.path()).read_text(encoding="utf-8").splitlines()]
    assert acts[-2:] == ["key created", "key revoked"]


def test_without_scripts(browser, server, tmp_path):
    context = browser.new_context(base_url=server.url, java_script_enabled=False, locale="en-US")
    page = context.new_page()
    page.goto("/ui/try/small")
    page.get_by_label(DISTANCE).fill("1400")
    page.get_by_role("button", name="Send", exact=True).click()
    assert page.inner_text(".answer output") in ("0", "1")
    file = tmp_path / "rows.csv"
    file.write_bytes(csv_of(20, seed=9))
    page.get_by_label("CSV with the same columns").set_input_files(file)
    page.get_by_role("button", name="Answer all rows").click()
    assert "auc" in page.inner_text("main")
    page.goto("/ui/experiments/3?scale=log")
    assert page.locator("#learning_curves .line").count()
    page.goto("/ui/new")
    page.locator("#new-file").set_input_files({"name": "plain.csv", "mimeType": "text/csv", "buffer": voyage()})
    page.get_by_role("button", name="Look at the file").click()
    page.get_by_label("Target", exact=True).select_option("price")
    page.get_by_role("button", name="Show what it makes").click()
    page.get_by_role("button", name="Make the task").click()
    assert "The task plain is made" in page.inner_text(".note.good")
    context.close()


def test_pictures_without_scripts(browser, pictures):
    context = browser.new_context(base_url=pictures.url, java_script_enabled=False, locale="en-US")
    page = context.new_page()
    page.goto("/ui/try/spots")
    page.get_by_role("button", name="Send picture").first.click()
    page.wait_for_load_state()
    assert page.locator("img[data-layer]").count() == 3
    assert page.locator("tr[data-class] .n").nth(1).inner_text() != "100.0%"
    page.get_by_label("Threshold").fill("0")
    page.get_by_role("button", name="Draw again").click()
    assert page.locator("tr[data-class] .n").nth(1).inner_text() == "100.0%"
    assert page.get_by_label("Threshold").input_value() == "0"
    context.close()


def test_by_keyboard_alone(opened):
    page = opened()
    page.goto("/ui/experiments?task=small")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "content"
    boxes = 0
    for _ in range(60):
        page.keyboard.press("Tab")
        kind = page.evaluate("document.activeElement.type ?? ''")
        if kind == "checkbox" and boxes < 2:
            page.keyboard.press("Space")
            boxes += 1
        if kind == "submit" and page.evaluate("document.activeElement.textContent") == "Compare the chosen":
            page.keyboard.press("Enter")
            break
    page.wait_for_url("**/ui/compare?ids=*,*")


def test_the_rows_of_the_test_are_what_they_were():
    """The fault planted above stands in a number column."""
    assert list(make_table(TASK, 1).columns)[:3] == ["day", "Перевозчик", TEMP]
