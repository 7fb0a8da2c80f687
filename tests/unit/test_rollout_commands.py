"""Thresholds and rollouts by command, on a home with a real database and by the URL of a service."""
from __future__ import annotations

import shutil

import pytest

from tests.builders import CARRIER
from tests.commands import BOTH, progon_on
from tests.e2e.small_task import put_small_task


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """A home with three experiments, of which the first serves."""
    home = tmp_path_factory.mktemp("trained")
    put_small_task(home, experiments=3).storage().close()
    return home


@pytest.fixture(params=BOTH)
def progon(request, trained, tmp_path):
    home = shutil.copytree(trained, tmp_path / "home")
    with progon_on(home, request.param) as progon:
        yield progon


def test_a_threshold(progon):
    body = progon.told("deploy", 2, "--threshold", 0.3)
    assert (body["experiment_id"], body["threshold"]) == (2, 0.3)
    assert "served by experiment 1, before by 2" in progon("rollback", "small").output
    assert "positive above 0.25" in progon("deploy", 2, "--threshold", 0.25).output
    assert "0.2500" in progon("deployments", "small").output
    assert "threshold" in progon("deploy", 2, "--threshold", 1.5, code=1).output


def test_a_rollout_from_its_beginning_to_its_end(progon):
    assert "no rollout goes on" in progon("rollouts").output
    words = progon("deploy", 2, "--as", "canary", "--share", 0.1, "--by", CARRIER).output
    assert f"experiment 2 answers 10% of the requests of small, by {CARRIER}; experiment 1 serves" in words
    state, = progon.told("rollouts", "small")["rollouts"]
    assert (state["rollout"]["experiment_id"], state["rollout"]["as"], state["candidate"]["rows"]) == (2, "canary", 0)
    assert "no labels are known yet" in progon("rollouts").output
    assert "experiment 1 serves all of it" in progon("abort", "small").output
    assert "no rollout of small goes on" in progon("promote", "small", code=1).output
    assert "as a shadow, 100% of the requests" in progon("deploy", 3, "--as", "shadow").output
    assert "served by experiment 3, before by 1" in progon("promote", "small").output
    assert progon.told("deployments", "small")["deployments"][0]["reason"] == "promote"
    assert "there is no task nope" in progon("rollouts", "nope", code=1).output


@pytest.mark.parametrize(("options", "code", "words"), [
    (("--share", "0.5"), 2, "--share and --by are for a rollout"), (("--as", "blue"), 2, "blue"),
    (("--as", "canary"), 1, "share"), (("--as", "canary", "--share", "0.5", "--by", "nope"), 1, "nope"),
])
def test_wrong_usage(progon, options, code, words):
    assert words in progon("deploy", 2, *options, code=code).output
