"""An API that is made up."""
from __future__ import annotations

import re
from dataclasses import dataclass, field

import httpx

HOSTILE = """<script>alert(1)</script>"'><img src=x onerror=alert(1)>{{ 7 * 7 }}%(x)s"""
AT = "2026-11-23T02:23:47Z"


def column(name: str, kind: str = "number", **more) -> dict:
    return {"name": name, "type": kind, **more}


def a_task(name: str, hostile: str = "") -> dict:
    return {"name": name, "kind": "tabular", "problem": "binary", "description": hostile, "labels": [0, 1], "columns": [
        column("carrier" + hostile, "category", nullable=False, description=hostile), column("temp" + hostile),
        column("secret", private=True), column("late" + hostile, "category", role="target"),
        column("row" + hostile, "number", role="ignored", missing=["?" + hostile])],
        "training": {"iterations": 500, "learning_rate": 0.1}}


def an_experiment(number: int, status: str = "succeeded", hostile: str = "") -> dict:
    ended = status == "succeeded"
    metrics = {part: {"auc": 0.7 + number / 1e4, "logloss": 0.5} for part in ("train", "valid", "test")}
    return {"experiment_id": number, "task": "flights", "name": f"n{number}{hostile}", "status": status,
            "progress": 1.0 if ended else 0.4, "stage": "train_model", "iteration": 3, "iterations": 9, "loss": 0.5,
            "dataset_version": 1, "schema_version": 2, "commit_hash": "abc" + hostile, "created_at": AT,
            "started_at": AT,
            "finished_at": AT if ended else None, "params": {"iterations": number, "other" + hostile: hostile},
            "metrics": metrics if ended else {}, "error": hostile or "boom", "from_cache": False,
            "origin": "trained", "parent": None, "search": None, "parts": {},
            "warnings": [hostile] if hostile else [], "tags": ["big" + hostile], "note": hostile, "pinned": number == 2,
            "archived": number == 6}


def a_key(number: int, hostile: str = "", **more) -> dict:
    return {"id": number, "name": f"key {number}{hostile}", "rights": ["predict", "read"], "tasks": [],
            "created_at": AT, "created_by": None, "expires_at": None, "revoked_at": None, **more}


@dataclass
class FakeApi:
    """Answers as the API does; `answers` may set any path apart, with one answer or several by turns. asked: what came,
    as (method, path, request)."""

    tasks: list[dict] = field(default_factory=list)
    experiments: list[dict] = field(default_factory=list)
    hostile: str = ""
    key: str = ""
    answers: dict[str, httpx.Response | Exception | list[httpx.Response]] = field(default_factory=dict)
    asked: list[tuple[str, str, httpx.Request]] = field(default_factory=list)
    rollouts: list[dict] = field(default_factory=list)

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.asked.append((request.method, request.url.path, request))
        if self.key and request.headers.get("authorization") != f"Bearer {self.key}":
            return problem(401, "unauthorized")
        if (answer := self.answers.get(request.url.path)) is not None:
            answer = answer.pop(0) if isinstance(answer, list) else answer
            if isinstance(answer, Exception):
                raise answer
            return answer
        for pattern, make in self._routes():
            if match := re.fullmatch(pattern, request.url.path):
                body = make(*match.groups())
                return problem(404, "not found") if body is None else httpx.Response(200, json=body)
        return problem(404, "not found")

    def _routes(self):
        number = r"(\d+)"
        return (
            (r"/tasks", lambda: {"tasks": self.tasks}),
            (r"/tasks/(.+)", self._task),
            (r"/experiments", lambda: {"experiments": self.experiments[:50], "next": None,
                                       "next_offset": 50 if self.experiments else None, "matched": 66,
                                       "names": ["id", "auc", "test.auc", "valid.auc", "params.iterations",
                                                 "params.depth" + self.hostile],
                                       "experiment_id": 7}),
            (rf"/experiments/{number}/artifacts", lambda _: {"artifacts": self._artifacts()}),
            (rf"/experiments/{number}/artifacts/plots/(\w+)\.json", lambda _, name: plot_rows(name, self.hostile)),
            (rf"/experiments/{number}/comparison", lambda found: {
                "experiment_id": int(found), "metrics": {"auc": 0.8, "logloss": 0.4}, "serving_experiment_id": 1,
                "serving_metrics": {"auc": 0.75, "logloss": 0.5}, "dataset_version": 1, "rows": 1200, "groups": None,
                "differences": {"auc": {"value": 0.05, "low": 0.03, "high": 0.07, "verdict": "better"},
                                "logloss": {"value": -0.1, "low": -0.3, "high": 0.1, "verdict": "unclear"}}}),
            (rf"/metrics/{number}", lambda found: next(
                (one for one in self.experiments if one["experiment_id"] == int(found)), None)),
            (r"/deployments", lambda: {"deployments": self._deployments()}),
            (r"/datasets/([^/]+)", lambda _: self._dataset()),
            (r"/datasets/([^/]+)/columns", lambda _: self._columns()),
            (r"/datasets/([^/]+)/sample", lambda _: self._sample()),
            (r"/datasets/([^/]+)/check", lambda _: {"task": "flights", "rows": 3}),
            (r"/metadata", lambda: {"task": "flights", "experiment_id": 1, "experiment_name": self.hostile,
                                    "commit_hash": "abc", "saved_at": AT, "metrics": {"test": {"auc": 0.7}}}),
            (r"/observations", lambda: {"window_h": 24.0, "models": self._observed()}),
            (r"/observations/history", self._lately),
            (r"/traffic", lambda: {"since": AT, "tasks": [{"task": "flights", "requests": 3, "refused": 1, "failed": 1,
                                                           "minutes": [{"at": AT, "requests": 3}]}]}),
            (r"/predictions", lambda: {"predictions": self._predictions(), "next": "further" + self.hostile}),
            (r"/history", lambda: {"entries": self._history(), "next": 7 if self.experiments else None}),
            (r"/caller", lambda: {"name": "root" + self.hostile, "rights": ["read", "admin"], "tasks": []}),
            (r"/keys", lambda: {"keys": self._keys(), "key": "progon_" + "s" * 43, "made": a_key(9, self.hostile)}),
            (rf"/keys/{number}", lambda found: a_key(int(found), self.hostile)),
            (r"/audit", lambda: {"entries": self._history(), "next": 7 if self.experiments else None}),
            (r"/datasets/([^/]+)/versions/newest", lambda name: {
                "task": name, "dataset_version": 1, "rows_removed": 5, "newest": None}),
            (r"/readyz", lambda: {"status": "ready", "reasons": []}),
            (r"/rollouts", lambda: {"rollouts": self.rollouts}),
            (r"/rollouts/([^/]+)/(?:promote|abort)", lambda task: {
                "task": task, "experiment_id": 1, "generation": 4}),
            (r"/deploy/(\d+)", lambda found: {"task": "flights", "experiment_id": int(found), "generation": 2}),
            (r"/rollback", lambda: {"task": "flights", "experiment_id": 1, "generation": 3}),
            (r"/trainers", lambda: {"trainers": [{
                "name": "catboost", "kinds": ["tabular", "image"],
                "problems": ["binary", "multiclass", "regression", "segmentation"],
                "params": {"depth": {"type": "integer", "default": 6, "low": 1, "high": 10,
                                     "meaning": "levels" + self.hostile},
                           "iterations": {"type": "integer", "default": 500, "low": 1, "high": 9, "meaning": "trees"}},
                "adapted": [{"kind": "tabular", "up_to_rows": 20, "params": {"iterations": 1500}}], "refits": True}]}),
            (r"/retrain", lambda: {"experiment_id": 1, "status": "queued"}),
            (r"/forward", lambda: {"request_id": "r" + self.hostile, "task": "flights", "experiment_id": 1,
                                   "prediction": self.hostile or "1", "probabilities": {"0" + self.hostile: 0.25,
                                                                                        "1": 0.75}}),
            (r"/add_data", lambda: {"task": "flights", "batch_id": "b", "dataset_version": 1, "rows_added": 3,
                                    "duplicate": False}),
            (r"/experiments/(\d+)/cancel", lambda found: {"experiment_id": int(found)}),
        )

    def _keys(self) -> list[dict]:
        if not self.experiments:
            return []
        hostile = self.hostile
        return [a_key(1, hostile, tasks=["flights" + hostile], created_by="anna" + hostile),
                a_key(2, hostile, rights=["admin"], expires_at="2999-01-01T00:00:00Z"),
                a_key(3, hostile, expires_at=AT), a_key(4, hostile, revoked_at=AT)]

    def _task(self, name: str) -> dict | None:
        found = next((entry for entry in self.tasks if entry["name"] == name), None)
        served = self.experiments and {"experiment_id": 1, "generation": 1, "created_at": AT}
        return found and found | {"schema_version": 2, "deployment": served or None,
                                  "versions": self._dataset()["versions"]}

    def _dataset(self) -> dict:
        version = {"dataset_version": 1, "batch_id": "b", "rows_added": 5, "rows": 5, "created_at": AT, "target": None,
                   "labels": {"0" + self.hostile: 0.4, "1": 0.6}}
        known = bool(self.experiments)
        return {"task": "flights", "rows": 5, "labels": {"0": 0.4, "1": 0.6} if known else None,
                "versions": [version] if known else []}

    def _columns(self) -> dict | None:
        def summary(entry: dict) -> dict:
            number = entry["type"] == "number"
            return {"name": entry["name"], "missing": 1, "missing_share": 0.2, "private": entry.get("private", False),
                    "edges": [0, 1, 2] if number else [], "counts": [3, 1], "mean": 1.0 if number else None,
                    "values": [] if number else ["UA" + self.hostile, "AA"], "distinct": None if number else 2}
        return {"task": "flights", "dataset_version": 1, "rows": 5, "looked_at": 4, "columns": [
            summary(entry) for entry in self.tasks[0]["columns"]]} if self.experiments else None

    def _sample(self) -> dict | None:
        row = {entry["name"]: "UA" + self.hostile if entry["type"] == "category" else 1.5
               for entry in self.tasks[0]["columns"]}
        return {"task": "flights", "dataset_version": 1, "rows": [row, row]} if self.experiments else None

    def _observed(self) -> list[dict]:
        drift = [
            {"feature": "temp" + self.hostile, "psi": 0.3, "missing": 0.1, "unseen": 0.0, "edges": [1, 2], "low": 0,
             "high": 3, "reference": [0.2, 0.3, 0.4, 0.1], "current": [0.0, 0.0, 0.9, 0.1]},
            {"feature": "carrier" + self.hostile, "psi": 0.1, "missing": 0.0, "unseen": None,
             "categories": ["UA" + self.hostile], "reference": [0.5, 0.5, 0], "current": [0.4, 0.6, 0]}]
        return [{"task": "flights", "experiment_id": 1, "deployed_at": AT, "commit_hash": "abc", "observed_at": AT,
                 "promised": {"auc": 0.75}, "rows": 500, "labelled_rows": 20, "quality": {"auc": 0.7, "f1": None},
                 "drift": drift}] if self.experiments else []

    def _lately(self) -> dict:
        nothing = {"requests": 0, "refused": 0, "failed": 0, "answers": 0, "looked_at": 0, "experiment_id": None,
                   "latency_median_s": None, "latency_p95_s": None, "labels": {}, "number_p10": None,
                   "number_median": None, "number_p90": None, "drift": {}, "labelled": 0, "quality": {}}
        some = nothing | {
            "requests": 1234, "refused": 5, "failed": 1, "answers": 2500, "looked_at": 900, "experiment_id": 1,
            "latency_median_s": 0.002, "latency_p95_s": 0.0105, "labels": {"1" + self.hostile: 0.25, "0": 0.75},
            "drift": {"temp" + self.hostile: 0.3, "carrier": 0.02}, "labelled": 40,
            "quality": {"auc": {"value": 0.7, "low": 0.6, "high": 0.8}}}
        few = some | {"quality": {"auc": {"value": 0.75, "low": None, "high": None}}, "drift": {}}
        numbers = nothing | {"answers": 3, "looked_at": 3, "number_p10": -1.5, "number_median": 2.0, "number_p90": 7.25}
        hours = [f"2026-11-23T{hour:02}:00:00Z" for hour in range(8)]
        kinds = [some, few, nothing, some, nothing, numbers, some] if self.experiments else [nothing] * 7
        return {"task": "flights", "last": "24h", "step_s": 3600, "deployments": self._deployments(), "spans": [
            {"since": since, "until": until} | kind
            for since, until, kind in zip(hours[:-1], hours[1:], kinds, strict=True)]}

    def _predictions(self) -> list[dict]:
        row = {"request_id": "r" + self.hostile, "row_no": 1, "created_at": AT, "route": "/forward", "task": "flights",
               "experiment_id": 1, "inputs": {"temp" + self.hostile: 1.5, "carrier": "UA" + self.hostile, "w": None},
               "prediction": "1" + self.hostile, "score": 0.75, "latency_s": 0.002, "probabilities": None}
        return [row | {"label": label} for label in (None, "1" + self.hostile, "0")] if self.experiments else []

    def _deployments(self) -> list[dict]:
        return [{"task": "flights", "experiment_id": number, "previous_experiment_id": number - 1 or None,
                 "generation": number, "created_at": AT, "reason": "deploy" + self.hostile,
                 "deployed_by": "anna" + self.hostile, "threshold": 0.25 if number == 2 else None, "rollout": None}
                for number in (2, 1)] if self.experiments else []

    def _history(self) -> list[dict]:
        changed = {"schema_version": 2, "columns": {"temp" + self.hostile: {"before": {}, "after": {}}}}
        acts = ("task changed", "task deleted", "experiment deleted", "data undone", "new" + self.hostile)
        return [{"id": number, "at": AT, "act": act, "task": "gone" + self.hostile, "by": self.hostile or None,
                 "detail": {"experiment_id": 3, "name": self.hostile} if number else changed}
                for number, act in enumerate(acts)] if self.experiments else []

    def _artifacts(self) -> list[dict]:
        names = ("learning_curves", "roc", "precision_recall", "calibration", "confusion", "feature_importance",
                 "predicted_and_actual", "thresholds")
        return [{"path": path, "size_bytes": 10} for path in (
            *(f"plots/{name}.json" for name in names), "dvc.log", f"a {self.hostile}#?.txt")]


def plot_rows(name: str, hostile: str) -> list[dict]:
    return {
        "learning_curves": [{"iteration": n, "part": part + hostile, "logloss" + hostile: 0.7 - n / 100}
                            for part in ("train", "valid") for n in range(40)],
        "roc": [{"fpr": n / 10, "tpr": n / 10} for n in range(11)],
        "precision_recall": [{"recall": n / 10, "precision": 1 - n / 10} for n in range(11)],
        "calibration": [{"predicted": n / 10, "observed": n / 10} for n in range(11)],
        "confusion": [{"actual": a + hostile, "predicted": b + hostile, "count": count}
                      for a, b, count in (("0", "0", 60), ("0", "1", 20), ("1", "0", 5), ("1", "1", 15))],
        "thresholds": [{"threshold": n / 10, "metric": name, "value": n / 10} for n in (1, 5, 9)
                       for name in ("precision", "recall", "f1", "fpr") if (n, name) != (9, "precision")],
        "feature_importance": [{"feature": "temp" + hostile, "importance": 0.5}],
        "predicted_and_actual": [{"actual": 1.0, "predicted": 1.5}, {"actual": 2.0, "predicted": 1.8}],
    }[name]


def problem(status: int, title: str, *faults: tuple[str, str], detail: str = "d") -> httpx.Response:
    return httpx.Response(status, json={"status": status, "title": title, "detail": detail, "errors": [
        {"where": where, "problem": what} for where, what in faults]})


def much(hostile: str = "") -> FakeApi:
    statuses = ["succeeded", "succeeded", "running", "queued", "failed", "cancelled"] + ["succeeded"] * 60
    experiments = [an_experiment(number + 1, status, hostile) for number, status in enumerate(statuses)]
    experiments[6] |= {"origin": "imported", "mapping": {"labels": [hostile]}, "notes": ["taken for " + hostile],
                       "producer": "skl2onnx" + hostile, "source_sha256": "a" * 64, "holdout": "unverified",
                       "parity": 1e-7}
    experiments[0] |= {"parts": {part: {"rows": 9, "since": "2012-01-01" + hostile, "until": "2012-06-30"}
                                 for part in ("train", "valid", "test")},
                       "warnings": ["new" + hostile, "gust: 96% of the training rows have no value there, so little "
                                    "can be learned of it"]}
    return FakeApi([a_task("flights", hostile), a_task("other")], experiments, hostile)
