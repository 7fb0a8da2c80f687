"""A candidate beside what serves, in words."""
from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from entrypoints.admin import metrics
from entrypoints.admin.api.rollouts import RolloutBody, RolloutStateBody, SeenBody
from entrypoints.admin.language import NOTHING, Language
from entrypoints.admin.metrics import MetricRow


@dataclass(frozen=True, slots=True)
class Figures:
    """how: what the candidate does. alike: how its answers are to those of what serves, empty where nothing was
    compared. rows: by metric; of a canary, whose callers are others, each value with its interval."""

    how: str
    alike: str
    rows: Sequence[MetricRow]
    intervals: Sequence[tuple[str, str, str]]
    labelled: int


def share_words(_: Language, share: float) -> str:
    """With the digits that it was given with."""
    return _.percent(share, 0 if round(100 * share, 6).is_integer() else 2)


def role_word(_: Language, role: str) -> str:
    return {"shadow": _("shadow"), "canary": _("canary")}.get(role, role)


def figures(_: Language, state: RolloutStateBody) -> Figures:
    rollout, candidate, serving = state["rollout"], state["candidate"], state["serving"]
    rows = metrics.table(_, [_values(candidate), _values(serving)], base=1)
    paired = bool(state["differences"])
    return Figures(
        _how(_, rollout), _alike(_, state),
        [metrics.shown(_, row, 0, state["differences"].get(row.name)) for row in rows] if paired else [],
        [] if paired else _intervals(_, candidate, serving), candidate["labelled"])


def _values(seen: SeenBody) -> dict[str, float | None]:
    return {name: found["value"] for name, found in seen["quality"].items()}


def _how(_: Language, rollout: RolloutBody) -> str:
    share = share_words(_, rollout["share"])
    if rollout["as"] == "shadow":
        return _("As a shadow it is asked %(share)s of what callers ask; nobody is given its answers.", share=share)
    if rollout["by"] is not None:
        return _("As a canary it answers %(share)s of the callers, by their %(column)s: the same value is always "
                 "answered by the same model.", share=share, column=rollout["by"])
    return _("As a canary it answers %(share)s of the requests.", share=share)


def _alike(_: Language, state: RolloutStateBody) -> str:
    pairs = _.whole(state["pairs"])
    if state["same"] is not None:
        return _("Of the newest %(count)s rows that both have answered, %(share)s have the same answer.", count=pairs,
                 share=_.percent(state["same"]))
    if state["apart"] is not None:
        return _("On the newest %(count)s rows that both have answered the two are %(value)s apart in the mean.",
                 count=pairs, value=metrics.figure(_, state["apart"]))
    return ""


def _intervals(_: Language, candidate: SeenBody, serving: SeenBody) -> list[tuple[str, str, str]]:
    """(metric, of the candidate, of what serves)."""
    names = list(dict.fromkeys([*candidate["quality"], *serving["quality"]]))
    return [(name, _estimate(_, candidate, name), _estimate(_, serving, name)) for name in names]


def _estimate(_: Language, seen: SeenBody, name: str) -> str:
    found = seen["quality"].get(name)
    if found is None:
        return NOTHING
    value = metrics.figure(_, found["value"])
    if found["low"] is None or found["high"] is None:
        return value
    low, high = metrics.figure(_, found["low"]), metrics.figure(_, found["high"])
    return f"{value} ({_('%(low)s to %(high)s', low=low, high=high)})"
