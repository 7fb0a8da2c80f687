"""The plots that a training left as data (`plots/<name>.json`), made ready to be drawn."""
from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace

from entrypoints.admin import charts, thresholds
from entrypoints.admin.api.shapes import Json
from entrypoints.admin.language import Language
from entrypoints.admin.thresholds import Decided, ThresholdRow

Rows = Sequence[Json]
NAMES = ("learning_curves", "roc", "precision_recall", "thresholds", "calibration", "confusion",
         "feature_importance", "predicted_and_actual", "worst_pictures")
_TONES = 8
# What reading rows of another shape raises.
_UNUSABLE = (KeyError, TypeError, ValueError, IndexError, AttributeError, OverflowError, StopIteration)


@dataclass(frozen=True, slots=True)
class Cell:
    text: str
    tone: int
    title: str


@dataclass(frozen=True, slots=True)
class Matrix:
    columns: Sequence[str]
    rows: Sequence[tuple[str, Sequence[Cell]]]


@dataclass(frozen=True, slots=True)
class Share:
    """A named number with a bar of `width` hundredths."""

    name: str
    text: str
    width: float


@dataclass(frozen=True, slots=True)
class Plot:
    """What kind of drawing it is shows in which of `chart`, `matrix`, `shares` and `thresholds` is there. note: what
    it says in numbers."""

    name: str
    title: str
    path: str
    chart: charts.Chart | None = None
    matrix: Matrix | None = None
    shares: Sequence[Share] = ()
    switchable: bool = False
    note: str = ""
    thresholds: Sequence[ThresholdRow] = ()


@dataclass(frozen=True, slots=True)
class Sheet:
    """A picture that a training left, of cases side by side."""

    title: str
    path: str


# (language, rows, is the y axis logarithmic?)
_Draw = Callable[[Language, Rows, bool], Plot]


def sheets(_: Language, files: Collection[str]) -> list[Sheet]:
    """Those of an experiment's files that are sheets."""
    titles = {"plots/worst_pictures_sheet.png": _("The worst of the held-out pictures"),
              "plots/pictures_sheet.png": _("From the worst to the best")}
    return [Sheet(words, path) for path, words in titles.items() if path in files]


def title(_: Language, name: str) -> str:
    return {
        "learning_curves": _("Learning curves"), "roc": _("ROC"), "precision_recall": _("Precision and recall"),
        "calibration": _("Calibration"), "confusion": _("Confusion"), "feature_importance": _("Feature importance"),
        "predicted_and_actual": _("Predicted and actual"), "worst_pictures": _("IoU of each picture, the worst first"),
        "thresholds": _("Other thresholds"),
    }[name]


def plot(_: Language, name: str, rows: Rows, log: bool = False) -> Plot | None:
    """None where the data do not have what the drawing needs: a file may come from anywhere."""
    try:
        return _DRAW[name](_, rows, log)
    except _UNUSABLE:
        return None


def learning_series(rows: Rows) -> tuple[str, dict[str, list[charts.Point]]]:
    """(name of the loss, part -> points)."""
    loss = next(key for key in rows[0] if key not in ("iteration", "part"))
    series: dict[str, list[charts.Point]] = {}
    for row in rows:
        series.setdefault(str(row["part"]), []).append((float(row["iteration"]), float(row[loss])))
    return loss, series


def learning_series_or_none(rows: Rows | None) -> tuple[str, dict[str, list[charts.Point]]] | None:
    try:
        return None if rows is None else learning_series(rows)
    except _UNUSABLE:
        return None


def _made(_: Language, name: str, chart: charts.Chart | None = None, matrix: Matrix | None = None,
          shares: Sequence[Share] = (), switchable: bool = False, note: str = "") -> Plot:
    return Plot(name, title(_, name), f"plots/{name}.json", chart, matrix, shares, switchable, note)


def noted(_: Language, plot: Plot, test: Mapping[str, float | None]) -> Plot:
    """With the metric that the curve is the whole of. test: the metrics of the test rows."""
    name, word = {"roc": ("auc", _("AUC")), "precision_recall": ("average_precision", _("average precision"))}.get(
        plot.name, ("", ""))
    value = test.get(name)
    return plot if value is None else replace(plot, note=f"{word} {_.number(value, 4)}")


def decided(confusion: Rows | None) -> Decided | None:
    """How a model of two labels decides; None of others, and where that is not known."""
    try:
        return thresholds.decided(confusion) if confusion else None
    except _UNUSABLE:
        return None


def pointed(_: Language, plot: Plot, found: Decided | None) -> Plot:
    """With the place on its curve where the model decides."""
    if found is None or plot.chart is None:
        return plot
    x, y = {"roc": (found.fpr, found.recall), "precision_recall": (found.recall, found.precision)}.get(
        plot.name, (None, None))
    if x is None or y is None:
        return plot
    words = thresholds.said(_, found)
    return replace(plot, chart=charts.pointed(plot.chart, x, y, words),
                   note="; ".join(filter(None, (plot.note, words))))


def _by_threshold(_: Language, rows: Rows, log: bool) -> Plot:
    return replace(_made(_, "thresholds"), thresholds=thresholds.table(_, rows))


def _learning(_: Language, rows: Rows, log: bool) -> Plot:
    loss, series = learning_series(rows)
    words = {"train": _("train"), "valid": _("valid")}
    at, least = min(series.get("valid", ()), key=lambda point: point[1], default=(None, 0.0))
    chart = charts.line_chart(_, title(_, "learning_curves"), {
        words.get(part, part): points for part, points in series.items()}, _("iteration"), loss, log=log, mark=at)
    note = "" if at is None else _("best on valid: %(loss)s at iteration %(iteration)s", loss=_.short(least),
                                   iteration=_.short(at))
    return _made(_, "learning_curves", chart=chart, switchable=True, note=note)


def _curve(name: str, x: str, y: str, diagonal: bool) -> _Draw:
    def draw(_: Language, rows: Rows, log: bool) -> Plot:
        points = [(float(row[x]), float(row[y])) for row in rows]
        words = {"fpr": _("false positive rate"), "tpr": _("true positive rate"), "recall": _("recall"),
                 "precision": _("precision"), "predicted": _("predicted probability"), "observed": _("observed share")}
        chart = charts.line_chart(_, title(_, name), {title(_, name): points}, words[x], words[y], diagonal=diagonal,
                                  unit_square=True)
        return _made(_, name, chart=chart)
    return draw


def _scatter(_: Language, rows: Rows, log: bool) -> Plot:
    points = [(float(row["actual"]), float(row["predicted"])) for row in rows]
    name = "predicted_and_actual"
    drawn = min(len(points), charts.SCATTERED_POINTS)
    return _made(_, name, chart=charts.line_chart(
        _, title(_, name), {title(_, name): points}, _("actual"), _("predicted"), diagonal=True, scattered=True),
        note=_("%(drawn)s of %(points)s points are drawn", drawn=_.whole(drawn), points=_.whole(len(points))))


def _confusion(_: Language, rows: Rows, log: bool) -> Plot:
    across = list(dict.fromkeys(str(row["predicted"]) for row in rows))
    counts = {(str(row["actual"]), str(row["predicted"])): int(row["count"]) for row in rows}
    lines = []
    for actual in dict.fromkeys(str(row["actual"]) for row in rows):
        of_row = [counts.get((actual, predicted), 0) for predicted in across]
        whole = sum(of_row) or 1
        lines.append((actual, [Cell(_.whole(count), round((_TONES - 1) * count / whole), _.percent(count / whole))
                               for count in of_row]))
    return _made(_, "confusion", matrix=Matrix(across, lines))


def _importance(_: Language, rows: Rows, log: bool) -> Plot:
    highest = max(float(row["importance"]) for row in rows) or 1.0
    return _made(_, "feature_importance", shares=[
        Share(str(row["feature"]), _.percent(float(row["importance"])),
              round(100 * max(float(row["importance"]), 0) / highest, 1)) for row in rows])


def _pictures(_: Language, rows: Rows, log: bool) -> Plot:
    return _made(_, "worst_pictures", shares=[
        Share(_("picture %(number)s", number=row["picture"]), _.number(float(row["iou"]), 3),
              round(100 * float(row["iou"]), 1)) for row in rows])


_DRAW: Mapping[str, _Draw] = {
    "learning_curves": _learning, "confusion": _confusion, "feature_importance": _importance,
    "predicted_and_actual": _scatter, "roc": _curve("roc", "fpr", "tpr", True),
    "worst_pictures": _pictures,
    "precision_recall": _curve("precision_recall", "recall", "precision", False),
    "calibration": _curve("calibration", "predicted", "observed", True), "thresholds": _by_threshold,
}


def shares(_: Language, parts: Mapping[str, float]) -> list[Share]:
    """Probabilities or shares of labels, the largest first."""
    return [Share(name, _.percent(share), round(100 * share, 1))
            for name, share in sorted(parts.items(), key=lambda item: -item[1])]
