"""What Grafana does with a provisioned dashboard before it asks a data source: variables and macros filled in.

As of Grafana 11: the macros of its PostgreSQL data source, `$__rate_interval`, and "All" for every variable that offers
it.
"""
from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import yaml

FOLDER = Path(__file__).parents[2] / "docker" / "grafana"
WITHOUT_QUERY = ("row", "text")
_VARIABLE = re.compile(r"\$\{(\w+)(?::(\w+))?\}|\$(\w+)")
_MACRO = re.compile(r"\$__(\w+)\(([^()]*(?:\([^()]*\)[^()]*)*)\)")

Ask = Callable[[str], Sequence]


def dashboards() -> dict[str, dict]:
    return {path.name: json.loads(path.read_text(encoding="utf-8"))
            for path in sorted((FOLDER / "dashboards").glob("*.json"))}


def datasources() -> dict[str, dict]:
    """uid -> data source."""
    document = yaml.safe_load((FOLDER / "provisioning" / "datasources" / "progon.yaml").read_text(encoding="utf-8"))
    return {source["uid"]: source for source in document["datasources"]}


def targets(dashboard: dict) -> Iterator[tuple[str, dict]]:
    """(title of the panel, query) of every query."""
    for panel in dashboard["panels"]:
        for target in panel.get("targets", ()):
            yield panel["title"], target


@dataclass(frozen=True)
class Window:
    """What a person looks at: unix seconds, and how far the points and the scrapes are apart."""

    start: float
    end: float
    step_s: int
    scrape_s: int

    @property
    def builtin(self) -> Mapping[str, str]:
        return {"__interval": f"{self.step_s}s", "__range": f"{int(self.end - self.start)}s",
                "__rate_interval": f"{max(self.step_s + self.scrape_s, 4 * self.scrape_s)}s"}


class Filled:
    """The queries of one dashboard as they reach the data sources. ask_sql, ask_labels: how variables get values."""

    def __init__(self, dashboard: dict, window: Window, ask_sql: Ask, ask_labels: Ask) -> None:
        self._window = window
        self._values: dict[str, list[str]] = {}
        for variable in dashboard["templating"]["list"]:
            self._values[variable["name"]] = self._values_of(variable, ask_sql, ask_labels)

    def promql(self, expression: str) -> str:
        return _VARIABLE.sub(lambda match: self._text(match, lambda values: values[0]), expression)

    def sql(self, text: str) -> str:
        def quoted(values: list[str]) -> str:
            return ",".join("'" + value.replace("'", "''") + "'" for value in values)

        filled = _VARIABLE.sub(lambda match: self._text(match, quoted), text)
        return _MACRO.sub(lambda match: self._macro(match[1], *match[2].split(",")), filled)

    def _values_of(self, variable: dict, ask_sql: Ask, ask_labels: Ask) -> list[str]:
        query = variable["query"]
        if variable["type"] == "textbox":
            return [query]
        if found := re.fullmatch(r"label_values\((\w+), (\w+)\)", query):
            assert ask_labels(found[1]), f"{variable['name']}: nothing to choose from"
            return [variable["allValue"]]
        values = [str(row[0]) for row in ask_sql(self.sql(query))]
        assert values, f"{variable['name']}: nothing to choose from"
        return values

    def _text(self, match: re.Match, form: Callable[[list[str]], str]) -> str:
        name = match[1] or match[3]
        if name in self._window.builtin:
            return self._window.builtin[name]
        if name.startswith("__"):
            return match[0]
        assert name in self._values, f"${name} is no variable of this dashboard"
        return form(self._values[name])

    def _macro(self, name: str, column: str, interval: str = "") -> str:
        if name == "timeFilter":
            return f"{column} BETWEEN '{_iso(self._window.start)}' AND '{_iso(self._window.end)}'"
        assert name == "timeGroupAlias", f"$__{name} is not known here"
        seconds = int(interval.strip().removesuffix("s"))
        return f'floor(extract(epoch from {column})/{seconds})*{seconds} AS "time"'


def _iso(moment: float) -> str:
    return datetime.fromtimestamp(moment, UTC).isoformat()
