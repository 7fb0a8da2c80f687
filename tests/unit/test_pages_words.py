"""What the pages say and draw, without a page around it."""
from __future__ import annotations

import io
from datetime import UTC, datetime
from pathlib import Path

import pytest

from entrypoints.admin import asking, charts, faults, metrics, observations, plots
from entrypoints.admin.backend import ApiProblem, Fault
from entrypoints.admin.language import language
from entrypoints.admin.links import Links

ADMIN = Path(__file__).parents[2] / "entrypoints" / "admin"
RUSSIAN = ADMIN / "locale" / "ru" / "LC_MESSAGES" / "progon.po"
EN, RU = language("en"), language("ru")
NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)


@pytest.fixture(scope="module")
def russian():
    reason = "Babel is not installed: the catalogue was not compared"
    pofile = pytest.importorskip("babel.messages.pofile", reason=reason)
    with RUSSIAN.open("rb") as file:
        return pofile.read_po(file, locale="ru")


def test_every_message_has_its_russian(russian):
    from babel.messages.extract import extract_from_dir
    from babel.messages.frontend import parse_mapping_cfg
    with (ADMIN / "babel.cfg").open() as file:
        methods, options = parse_mapping_cfg(file)
    keywords = {"_": None, "gettext": None, "ngettext": (1, 2), "_N": None, "language": None, "self": None,
                "plural": (1, 2)}
    found = {message for _, _, message, _, _ in extract_from_dir(
        str(ADMIN), methods, options, keywords)}
    known = {message.id for message in russian if message.id}
    assert found == known, f"run `make messages`: new {found - known}, gone {known - found}"
    untold = [message.id for message in russian if message.id and (message.fuzzy or not all(
        message.string if isinstance(message.string, tuple) else (message.string,)))]
    assert not untold


def test_the_russian_keeps_every_placeholder(russian):
    wrong = [message.id for message in russian if message.id and list(message.check(russian))]
    assert not wrong


def test_the_compiled_catalogue_is_that_of_the_text(russian):
    from babel.messages.mofile import write_mo
    compiled = io.BytesIO()
    write_mo(compiled, russian)
    assert RUSSIAN.with_suffix(".mo").read_bytes() == compiled.getvalue()


@pytest.mark.parametrize(("count", "words"), [
    (1, "1 строка"), (2, "2 строки"), (5, "5 строк"), (11, "11 строк"), (21, "21 строка"), (1234, "1\u202f234 строки")])
def test_russian_plurals(count, words):
    assert RU.plural("%(count)s row", "%(count)s rows", count) == words


def test_numbers_as_they_are_written():
    assert (EN.number(1234.5, 2), RU.number(1234.5, 2)) == ("1,234.50", "1\u202f234,50")
    assert (EN.percent(0.1234), RU.percent(0.1234)) == ("12.3%", "12,3\u00a0%")
    assert (EN.signed(-0.25, 2), RU.signed(0.25, 2)) == ("−0.25", "+0,25")
    assert (EN.short(2013.0), EN.short(0.1), RU.short(1.5), EN.short(None)) == ("2013", "0.1", "1,5", "–")
    assert EN.number(float("nan")) == EN.number(None) == "–"
    assert (EN.size(5), EN.size(1_500_000), RU.size(2_000)) == ("5\u00a0B", "1.5\u00a0MB", "2,0\u00a0кБ")


@pytest.mark.parametrize(("time", "words"), [
    ("2026-11-23T11:59:30Z", "just now"), ("2026-11-23T11:58:00Z", "2 minutes ago"),
    ("2026-11-23T11:00:00+00:00", "1 hour ago"), ("2026-11-20T12:00:00Z", "3 days ago"),
    ("2027-01-01T00:00:00Z", "just now"), (None, "–")])
def test_how_long_ago(time, words):
    assert EN.ago(time, NOW) == words


@pytest.mark.parametrize(("seconds", "words"), [
    (0.25, "0,2 с"), (42, "42 с"), (61, "1 мин 1 с"), (3700, "1 ч 1 мин"), (None, "–")])
def test_durations(seconds, words):
    assert RU.duration(seconds) == words


@pytest.mark.parametrize(("where", "what", "said"), [
    ("row 3, column temp", 'expected a number, got "x"', 'строка 3, столбец temp: нужно число, а здесь "x"'),
    ("column a, b", "is missing", "столбец a, b: отсутствует"),
    ("row 7", "a value is required", "строка 7: нужно значение"),
    ("params.depth", "must be between 1 and 10, got the number 99",
     "params.depth: должно быть от 1 до 10, а здесь the number 99"),
    ("query.experiment_id", "input should be a valid integer, unable to parse string as an integer",
     "experiment_id: нужно целое число"),
    ("query.experiment_id", "input should be greater than or equal to 1", "experiment_id: допустимо не меньше 1"),
    ("somewhere", "is odd", "somewhere: is odd"),
    ("row 1, column %(x)s", "%s is none of the labels 0, 1", "строка 1, столбец %(x)s: %s нет среди меток 0, 1")])
def test_faults_in_russian(where, what, said):
    assert faults.translated(RU, Fault(where, what)) == said


@pytest.mark.parametrize(("metric", "value", "base", "arrow", "verdict"), [
    ("auc", 0.8, 0.7, "▲", "good"), ("auc", 0.6, 0.7, "▼", "bad"), ("logloss", 0.6, 0.7, "▼", "good"),
    ("rmse", 120.0, 100.0, "▲", "bad"), ("auc", 0.7, 0.70001, "=", "same"), ("mystery", 2.0, 1.0, "▲", "same")])
def test_differences(metric, value, base, arrow, verdict):
    found = metrics.difference(EN, metric, value, base)
    assert (found.arrow, found.verdict) == (arrow, verdict)


def test_a_difference_needs_two():
    assert metrics.difference(EN, "auc", None, 1.0) is metrics.difference(EN, "auc", 1.0, None) is None
    rows = metrics.table(EN, [{"auc": 0.5}, None, {"auc": 0.75, "f1": 0.1}])
    assert [[cell.text for cell in row.cells] for row in rows] == [["0.5000", "–", "0.7500"], ["–", "–", "0.1000"]]


@pytest.mark.parametrize("values", [
    [(0, 1.0)], [(0, 1.0), (1, 1.0)], [(0, 0.0), (1, 1e-9)], [(-5, -1e9), (5, 1e9)], [(n, 2.0**-n) for n in range(300)],
    [(0, float("nan")), (1, 2.0), (2, float("inf"))]])
@pytest.mark.parametrize("log", [False, True])
def test_whatever_is_drawn_stays_within_its_frame(values, log):
    chart = charts.line_chart(EN, "t", {"a": values, "b" * 40: values, "c": values}, "x", "y", log=log)
    if chart is None:
        assert log
        return
    for line in chart.lines:
        for dot in line.dots:
            assert chart.left <= dot.x <= chart.right and chart.top <= dot.y <= chart.bottom
    names = sorted(line.name_y for line in chart.lines)
    assert all(b - a >= 12 for a, b in zip(names, names[1:], strict=False))
    assert all(chart.top - 1 <= tick.at <= chart.bottom + 1 for tick in chart.y_ticks) and len(chart.y_ticks) < 30


def test_nothing_is_no_chart():
    assert charts.line_chart(EN, "t", {}, "x", "y") is None
    assert charts.line_chart(EN, "t", {"a": [(0, -1.0)]}, "x", "y", log=True) is None
    assert charts.histogram(EN, [], []) == []


@pytest.mark.parametrize(("texts", "ids"), [
    (["1,2"], [1, 2]), (["2", "1", "2"], [2, 1]), ([" 3, 4 ,"], [3, 4]), ([], [])])
def test_ids_of_a_comparison(texts, ids):
    assert asking.numbers("ids", texts, 8) == ids


@pytest.mark.parametrize(("texts", "said"), [
    (["1,x"], 'ids: нужно целое число, а здесь "x"'), (["-1"], 'ids: нужно целое число, а здесь "-1"'),
    (["9" * 19], f'ids: нужно целое число, а здесь "{"9" * 19}"'),
    ([",".join(map(str, range(9)))], "ids: названо 9, а можно не больше 8")])
def test_ids_that_cannot_be_used(texts, said):
    with pytest.raises(ApiProblem) as told:
        asking.numbers("ids", texts, 8)
    assert [faults.translated(RU, fault) for fault in told.value.faults] == [said]


DRIFT = [
    {"feature": "z", "psi": 0.01, "missing": 0.0, "unseen": 0.0, "edges": [1.5, 2.5], "low": 0.0, "high": 9.0,
     "reference": [0.25, 0.25, 0.5, 0.0], "current": [0.5, 0.25, 0.25, 0.0]},
    {"feature": "x", "psi": 0.3, "missing": 0.25, "unseen": None, "categories": ["UA"], "reference": [0.5, 0.5, 0.0],
     "current": [0.25, 0.5, 0.25]},
    {"feature": "one", "psi": 0.0, "missing": 1.0, "unseen": None, "edges": [], "low": None, "high": None,
     "reference": [0.0, 1.0], "current": [0.0, 1.0]}]


def test_what_was_observed():
    model = {"task": "a", "observed_at": "2026-11-23T02:23:47Z", "rows": 500, "labelled_rows": 20,
             "quality": {"auc": 0.5, "logloss": None}, "promised": {"auc": 0.75}, "drift": DRIFT}
    seen = observations.observed(EN, {"models": [model]}, "a")
    assert [(feature.name, feature.level) for feature in seen.features] == [("x", "much"), ("z", "low"), ("one", "low")]
    assert (seen.rows, seen.quality, seen.promised, seen.worst.name) == (500, {"auc": 0.5}, {"auc": 0.75}, "x")
    assert [list(feature.bins) for feature in seen.features] == [
        ["UA", "all others", "missing"], ["< 1.5", "1.5 … 2.5", "≥ 2.5", "missing"], ["any", "missing"]]
    assert [observations.observed(EN, body, "a") for body in (
        None, {"models": []}, {"models": [model | {"task": "b"}]})] == [observations.Observed()] * 3
    assert [observations.drift_level(value) for value in (0.05, 0.2, 0.4)] == ["low", "some", "much"]


def test_the_traffic_of_an_hour():
    minutes = [{"at": "2026-11-23T02:01:00Z", "requests": 4}, {"at": "2026-11-23T03:00:00+00:00", "requests": 3}]
    body = {"since": "2026-11-23T02:01:00Z", "tasks": [
        {"task": "a", "requests": 7, "refused": 2, "failed": 1, "minutes": minutes}]}
    came = observations.traffic(EN, body, "a")
    assert (came.requests, came.refused, came.failed, len(came.bars)) == (7, 2, 1, 60)
    assert [bar.title for bar in (came.bars[0], came.bars[1], came.bars[-1])] == ["02:01: 4", "02:02: 0", "03:00: 3"]
    assert observations.traffic(EN, body, "b") == observations.traffic(EN, None, "a") == observations.Traffic()


def test_outlines_of_two_histograms():
    found = charts.outlines(EN, ["low", "high"], [0.5, 0.5], [1.0, 0.0], 100, 42)
    assert found.reference == "M0 41V21H50V21H100V41" and found.current == "M0 41V1H50V41H100V41"
    assert [zone.title for zone in found.zones] == [
        "low: 50.0% in training, 100.0% now", "high: 50.0% in training, 0.0% now"]
    named = charts.outlines(EN, ["UA", "a long name"], [1.0, 0.0], [0.0, 1.0], 100, 42, ())
    assert [(label.at, label.text) for label in named.labels] == [(25, "UA"), (75, "a long …")]
    between = charts.outlines(EN, ["< 1.5", "≥ 1.5", "missing"], [1, 0, 0], [0, 0, 1], 90, 42, ["1.5"])
    assert [(label.at, label.text) for label in between.labels] == [(30, "1.5"), (78, "missing")]


def test_labels_below_a_histogram_do_not_touch():
    edges = [f"−0,{number}94919" for number in range(1, 10)]
    bins = [*map(str, range(10)), "нет значения"]
    labels = charts.outlines(RU, bins, [1] + [0] * 10, [1] + [0] * 10, 640, 150, edges).labels
    assert [label.text for label in labels] == [*edges[::2], bins[-1]]
    assert all(b.at - a.at > 7 * (len(a.text) + len(b.text)) / 2 for a, b in zip(labels, labels[1:], strict=False))


def test_answers_of_the_log():
    row = {"created_at": "2026-11-23T02:23:47Z", "request_id": "r", "row_no": 1, "route": "/forward",
           "experiment_id": 3, "prediction": "late", "score": 0.75, "label": None, "latency_s": 0.0025,
           "inputs": {"temp": 39.0, "carrier": "UA", "wind": None, "gust": ""}}
    rows = [row, row | {"label": "late"}, row | {"label": "on time"}]
    found = observations.answers(EN, rows, False)
    assert [(one.right, one.label) for one in found] == [(None, "–"), (True, "late"), (False, "on time")]
    assert (found[0].score, found[0].latency, found[0].inputs) == (
        "0.750", "2.5", [("temp", "39"), ("carrier", "UA"), ("wind", "–"), ("gust", "–")])
    number, = observations.answers(EN, [row | {"prediction": "12.345678", "score": 12.345678, "label": "12.3"}], True)
    assert (number.prediction, number.score, number.right) == ("12.3457", "", None)


def test_links():
    links = Links("http://api", "http://grafana/", "http://board")
    assert links.dashboard("model", "a b&c") == "http://grafana/d/progon-model?var-task=a+b%26c"
    assert links.curves(7) == "http://board/?runFilter=%5E7/#timeseries"


def counts(*found: int) -> list[dict]:
    pairs = [(actual, predicted) for actual in ("no", "yes") for predicted in ("no", "yes")]
    return [{"actual": actual, "predicted": predicted, "count": count}
            for (actual, predicted), count in zip(pairs, found, strict=True)]


@pytest.mark.parametrize(("rows", "expected"), [
    (counts(60, 20, 5, 15), (15 / 35, 0.75, 0.25)), (counts(9, 0, 3, 0), (None, 0.0, 0.0)),
    (counts(0, 0, 1, 3), (1.0, 0.75, None)), (counts(1, 2, 0, 0), (0.0, None, 2 / 3))])
def test_how_a_model_of_two_labels_decides(rows, expected):
    found = plots.decided(rows)
    assert found is not None and (found.precision, found.recall, found.fpr) == expected


@pytest.mark.parametrize("rows", [None, [], [{"actual": "a"}], [{"actual": 1, "predicted": 2, "count": "x"}],
                                  [{"actual": name, "predicted": name, "count": 1} for name in "abc"]])
def test_of_others_it_is_not_known(rows):
    assert plots.decided(rows) is None


def test_a_point_lies_where_its_values_are():
    chart = charts.line_chart(EN, "ROC", {"ROC": [(0.0, 0.0), (1.0, 1.0)]}, "fpr", "tpr", unit_square=True)
    dot, = charts.pointed(chart, 0.0, 1.0, "here").points
    assert (dot.x, dot.y, dot.title) == (chart.left, chart.top, "here")
    last, = charts.pointed(chart, 1.0, 0.0, "there").points
    assert (last.x, last.y) == (chart.right, chart.bottom)
