"""What is told of columns, as lines of a table."""
from __future__ import annotations

from domain.reading import Certainty
from entrypoints.answers.tasks import ColumnDocument, ColumnFactsAnswer


def facts_row(facts: ColumnFactsAnswer) -> dict[str, object]:
    return {"column": facts.name, "type": str(facts.type), "role": str(facts.role),
            "missing": f"{facts.missing:.1%}" if facts.missing else "",
            "distinct": f"{facts.distinct}{'' if facts.distinct_is_exact else '+'}", "why": facts.why,
            "sure": "" if facts.certainty is Certainty.SURE else str(facts.certainty), "or else": _instead(facts)}


def looked_row(facts: ColumnFactsAnswer) -> dict[str, object]:
    return facts_row(facts) | {"values": ", ".join(facts.examples)}


def _instead(facts: ColumnFactsAnswer) -> str:
    """What the column may be otherwise, and why."""
    if facts.instead is None:
        return ""
    other, why = facts.instead.column, facts.instead.why
    if other is None:
        return why
    said = [str(other.type)] * (other.type != facts.type) + [str(other.role)] * (other.role != facts.role)
    said += [str(facts.instead.problem)] * (facts.instead.problem is not None and not facts.instead.labels)
    return f"{' '.join(said)}: {why}" if said else why


def column_row(column: ColumnDocument) -> dict[str, object]:
    return {"column": column.name, "type": str(column.type), "role": str(column.role),
            "nullable": "yes" if column.nullable else "", "why": column.description}
