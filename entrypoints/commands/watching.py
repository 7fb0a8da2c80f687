"""What goes on: what serves, what it answered, how it does."""
from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import click

from entrypoints.answers.observations import ObservationAnswer
from entrypoints.answers.predictions import PredictionAnswer
from entrypoints.commands.asked import asked
from entrypoints.commands.shell import as_json, show, table
from entrypoints.http.places import in_utc


def _moment(_: click.Context, option: click.Parameter, text: str | None) -> datetime | None:
    try:
        return None if text is None else in_utc(option.name or "", datetime.fromisoformat(text))
    except ValueError as failure:
        raise click.BadParameter("expected a moment such as 2026-01-31T12:00:00Z", param=option) from failure


@click.command("observations")
@click.argument("task", required=False)
@as_json
def observations(task: str | None, as_json: bool) -> None:
    """Drift and live quality of what serves; of TASK alone."""
    with asked() as progon:
        body = progon.observations(task)
        show(body, as_json, lambda: "\n\n".join(map(_observed, body.models)) if body.models else "nothing serves yet")


def _observed(model: ObservationAnswer) -> str:
    head = (f"{model.task}, experiment {model.experiment_id}: {model.rows} rows looked at, {model.labelled_rows} with "
            f"a label" if model.observed_at else f"{model.task}, experiment {model.experiment_id}: not looked at yet")
    quality = [{"metric": name, "promised": promised, "live": model.quality.get(name)}
               for name, promised in model.promised.items()]
    drift = [{"feature": one.feature, "psi": one.psi, "missing": one.missing, "unseen": one.unseen}
             for one in sorted(model.drift, key=lambda one: -one.psi)]
    return "\n".join([head, *(table(rows) for rows in (quality, drift) if rows)])


@click.command("predictions")
@click.argument("task")
@click.option("--experiment-id", type=click.IntRange(1), help="Answered by this one alone.")
@click.option("--request-id", help="Of this request alone.")
@click.option("--prediction", help="With this answer alone.")
@click.option("--label", help="With this truth alone.")
@click.option("--labelled", is_flag=True, help="Those whose truth is known.")
@click.option("--since", callback=_moment, metavar="MOMENT", help="At or after; without a zone it is UTC.")
@click.option("--until", callback=_moment, metavar="MOMENT", help="Before.")
@click.option("--limit", default=20, show_default=True, type=click.IntRange(1, 1000))
@click.option("--before", metavar="PLACE", help="`next` of the page before.")
@as_json
def predictions(task: str, limit: int, before: str | None, as_json: bool, **wanted: object) -> None:
    """The answers to rows of TASK, newest first, with the truth where it is known."""
    with asked() as progon:
        body = progon.predictions(task, wanted, limit, before)
        show(body, as_json, lambda: _listed(body.predictions))


def _listed(rows: Sequence[PredictionAnswer]) -> str:
    return table([{"at": f"{row.created_at:%Y-%m-%d %H:%M:%S}", "request": row.request_id, "row": row.row_no,
                   "experiment": row.experiment_id, "prediction": row.prediction, "score": row.score,
                   "label": row.label} for row in rows]) if rows else "no such answers"


@click.command("traffic")
@click.argument("task", required=False)
@click.option("--minutes", default=60, show_default=True, type=click.IntRange(1, 7 * 1_440))
@as_json
def traffic(task: str | None, minutes: int, as_json: bool) -> None:
    """How many requests came in the last minutes, by task; of TASK alone."""
    with asked() as progon:
        body = progon.traffic(task, minutes)
        show(body, as_json, lambda: table([{"task": one.task, "requests": one.requests, "refused": one.refused,
                                            "failed": one.failed} for one in body.tasks]) if body.tasks else
             "no requests")
