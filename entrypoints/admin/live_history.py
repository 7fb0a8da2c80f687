"""How a task has done lately, as drawings and a table."""
from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from domain.scoring import LARGER_IS_BETTER
from entrypoints.admin.api.watching import EstimateBody, LiveHistoryBody, LiveSpanBody
from entrypoints.admin.charts import Chart
from entrypoints.admin.language import NOTHING, Language
from entrypoints.admin.observations import DRIFT_MUCH, DRIFT_SOME
from entrypoints.admin.time_charts import Span, Value, Values, said, time_chart

LASTS = ("24h", "7d", "30d")
MOST_LABELS, MOST_COLUMNS = 6, 5
# Of the x axis: every so many spans.
_TICKS = {"24h": 6, "7d": 4, "30d": 5}


@dataclass(frozen=True, slots=True)
class Row:
    """One span, in words."""

    when: str
    requests: str
    errors: str
    answers: str
    latency: str
    predicted: str
    drift: str
    quality: str


@dataclass(frozen=True, slots=True)
class Lately:
    """rows: of the spans in which something happened, newest first. deployed: (experiment, when, why), oldest first."""

    last: str
    charts: Sequence[Chart]
    rows: Sequence[Row]
    deployed: Sequence[tuple[int, str, str]]
    answers: int
    looked_at: int
    metric: str


def lately(_: Language, body: LiveHistoryBody, metric: str, promised: float | None) -> Lately:
    """metric: that is shown of the quality. promised: it, by the training of what serves now."""
    spans = body["spans"]
    happened = [span for span in reversed(spans) if span["requests"] or span["answers"]]
    return Lately(
        body["last"], _charts(_, body, metric, promised) if happened else [],
        [_row(_, span, body["last"], metric) for span in happened],
        [(entry["experiment_id"], entry["created_at"], reason_word(_, entry["reason"]))
         for entry in body["deployments"]],
        sum(span["answers"] for span in spans), sum(span["looked_at"] for span in spans), metric)


def reason_word(_: Language, reason: str) -> str:
    return {"deploy": _("deployed"), "rollback": _("rolled back"), "taken back": _("taken back")}.get(reason, reason)


def last_word(_: Language, last: str) -> str:
    return {"24h": _("24 hours"), "7d": _("7 days"), "30d": _("30 days")}[last]


def _charts(_: Language, body: LiveHistoryBody, metric: str, promised: float | None) -> list[Chart]:
    last, spans = body["last"], body["spans"]
    times = [Span(_at(span["since"]), _at(span["until"]), _when(_, span, last)) for span in spans]
    ticks = [(span.since, _short_time(_, span.since, last)) for span in times[::_TICKS[last]]]
    happened = [(_at(entry["created_at"]), str(entry["experiment_id"]),
                 _("experiment %(id)s, %(why)s %(when)s", id=entry["experiment_id"],
                   why=reason_word(_, entry["reason"]), when=_.when(entry["created_at"])))
                for entry in body["deployments"]]

    def drawn(title: str, series: Mapping[str, Values], y_label: str, levels: Sequence[tuple[float, str]] = (),
              from_zero: bool = True, digits: int | None = None) -> Chart | None:
        return time_chart(_, title, times, series, y_label, ticks=ticks, happened=happened, levels=levels,
                          from_zero=from_zero, digits=digits)

    per = {"24h": _("an hour"), "7d": _("in 6 hours"), "30d": _("a day")}[last]
    found = [
        drawn(_("Requests"), {_("all"): [Value(span["requests"]) for span in spans]}, _("requests %(per)s", per=per),
              digits=0),
        drawn(_("Errors"), _errors(spans), _("requests %(per)s", per=per), digits=0),
        drawn(_("Answered rows"), {_("rows"): [Value(span["answers"]) for span in spans]},
              _("rows %(per)s", per=per), digits=0),
        drawn(_("Latency"), _latency(_, spans), _("ms, of a row"), digits=1),
        drawn(_("Predicted labels"), _labels(spans), _("percent of the rows"), digits=1),
        drawn(_("Predicted numbers"), _numbers(_, spans), _("value"), from_zero=False),
        drawn(_("Drift by feature"), _drift(spans), "PSI", digits=3, levels=[
            (DRIFT_SOME, _("below it drift is low")), (DRIFT_MUCH, _("above it drift is much"))]),
        drawn(_("Live quality"), {metric: _values(spans, lambda span: _estimate(span["quality"].get(metric)))}, metric,
              [] if promised is None else [(promised, _("promised by training: %(value)s", value=_.number(promised)))],
              metric in LARGER_IS_BETTER and not LARGER_IS_BETTER[metric], 4)]
    return [chart for chart in found if chart is not None]


def _values(spans: Sequence[LiveSpanBody], of: Callable[[LiveSpanBody], Value | None]) -> Values:
    return [of(span) for span in spans]


def _known(value: float | None, times: float = 1) -> Value | None:
    return None if value is None else Value(value * times)


def _errors(spans: Sequence[LiveSpanBody]) -> dict[str, Values]:
    """Those that there were."""
    counts = {"4xx": [span["refused"] for span in spans], "5xx": [span["failed"] for span in spans]}
    return {name: [Value(count) for count in found] for name, found in counts.items() if any(found)}


def _latency(_: Language, spans: Sequence[LiveSpanBody]) -> dict[str, Values]:
    return {_("median"): _values(spans, lambda span: _known(span["latency_median_s"], 1000)),
            "p95": _values(spans, lambda span: _known(span["latency_p95_s"], 1000))}


def _labels(spans: Sequence[LiveSpanBody]) -> dict[str, Values]:
    """The most frequent ones."""
    names = _largest([span["labels"] for span in spans], MOST_LABELS, sum)
    return {name: [Value(100 * span["labels"].get(name, 0)) if span["labels"] else None for span in spans]
            for name in names}


def _numbers(_: Language, spans: Sequence[LiveSpanBody]) -> dict[str, Values]:
    return {"p90": _values(spans, lambda span: _known(span["number_p90"])),
            _("median"): _values(spans, lambda span: _known(span["number_median"])),
            "p10": _values(spans, lambda span: _known(span["number_p10"]))}


def _drift(spans: Sequence[LiveSpanBody]) -> dict[str, Values]:
    """Those that drift most at some time."""
    names = _largest([span["drift"] for span in spans], MOST_COLUMNS, max)
    return {name: [_known(span["drift"].get(name)) for span in spans] for name in names}


def _largest(found: Sequence[Mapping[str, float]], most: int, by: Callable[[Sequence[float]], float]) -> list[str]:
    names = dict.fromkeys(name for entry in found for name in entry)
    return sorted(names, key=lambda name: -by([entry[name] for entry in found if name in entry]))[:most]


def _estimate(found: EstimateBody | None) -> Value | None:
    return None if found is None else Value(found["value"], found["low"], found["high"])


def _row(_: Language, span: LiveSpanBody, last: str, metric: str) -> Row:
    return Row(
        _when(_, span, last), _.whole(span["requests"]), _.whole(span["refused"] + span["failed"]),
        _.whole(span["answers"]), _latency_words(_, span), _predicted(_, span), _drifting(_, span),
        said(_, _estimate(span["quality"].get(metric)), 4) or NOTHING)


def _latency_words(_: Language, span: LiveSpanBody) -> str:
    numbers = (span["latency_median_s"], span["latency_p95_s"])
    return NOTHING if None in numbers else " / ".join(_.number(1000 * (number or 0), 1) for number in numbers)


def _predicted(_: Language, span: LiveSpanBody) -> str:
    if span["number_median"] is not None:
        return " … ".join(map(_.short, (span["number_p10"], span["number_median"], span["number_p90"])))
    largest = sorted(span["labels"].items(), key=lambda item: -item[1])[:MOST_LABELS]
    return ", ".join(f"{label} {_.percent(share)}" for label, share in largest) or NOTHING


def _drifting(_: Language, span: LiveSpanBody) -> str:
    worst = sorted(span["drift"].items(), key=lambda item: -item[1])[:MOST_COLUMNS]
    return ", ".join(f"{name} {_.number(psi, 3)}" for name, psi in worst) or NOTHING


def _at(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


def _when(_: Language, span: LiveSpanBody, last: str) -> str:
    since, until = _at(span["since"]), _at(span["until"])
    day = _day(_, since)
    return day if last == "30d" else f"{day} {since:%H:%M}–{until:%H:%M}"


def _short_time(_: Language, moment: datetime, last: str) -> str:
    return f"{moment:%H:%M}" if last == "24h" else _day(_, moment)


def _day(_: Language, moment: datetime) -> str:
    return f"{moment:%d.%m}" if _.code == "ru" else f"{moment:%m-%d}"
