"""What serves and has served."""
from __future__ import annotations

from tests.http.pages.looking import token
from tests.http.pages.made_up_api import AT, problem


def test_deploying_shows_the_comparison_first(client, api):
    page = client.get("/ui/deployments/deploy/2")
    assert "▲" in page.text and "+0.0500" in page.text and "better" in page.text
    assert "+0.0300 to +0.0700" in page.text
    assert "≈</span> −0.1000" in page.text and "no difference that these rows can show" in page.text
    assert "the same 1,200 held-out rows" in page.text
    done = client.post("/ui/deployments/deploy/2", data={"csrf": token(client)})
    assert "Experiment 2 serves now" in done.text
    assert [path for method, path, _ in api.asked if method == "POST"] == ["/deploy/2"]


def test_who_deployed_stands_in_the_history(client):
    assert "<td>anna</td>" in client.get("/ui/deployments?task=flights").text


def a_rollout(role: str = "canary", **more) -> dict:
    seen = {"rows": 1_200, "labelled": 300, "quality": {"auc": {"value": 0.8, "low": 0.75, "high": 0.85},
                                                        "f1": {"value": 0.5, "low": None, "high": None}}}
    return {"rollout": {"task": "flights", "experiment_id": 2, "as": role, "share": 0.1, "by": None, "threshold": 0.3,
                        "generation": 3, "serving_experiment_id": 1, "since": AT, "deployed_by": None},
            "candidate": seen, "serving": seen, "pairs": 0, "same": None, "apart": None, "differences": {}} | more


def test_a_candidate_stands_beside_what_serves(client, api):
    api.rollouts = [a_rollout()]
    page = client.get("/ui/deployments?task=flights").text
    for words in ("experiment 2", "it answers 10% of the requests", "above 0.3", "has answered 1,200 rows",
                  "0.8000 (0.7500 to 0.8500)", "<td class=\"n\">0.5000</td>", "Of the newest 300 answers"):
        assert words in page, words
    api.rollouts = [a_rollout("shadow", pairs=900, same=0.95, differences={
        "auc": {"value": 0.02, "low": 0.01, "high": 0.03, "verdict": "better"}})]
    page = client.get("/ui/deployments?task=flights").text
    for words in ("it is asked 10%", "Of the newest 900 rows that both have answered, 95.0% have the same answer",
                  "▲", "+0.0200", "better"):
        assert words in page, words
    api.rollouts = [a_rollout("shadow", pairs=900, apart=12.5)]
    assert "12.500 apart in the mean" in client.get("/ui/deployments?task=flights").text


def test_a_rollout_is_begun_promoted_and_aborted_by_forms(client, api):
    page = client.get("/ui/deployments/deploy/2").text
    assert 'name="share"' in page and '<option value="row">' in page and '<option value="late">' not in page
    client.post("/ui/deployments/deploy/2", data={"csrf": token(client), "as": "canary", "share": "12,5", "by": "row",
                                                  "threshold": "0,3"})
    client.post("/ui/deployments/deploy/2", data={"csrf": token(client), "as": "", "share": "10", "by": "row",
                                                  "threshold": ""})
    client.post("/ui/deployments/deploy/2", data={"csrf": token(client), "as": "shadow", "share": "x", "by": "row"})
    client.post("/ui/deployments/promote/flights", data={"csrf": token(client)})
    client.post("/ui/deployments/abort/flights", data={"csrf": token(client)})
    sent = [(path, dict(request.url.params)) for method, path, request in api.asked if method == "POST"]
    assert sent == [
        ("/deploy/2", {"as": "canary", "share": "0.125", "by": "row", "threshold": "0.3"}), ("/deploy/2", {}),
        ("/deploy/2", {"as": "shadow", "share": "x"}), ("/rollouts/flights/promote", {}),
        ("/rollouts/flights/abort", {})]


def test_what_is_wrong_stands_at_its_field_with_what_was_typed(client, api):
    api.answers["/deploy/2"] = problem(
        400, "bad request", ("query.share", "input should be less than or equal to 1"),
        ("query.threshold", "input should be less than 1"))
    page = client.post("/ui/deployments/deploy/2", data={
        "csrf": token(client), "as": "shadow", "share": "150", "threshold": "7"}, headers={"Accept-Language": "ru"})
    assert page.status_code == 400
    for words in ('value="150"', 'value="7"', 'value="shadow" checked', "должно быть меньше 1",
                  "допустимо не больше 100"):
        assert words in page.text, words


def test_of_the_model_that_serves_the_threshold_alone_can_be_set(client):
    page = client.get("/ui/deployments/deploy/1").text
    assert 'name="threshold"' in page and 'name="share"' not in page


def test_a_threshold_stands_in_the_history(client):
    page = client.get("/ui/deployments?task=flights").text
    assert "The positive label is answered above 0.25." in page and "above 0.25</span>" in page


def test_what_was_deployed_before_is_deployed_again_with_its_threshold(client, api, monkeypatch):
    newest, before = api._deployments()
    monkeypatch.setattr(api, "_deployments", lambda: [newest, before | {"threshold": 0.75}])
    page = client.get("/ui/deployments?task=flights").text
    again = f"/ui/deployments/deploy/{before['experiment_id']}?threshold=0.75"
    assert f'href="{again}"' in page
    assert 'name="threshold" inputmode="decimal" autocomplete="off" value="0.75"' in client.get(again).text


def test_a_threshold_is_rolled_back_of_the_model_that_serves(client, api, monkeypatch):
    newest, before = api._deployments()
    for threshold, words in ((0.75, "The positive label is answered above 0.75."), (None, "the model decides")):
        monkeypatch.setattr(api, "_deployments", lambda threshold=threshold: [
            newest | {"experiment_id": 1, "previous_experiment_id": 1}, before | {"threshold": threshold}])
        listed = client.get("/ui/deployments?task=flights").text
        assert "Roll back to 1" in listed and ("(above 0.75)" in listed) == (threshold is not None)
        page = client.get("/ui/deployments/rollback/flights").text
        assert words in page and "It goes on to serve" in page
        assert 'action="/ui/deployments/rollback/flights"' in page and "It serves already" not in page
