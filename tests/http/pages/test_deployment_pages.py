"""What serves and has served."""
from __future__ import annotations

from tests.http.pages.looking import token


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
