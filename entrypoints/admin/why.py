"""What each column of a row has to do with its answer, as bars."""
from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from entrypoints.admin.api.predicted import ExplanationBody
from entrypoints.admin.language import Language

MOST = 12


@dataclass(frozen=True, slots=True)
class Part:
    """A bar of `width` hundredths. less: it takes away."""

    column: str
    text: str
    width: float
    less: bool


@dataclass(frozen=True, slots=True)
class Why:
    """parts: the largest first; the others come together as the last one."""

    head: str
    parts: Sequence[Part]


def why(_: Language, said: ExplanationBody) -> Why:
    is_share = "label" in said
    ordered = sorted(said["contributions"].items(), key=lambda item: -abs(item[1]))
    shown = ordered if len(ordered) <= MOST else [
        *ordered[:MOST - 1],
        (_("%(count)s others", count=len(ordered) - MOST + 1), sum(value for _name, value in ordered[MOST - 1:]))]
    most = max((abs(value) for _name, value in shown), default=0.0)
    parts = [Part(name, _signed(_, value, is_share), round(100 * abs(value) / most, 1) if most else 0.0, value < 0)
             for name, value in shown]
    if is_share:
        head = _("On average the model gives “%(label)s” %(share)s. The values of this row add to that:",
                 label=said.get("label"), share=_.percent(said["base"]))
    else:
        head = _("On average the model answers %(number)s. The values of this row add to that:",
                 number=_.short(said["base"]))
    return Why(head, parts)


def _signed(_: Language, value: float, is_share: bool) -> str:
    sign = "−" if value < 0 else "+"
    return sign + (_.percent(abs(value)) if is_share else _.short(abs(value)))
