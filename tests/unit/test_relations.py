"""Parameters of many experiments against what came of them, as geometry."""
from __future__ import annotations

from entrypoints.admin import relations
from entrypoints.admin.language import language

EN = language("en")


def made(number: int, auc: float | None = 0.5, **params: object) -> dict:
    return {"experiment_id": number, "params": params, "metrics": {"test": {"auc": auc}} if auc is not None else {}}


def test_those_that_differ_are_found():
    several = [made(1, depth=3, trainer="a", seed=1), made(2, depth=4, trainer="b", seed=1), made(3)]
    names = ["auc", "depth", "params.depth", "params.trainer", "params.seed"]
    assert relations.differing(several, names) == ["depth", "trainer"]
    assert relations.numeric(several, "depth") and not relations.numeric(several, "trainer")
    assert not relations.numeric([made(1, flag=True)], "flag")


def test_a_dot_stands_where_its_values_are():
    several = [made(1, 0.5, depth=2), made(2, 0.75, depth=4), made(3, 1.0, depth=6), made(4, None, depth=9), made(5)]
    chart = relations.scatter(EN, several, "depth", "auc")
    dots = chart.lines[0].dots
    assert len(dots) == 3 and "experiment 2: depth 4, auc 0.7500" in dots[1].title
    assert (dots[0].x, dots[0].y, dots[2].x, dots[2].y) == (chart.left, chart.bottom, chart.right, chart.top)
    assert dots[1].x == (chart.left + chart.right) / 2 and dots[1].y == (chart.top + chart.bottom) / 2
    many = relations.scatter(EN, [made(number, 0.5, depth=number) for number in range(1000)], "depth", "auc")
    assert len(many.lines[0].dots) == relations.MOST_DOTS
    assert relations.scatter(EN, several[2:], "depth", "auc") is None


def test_strands_run_over_all_axes_and_the_best_lie_above():
    several = [made(number, 1 - number / 100, depth=number % 3, trainer="ab"[number % 2]) for number in range(20)]
    found = relations.parallel(EN, several, ["depth", "trainer"], "auc")
    assert [axis.name for axis in found.axes] == ["depth", "trainer", "auc"]
    assert {tick.text for tick in found.axes[1].ticks} == {"a", "b"}
    assert [strand.best for strand in found.strands] == [False] * 18 + [True] * 2
    assert {strand.title.partition(":")[0] for strand in found.strands if strand.best} == {"0", "1"}
    assert all(strand.path.count("L") == 2 for strand in found.strands)
    loss = [one | {"metrics": {"test": {"logloss": one["experiment_id"] / 10}}} for one in several]
    assert relations.parallel(EN, loss, ["depth"], "logloss").strands[-1].title.startswith("1: ")
    unknown = [one | {"metrics": {"test": {"mine": 1.0}}} for one in several]
    assert not any(strand.best for strand in relations.parallel(EN, unknown, ["depth"], "mine").strands)
    assert relations.parallel(EN, several, [], "auc") is None
