"""What was observed, as bodies of answers."""
from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Annotated

import msgspec

from application.ports.prediction_store import Place, StoredPrediction
from application.queries.look_around import ModelState
from domain.drift import Drift
from domain.errors import Fault, InvalidInput
from domain.observation import ObservedModel
from domain.traffic import TrafficMinute

_RowNo = Annotated[int, msgspec.Meta(ge=0, lt=2**31)]
_NO_PLACE = "is none that an answer gave as `next`"


def observation_body(model: ModelState) -> dict[str, object]:
    deployment = model.deployment
    return {"task": deployment.task, "experiment_id": deployment.experiment_id, "deployed_at": deployment.created_at,
            "commit_hash": model.commit_hash, "promised": model.promised} | _seen(model.observed)


def _seen(observed: ObservedModel | None) -> dict[str, object]:
    if observed is None:
        return {"observed_at": None, "rows": 0, "labelled_rows": 0, "quality": {}, "drift": []}
    return {"observed_at": observed.at, "rows": observed.n_rows, "labelled_rows": observed.n_labelled,
            "quality": observed.quality, "drift": [_drift(name, item) for name, item in observed.drift.items()]}


def _drift(feature: str, drift: Drift) -> dict[str, object]:
    """The last bin is that of missing values; of categories, the one before it that of all others."""
    reference = drift.reference
    bins: Mapping[str, object] = {"categories": reference.categories}
    if reference.categories is None:
        bins = {"edges": reference.edges, "low": reference.low, "high": reference.high}
    return {"feature": feature, "psi": drift.psi, "missing": drift.missing, "unseen": drift.unseen, **bins,
            "reference": reference.shares, "current": drift.current}


def prediction_body(row: StoredPrediction) -> dict[str, object]:
    return {
        "request_id": row.request_id, "row_no": row.row_no, "created_at": row.created_at, "route": row.route,
        "task": row.task, "experiment_id": row.experiment_id, "inputs": row.inputs, "prediction": row.prediction,
        "score": row.score, "label": row.label, "latency_s": row.latency_s, "probabilities": row.probabilities,
    }


def traffic_body(minutes: Sequence[TrafficMinute]) -> list[dict[str, object]]:
    by_task: dict[str, list[TrafficMinute]] = {}
    for minute in minutes:
        by_task.setdefault(minute.task, []).append(minute)
    return [{"task": task, **{name: sum(getattr(minute, name) for minute in found)
                              for name in ("requests", "refused", "failed")},
             "minutes": [{key: value for key, value in asdict(minute).items() if key != "task"} for minute in found]}
            for task, found in sorted(by_task.items())]


def write_place(place: Place) -> str:
    content = msgspec.json.encode([place.created_at.isoformat(), place.entry_id, place.row_no])
    return base64.urlsafe_b64encode(content).decode().rstrip("=")


def read_place(text: str | None) -> Place | None:
    """Raises: InvalidInput."""
    if text is None:
        return None
    try:
        content = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
        moment, entry_id, row_no = msgspec.json.decode(content, type=tuple[datetime, str, _RowNo])
        return Place(in_utc("before", moment), entry_id, row_no)
    except (ValueError, msgspec.MsgspecError, InvalidInput) as failure:
        raise InvalidInput(f"before {_NO_PLACE}", [Fault("before", _NO_PLACE)]) from failure


def in_utc(where: str, moment: datetime) -> datetime:
    """Without a zone it is UTC already. Raises: InvalidInput at the ends of the calendar."""
    try:
        return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
    except OverflowError as failure:
        raise InvalidInput(f"{where} is out of the calendar", [Fault(where, "is out of the calendar")]) from failure
