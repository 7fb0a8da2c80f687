"""How a task has done lately, in a terminal."""
from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

import click

from domain.live_history import Last
from entrypoints.answers.estimates import EstimateAnswer
from entrypoints.answers.live_history import LiveHistoryAnswer, LiveSpanAnswer
from entrypoints.commands.asked import asked
from entrypoints.commands.shell import as_json, show, table

# As much of a span as fits its line.
_MOST_LABELS, _MOST_COLUMNS = 3, 3


@click.command("monitor")
@click.argument("task")
@click.option("--last", type=click.Choice([str(last) for last in Last]), default=str(Last.DAY), show_default=True,
              help="24 hours by the hour, 7 days by 6 hours, or 30 days by the day.")
@as_json
def monitor(task: str, last: str, as_json: bool) -> None:
    """How TASK has done lately: requests, answers, latency, drift and live quality over time."""
    with asked() as progon:
        body = progon.how_it_went(task, Last(last))
        show(body, as_json, lambda: in_words(body))


def in_words(body: LiveHistoryAnswer) -> str:
    spans = [span for span in body.spans if span.requests or span.answers]
    if not spans:
        return f"nothing was asked of {body.task} in the last {body.last}"
    deployed = [f"experiment {one.experiment_id} deployed at {one.created_at:%Y-%m-%d %H:%M} UTC ({one.reason})"
                for one in body.deployments]
    looked = sum(span.looked_at for span in spans)
    head = (f"{body.task}, UTC, {timedelta(seconds=body.step_s)} a line; latency, labels, drift and quality are of "
            f"{looked} of {sum(span.answers for span in spans)} answered rows")
    return "\n".join([head, table([_line(span) for span in spans]), *deployed])


def _line(span: LiveSpanAnswer) -> Mapping[str, object]:
    return {
        "since": f"{span.since:%m-%d %H:%M}", "requests": span.requests, "refused": span.refused,
        "failed": span.failed, "rows": span.answers, "median ms": _milliseconds(span.latency_median_s),
        "p95 ms": _milliseconds(span.latency_p95_s), "predicted": _predicted(span),
        "drift": ", ".join(f"{name} {psi:.2f}" for name, psi in _largest(span.drift, _MOST_COLUMNS)) or "-",
        "quality": _quality(span.quality) if span.quality else "-"}


def _milliseconds(seconds: float | None) -> str:
    return "-" if seconds is None else f"{1000 * seconds:.1f}"


def _predicted(span: LiveSpanAnswer) -> str:
    if span.number_median is not None:
        return f"{span.number_p10:.4g} … {span.number_median:.4g} … {span.number_p90:.4g}"
    return ", ".join(f"{label} {share:.0%}" for label, share in _largest(span.labels, _MOST_LABELS)) or "-"


def _largest(values: Mapping[str, float], most: int) -> list[tuple[str, float]]:
    return sorted(values.items(), key=lambda item: -item[1])[:most]


def _quality(quality: Mapping[str, EstimateAnswer]) -> str:
    """The metric that the task is judged by first."""
    name, found = next(iter(quality.items()))
    interval = "" if found.low is None else f" ({found.low:.3f} … {found.high:.3f})"
    return f"{name} {found.value:.4f}{interval}"
