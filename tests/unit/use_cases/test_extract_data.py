from __future__ import annotations

import numpy as np
import pytest

from application.ports.feature_store import UnknownDatasetVersion
from application.queries.held_out_scores import HeldOutScores
from application.queries.judged_models import JudgedModels
from application.use_cases.compare import Compare
from application.use_cases.extract_data import PARTS, ExtractData, OtherData
from domain.errors import InvalidInput
from domain.splitting import part
from domain.table import concat
from domain.task import Split
from tests.builders import DAY, assert_same_table, make_table, make_task
from tests.fakes.table_files import InMemoryTableFiles
from tests.unit.serving import sound_model
from tests.unit.use_cases.test_compare import Remembering


def extract(world, version: int = 1, fingerprint=None):
    files = InMemoryTableFiles()
    extracted = ExtractData(world.store, files).execute(world.task, version, world.folder, fingerprint)
    return extracted, {name: files.read(world.folder / f"{name}.parquet", world.task.schema.stored) for name in PARTS}


def test_the_parts_are_those_of_the_rule_of_splitting(world):
    table = make_table(world.with_data(300).task, 300)
    extracted, parts = extract(world)
    expected = part(table, world.task.split)
    for name in PARTS:
        assert_same_table(parts[name], getattr(expected, name))
    assert extracted.rows == {name: parts[name].n_rows for name in PARTS}
    assert sum(extracted.rows.values()) == 300
    assert extracted.version == world.store.versions("flights")[0]


def test_what_was_held_out_stays_held_out_in_later_versions(world):
    world.with_data(200)
    world.store.append(world.task, [make_table(world.task, 150, seed=1)])
    (_, first), (_, second) = extract(world, 1), extract(world, 2)
    for name in PARTS:
        assert_same_table(second[name].take(slice(0, first[name].n_rows)), first[name])


def test_rows_without_a_group_are_parted_by_their_position_over_all_chunks(world, monkeypatch):
    world.task = make_task(split=Split())
    world.with_data(300)
    _, whole = extract(world)
    read = world.store.read
    monkeypatch.setattr(world.store, "read", lambda task, version: read(task, version, chunk_rows=37))
    _, chunked = extract(world)
    for name in PARTS:
        assert_same_table(chunked[name], whole[name])
    assert concat(list(whole.values())).n_rows == 300


@pytest.mark.parametrize("split", [Split(), Split("day")], ids=["rows", "groups"])
def test_few_rows_are_enough_and_a_comparison_looks_at_the_same_ones(world, split):
    world.task = make_task(split=split)
    world.tasks.add(world.task)
    for rows, seed in ((2, 0), (4, 1), (300, 2)):
        world.store.append(world.task, [make_table(world.task, rows, seed)])
    before = None
    for version in (2, 3):
        extracted, parts = extract(world, version)
        assert min(extracted.rows.values()) >= 1
        asked = Remembering(world.loader.load(sound_model(world.task)))
        scores = HeldOutScores(world.store, JudgedModels(world.artifacts, world.loader))
        Compare(scores, world.models).with_serving(world.task, version, asked, version)
        assert_same_table(concat(asked.asked), parts["test"])
        for name in PARTS:
            if before is not None:
                assert_same_table(parts[name].take(slice(0, before[name].n_rows)), before[name])
        before = parts


def test_a_version_that_is_not_there(world):
    world.with_data()
    for version in (0, 2, -1):
        with pytest.raises(UnknownDatasetVersion, match=str(version)):
            extract(world, version)


def test_the_pinned_rows_are_asked_for(world):
    world.with_data()
    pinned = world.store.versions("flights")[0].fingerprint
    assert extract(world, 1, pinned)[0].version.fingerprint == pinned
    with pytest.raises(OtherData, match=f"{pinned}.*pinned {'0' * 64}"):
        extract(world, 1, "0" * 64)


def test_too_few_rows_to_part(world):
    world.tasks.add(world.task)
    table = make_table(world.task, 10)
    same_day = {**table.columns, DAY: np.full(10, table[DAY][0], dtype=object)}
    world.store.append(world.task, [type(table)(same_day)])
    with pytest.raises(InvalidInput, match="10 rows are too few"):
        extract(world)
