"""The contract of the port PlotWriter."""
from __future__ import annotations

import json
import xml.etree.ElementTree

import pytest

from adapters.files.plot_writer import FilesPlotWriter
from adapters.matplotlib.plot_writer import MatplotlibPlotWriter
from domain.report import Plot, PlotKind
from tests.fakes.plot_writer import TitlePlotWriter

POINTS = [{"x": number / 3, "y": number * 0.1, "part": part} for part in ("train", "проверка") for number in range(5)]
PLOTS = {
    "line": Plot("line", "Кривая <обучения> & \"всё\"", PlotKind.LINE, "x", "y", POINTS, series="part"),
    "diagonal": Plot("diagonal", "ROC", PlotKind.LINE, "x", "y", POINTS[:5], diagonal=True),
    "bar": Plot("bar", "Importance", PlotKind.BAR, "y", "part", [
        {"y": 0.5, "part": "temp, °F"}, {"y": 0, "part": "ж"}]),
    "scatter": Plot("scatter", "Points", PlotKind.SCATTER, "x", "y", POINTS, diagonal=True),
    "matrix": Plot("matrix", "Confusion", PlotKind.MATRIX, "predicted", "actual", [
        {"predicted": p, "actual": a, "count": len(p + a)} for a in ("нет", "yes") for p in ("нет", "yes")]),
}


@pytest.fixture(params=[TitlePlotWriter, MatplotlibPlotWriter, FilesPlotWriter])
def writer(request):
    return request.param()


@pytest.mark.parametrize("name", PLOTS)
def test_the_rows_come_back_and_there_is_a_picture_if_it_can_draw(writer, tmp_path, name):
    writer.write(PLOTS[name], tmp_path / "new" / "folder")
    text = (tmp_path / "new" / "folder" / f"{name}.json").read_text(encoding="utf-8")
    assert json.loads(text) == PLOTS[name].rows
    assert "\\u" not in text
    if isinstance(writer, FilesPlotWriter):
        assert [path.name for path in (tmp_path / "new" / "folder").iterdir()] == [f"{name}.json"]
        return
    picture = xml.etree.ElementTree.parse(tmp_path / "new" / "folder" / f"{name}.svg")
    assert picture.getroot().tag.endswith("svg")
    assert sorted(path.name for path in (tmp_path / "new" / "folder").iterdir()) == [f"{name}.json", f"{name}.svg"]


@pytest.mark.parametrize("name", PLOTS)
def test_the_same_bytes_each_time(writer, tmp_path, name):
    for folder in ("one", "two"):
        writer.write(PLOTS[name], tmp_path / folder)
    for path in (tmp_path / "one").iterdir():
        assert path.read_bytes() == (tmp_path / "two" / path.name).read_bytes()


# A matrix always has its classes.
@pytest.mark.parametrize("kind", [PlotKind.LINE, PlotKind.BAR, PlotKind.SCATTER])
def test_a_plot_without_rows_is_one_too(writer, tmp_path, kind):
    writer.write(Plot("empty", "Nothing", kind, "x", "y", []), tmp_path)
    assert json.loads((tmp_path / "empty.json").read_text(encoding="utf-8")) == []
    assert isinstance(writer, FilesPlotWriter) or (tmp_path / "empty.svg").stat().st_size


def test_a_new_plot_takes_the_place_of_the_old(writer, tmp_path):
    writer.write(PLOTS["scatter"], tmp_path)
    writer.write(Plot("scatter", "Other", PlotKind.SCATTER, "x", "y", POINTS[:1]), tmp_path)
    assert json.loads((tmp_path / "scatter.json").read_text(encoding="utf-8")) == POINTS[:1]
