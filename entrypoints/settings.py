"""Everything that can be set, read once from the environment (prefix PROGON_); nothing else reads it."""
from __future__ import annotations

import ipaddress
import logging
import math
import os
import re
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from functools import cache
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import urlsplit

from domain.provenance import UNKNOWN_COMMIT

PREFIX = "PROGON_"
ROOT = Path(__file__).resolve().parent.parent
MIB = 1 << 20
USUAL_REQUEST_MEMORY_BYTES = 512 * MIB
Value = str | int | float | Path
# A service named `progon` gives every pod beside it PROGON_PORT=tcp://10.96.12.7:8000; one named `progon-grpc`,
# PROGON_GRPC_PORT.
_OF_KUBERNETES = re.compile(r"(tcp|udp|sctp)://.+:\d+")
_PREFIX_OF_PATHS = re.compile(r"(/[\w.~-]+)+", re.ASCII)
_ORIGIN = re.compile(r"https?://([\w.-]+|\[[0-9A-Fa-f:.]+\])(:\d{1,5})?", re.ASCII)
_GIT_PATIENCE_S = 10.0
LOOPBACK_NAMES = ("localhost", ".localhost", "127.0.0.1", "::1")
_log = logging.getLogger("progon.settings")
_T = TypeVar("_T")


def is_loopback(host: str) -> bool:
    """Whether an address, or a name that is kept for it (RFC 6761), never leaves this machine."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")


class WrongSetting(ValueError):
    """A variable that cannot be read as what it should be."""


def _setting(default: _T, meaning: str, at_least: float = 0, at_most: float = math.inf) -> _T:
    return field(default=default, metadata={"meaning": meaning, "range": (at_least, at_most)})


@dataclass(frozen=True, slots=True)
class Settings:
    home: Path = _setting(Path("var"), "folder of all state")
    database_url: str = _setting("", "database; empty means SQLite in HOME; else postgresql+psycopg://user@host/db")
    artifacts_url: str = _setting("", "models and plots; empty means in HOME; else a folder or s3://bucket/prefix")
    dask_scheduler: str = _setting("", "address of a Dask scheduler; empty means a local cluster of the service's own")
    host: str = _setting("127.0.0.1", "address to listen on")
    port: int = _setting(8000, "port to listen on", at_most=65_535)
    grpc_port: int = _setting(0, "port of gRPC (docs/v2.md), which needs the extra grpc; 0 means none", at_most=65_535)
    root_path: str = _setting("", "path under which a proxy shows the service, such as /ml/progon; the header "
                                  "X-Forwarded-Prefix says it too")
    cors_origins: str = _setting("", "origins whose pages may ask this API, such as https://app.example.org, several "
                                     "with commas; * is any; empty means none")
    allowed_hosts: str = _setting("", "names under which the service may be asked, several with commas, .example.org "
                                      "for all below it, * for any; empty means the names of loopback where it listens "
                                      "there, else any")
    tls_cert: str = _setting("", "file with the certificate to show (PEM), those that vouch for it behind it, and its "
                                 "key if PROGON_TLS_KEY names none: HTTP and gRPC then speak TLS alone; empty means "
                                 "without TLS")
    tls_key: str = _setting("", "file with the key of that certificate (PEM, no password)")
    insecure: int = _setting(0, "1: listen on another address than loopback although no key is asked for", at_most=1)
    workers: int = _setting(1, "processes that answer requests", at_least=1)
    api_keys: str = _setting(
        "", "KEY, KEY:read or KEY:write:NAME, several with commas, beside the keys of `progon key`; where there are "
            "neither, no key is asked for")
    oidc_issuer: str = _setting("", "provider of OpenID Connect at which people sign in to the pages, such as "
                                    "https://id.example.org/realms/ml (docs/sign-in.md); empty means keys alone")
    oidc_client_id: str = _setting("", "name of this service at the provider")
    oidc_client_secret: str = _setting("", "its secret there")
    oidc_groups: str = _setting("", "GROUP=RIGHT, several with commas, of groups that the provider says somebody is in")
    oidc_groups_claim: str = _setting("groups", "claim with these groups; a dot leads into an object")
    oidc_name_claim: str = _setting("email", "claim with the name that the history and the log tell; choose one that "
                                             "people cannot change by themselves")
    oidc_scopes: str = _setting("openid profile email", "what the provider is asked for, separated by spaces")
    oidc_session_h: float = _setting(8.0, "hours until somebody has to sign in anew", at_least=0.05, at_most=720)
    max_body_bytes: int = _setting(4096 * MIB, "largest request body", at_least=1)
    max_json_bytes: int = _setting(16 * MIB, "largest JSON body", at_least=1)
    max_forward_rows: int = _setting(
        1_000, "most rows in one JSON array of /forward; more go to /forward_batch", at_least=1)
    max_explained_rows: int = _setting(
        10_000, "most rows that are explained at once, of a file or of /forward; each takes some milliseconds",
        at_least=1)
    max_rows: int = _setting(50_000_000, "most rows in one file", at_least=1)
    max_columns: int = _setting(1_000, "most columns in one file", at_least=1)
    max_cell_chars: int = _setting(10_000, "longest cell in a file", at_least=1)
    max_late_labels: int = _setting(
        1_000_000, "most late labels (rows with a request_id) in one file; each waits in memory, some 350 bytes")
    max_picture_bytes: int = _setting(256 * MIB, "largest file of one picture or video")
    max_picture_pixels: int = _setting(64_000_000, "most pixels of one picture")
    max_video_frames: int = _setting(10_000, "most frames of one video")
    max_video_pixels: int = _setting(10_000_000, "most pixels of a frame of a video")
    max_archive_files: int = _setting(5_000, "most files in one zip")
    max_archive_bytes: int = _setting(4096 * MIB, "most bytes that one zip may unpack to")
    default_tabular_task: str = _setting("", "task meant by a table when none is named and there are several")
    default_image_task: str = _setting("", "task meant by a picture when none is named and there are several")
    commit_hash: str = _setting("", "commit written into models; empty means ask git, which may not know")
    inference_threads: int = _setting(1, "threads of one inference; requests run side by side anyway")
    tile_threads: int = _setting(
        2, "tiles of large pictures that one process answers at once; each takes some 200 MB. While single rows come, "
           "fewer where that leaves a processor to them", at_least=1)
    model_memory_bytes: int = _setting(
        1024 * MIB, "memory, by estimate, of the models that a process has ready to answer; beyond it those asked the "
                    "longest ago wait as files in memory and are opened again when they are asked", at_least=1)
    training_threads: int = _setting(-1, "threads of one training; -1 means all cores", at_least=-1)
    mlflow_url: str = _setting("", "tracking server of MLflow that shows every experiment too, such as "
                                   "http://mlflow:5000 (docs/mlflow.md); empty means none")
    trainers: str = _setting("", "folder with trainers as files NAME.py, on the machine that trains (docs/trainers.md)")
    training_slots: int = _setting(
        1, "trainings at once in the service's own local cluster; further ones queue", at_least=1)
    lost_after_s: float = _setting(30.0, "silence after which a run on another machine counts as dead")
    recover_s: float = _setting(
        2.0, "how often the service looks for dead runs and submits what is queued", at_least=0.01)
    outage_patience_s: float = _setting(300.0, "how long a training goes on while the database does not answer")
    import_patience_s: float = _setting(
        30.0, "seconds of a processor that each step of the trial of an imported model may take", at_least=0.1)
    import_memory_bytes: int = _setting(
        4096 * MIB, "how much memory the trial of an imported model may take, the libraries among it", at_least=1)
    max_model_bytes: int = _setting(1024 * MIB, "largest model that is imported", at_least=1)
    min_disk_bytes: int = _setting(
        256 * MIB, "room on a disk of the service below which /readyz, the metrics and `progon status` warn")
    batch_slots: int = _setting(4, "files that one process works on at once", at_least=1)
    request_memory_bytes: int = _setting(
        0, "memory, by estimate, of what all requests together have of their bodies, and have unpacked and decoded, "
           "parted between the processes that answer; beyond it a request waits and is told to retry. 0 means 512 MiB, "
           "or a quarter of the memory that there is, if that is less. One alone may have half of it all")
    busy_wait_s: float = _setting(
        5.0, "how long a file waits for a slot, or for memory, before its sender is told to retry")
    row_deadline_s: float = _setting(
        60.0, "how long rows in a body of JSON, or what is known of something, may be worked on; then the work stops "
              "and its sender is told to retry", at_least=0.001)
    picture_deadline_s: float = _setting(
        600.0, "how long one picture, or tensors, may be worked on", at_least=0.001)
    file_deadline_s: float = _setting(
        3600.0, "how long a file, or the data of a task, may be worked on", at_least=0.001)
    drain_s: float = _setting(
        30.0, "how long what is under way may go on once the service was told to stop; then it is stopped",
        at_most=3600)
    # Above a second, a worker that lives would be silent for longer than whoever deploys is patient.
    refresh_s: float = _setting(0.1, "how often a worker looks for a newer deployment", at_least=0.001, at_most=1)
    progress_file: str = _setting("", "where a pipeline stage reports its progress; set by the service for its stages")
    prediction_log_days: float = _setting(
        90.0, "how long the prediction log is kept; 0 means for ever", at_most=36_500)
    prediction_log_share: float = _setting(
        1.0, "share of the rows of files that the prediction log keeps, 0 to 1", at_most=1)
    monitor_window_h: float = _setting(
        24.0, "drift and live quality look at the answers of so many hours", at_most=87_600)
    monitor_max_rows: int = _setting(5_000, "and at so many of them at most, the newest")
    monitor_refresh_s: float = _setting(
        15.0, "how often drift and live quality are computed anew, at most", at_least=0.1, at_most=86_400)
    grafana_url: str = _setting("", "where a browser finds Grafana, for links on the pages")
    tensorboard_url: str = _setting("", "where a browser finds TensorBoard over the experiments' artifacts")
    log_level: str = _setting("info", "debug, info, warning or error")

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> Settings:
        """Raises: WrongSetting naming the variable."""
        values: dict[str, Any] = {}
        usual = cls()
        for item in fields(cls):
            name = PREFIX + item.name.upper()
            if (text := environment.get(name, "").strip()) and not passed_over(name, text):
                values[item.name] = _read(name, text, type(getattr(usual, item.name)), *item.metadata["range"])
        return cls(**values)

    def __post_init__(self) -> None:
        """Raises: WrongSetting."""
        if self.prefix and not is_prefix(self.prefix):
            raise WrongSetting(f"{PREFIX}ROOT_PATH is {self.root_path!r}, expected a path such as /ml/progon")
        if self.tls_key and not self.tls_cert:
            raise WrongSetting(f"{PREFIX}TLS_KEY is set, and {PREFIX}TLS_CERT, whose key it is, is not")
        self._check_provider()
        if wrong := [origin for origin in self.origins if origin != "*" and not _ORIGIN.fullmatch(origin)]:
            raise WrongSetting(f"{PREFIX}CORS_ORIGINS has {wrong[0]!r}, expected an origin such as "
                               "https://app.example.org: scheme and host, a port if it has one, and no path")

    def _check_provider(self) -> None:
        """Raises: WrongSetting."""
        needed = {"OIDC_ISSUER": self.oidc_issuer, "OIDC_CLIENT_ID": self.oidc_client_id,
                  "OIDC_CLIENT_SECRET": self.oidc_client_secret, "OIDC_GROUPS": self.oidc_groups}
        if missing := [PREFIX + name for name, value in needed.items() if not value and any(needed.values())]:
            raise WrongSetting(f"{', '.join(missing)}: needed too where people sign in by a provider")
        if self.oidc_issuer and urlsplit(self.oidc_issuer).scheme not in ("http", "https"):
            raise WrongSetting(f"{PREFIX}OIDC_ISSUER is {self.oidc_issuer!r}, expected an address")
        if "openid" not in self.oidc_scopes.split():
            raise WrongSetting(f"{PREFIX}OIDC_SCOPES is {self.oidc_scopes!r}, and openid has to be among them")

    @property
    def prefix(self) -> str:
        """What a proxy puts before the paths of the service, without a slash at its end."""
        return self.root_path.rstrip("/")

    @property
    def origins(self) -> list[str]:
        """Of browser pages that may ask the API; * is any."""
        return [origin for part in self.cors_origins.split(",") if (origin := part.strip())]

    @property
    def hosts(self) -> list[str]:
        """Names under which the service may be asked; * is any."""
        named = [name for part in self.allowed_hosts.split(",") if (name := part.strip())]
        if named:
            return [*named, self.listens_on, *LOOPBACK_NAMES]
        return [self.listens_on, *LOOPBACK_NAMES] if is_loopback(self.listens_on) else ["*"]

    @property
    def is_open(self) -> bool:
        """Whether whoever reaches the address may do all, unless keys were made."""
        return not self.api_keys and not self.oidc_issuer and not is_loopback(self.listens_on)

    @property
    def listens_on(self) -> str:
        """The address to listen on: one of IPv6 without its brackets."""
        return self.host.removeprefix("[").removesuffix("]")

    @property
    def url(self) -> str:
        """Where the service answers; an address of IPv6 stands in brackets."""
        return f"{'https' if self.tls_cert else 'http'}://{in_brackets(self.listens_on)}:{self.port}"

    @property
    def database(self) -> str:
        return self.database_url or f"sqlite:///{self.home.resolve() / 'progon.db'}"

    @property
    def artifacts(self) -> str:
        return self.artifacts_url or str(self.home.resolve() / "artifacts")

    @property
    def trainers_folder(self) -> Path | None:
        return Path(self.trainers).expanduser().resolve() if self.trainers else None

    @property
    def folders(self) -> dict[str, Path]:
        """Variable -> the folder of this machine that it names, by itself or by default."""
        return {PREFIX + "HOME": self.home.resolve()} | {
            PREFIX + name: Path(folder) for name, folder in (
                ("ARTIFACTS_URL", "" if "://" in self.artifacts else self.artifacts),
                ("DATABASE_URL", os.path.dirname(self.database.partition("sqlite:///")[2]))) if folder}

    def for_children(self) -> dict[str, str]:
        """Variables that make a child process see the same state, whatever folder it runs in. A commit that is not
        known is left to the child to ask for, and to say why."""
        return {PREFIX + name: value for name, value in (
            ("TRAINERS", str(self.trainers_folder or "")),
            ("HOME", str(self.home.resolve())), ("DATABASE_URL", self.database), ("ARTIFACTS_URL", self.artifacts),
            ("PORT", str(self.port)), ("COMMIT_HASH", "" if self.commit() == UNKNOWN_COMMIT else self.commit()))}

    def commit(self) -> str:
        """The commit of the running code: as set, else as git says, else `unknown`."""
        return self.commit_hash or _of_git()[0] or UNKNOWN_COMMIT

    def commit_reason(self) -> str:
        """Why the commit is not known, and what to do; empty if it is."""
        return "" if self.commit_hash else _of_git()[1]


@cache
def _of_git() -> tuple[str, str]:
    """(the commit of the code, why it is not known): one of them is empty."""
    try:
        # The second name fails where the code lies, untracked, in the repository of something else.
        answer = subprocess.run(["git", "rev-parse", "HEAD", "HEAD:./dvc.yaml"], cwd=ROOT, capture_output=True,
                                text=True, env=dict(os.environ) | {"LC_ALL": "C"}, timeout=_GIT_PATIENCE_S)
    except (OSError, subprocess.TimeoutExpired):
        return "", f"git cannot be run here; set {PREFIX}COMMIT_HASH"
    if answer.returncode == 0:
        return answer.stdout.split()[0], ""
    return "", f"{_said(answer.stderr)}; set {PREFIX}COMMIT_HASH"


def _said(complaint: str) -> str:
    """What git complains of, in a few words without a path of this machine."""
    if "dubious ownership" in complaint:
        return ("git does not read the repository of another owner (allow it with git config --global --add "
                "safe.directory FOLDER)")
    if "not a git repository" in complaint:
        return "the code is in no git repository"
    if "not in 'HEAD'" in complaint:
        return "the git repository around the code does not hold it"
    return "git does not know the commit of the code"


def is_prefix(text: str) -> bool:
    """Is it what a proxy may put before our paths: from a slash on, without one at the end?"""
    return _PREFIX_OF_PATHS.fullmatch(text) is not None and not {".", ".."} & set(text.split("/"))


def in_brackets(host: str) -> str:
    """As it stands in a URL."""
    return f"[{host}]" if ":" in host else host


def passed_over(name: str, text: str) -> bool:
    """Is it a variable of Kubernetes, which has taken the name of ours? A warning says so, once."""
    if not name.endswith("_PORT") or not _OF_KUBERNETES.fullmatch(text):
        return False
    _warn_of_kubernetes(name, text)
    return True


@cache
def _warn_of_kubernetes(name: str, text: str) -> None:
    _log.warning("%s=%s is passed over: Kubernetes sets it for a service of that name. To choose a port, set the "
                 "variable to a number, or set enableServiceLinks: false in the pod", name, text)


_OF_COMMANDS = (
    (PREFIX + "URL", "", "command line: a running service that is to do it, as `progon --url` says; empty means HOME"),
    (PREFIX + "KEY", "", "command line: a key of that service, as `progon --key` says"),
    (PREFIX + "CA_CERT", "", "command line: file with the certificates (PEM) that may vouch for that service, as "
                             "`progon --ca-cert` says; empty means SSL_CERT_FILE, or those that everybody trusts"))
_KIND_WORDS = {int: "a whole number", float: "a number"}


def _read(name: str, text: str, kind: type[Value], at_least: float, at_most: float) -> Value:
    try:
        value = kind(text)
    except ValueError as failure:
        raise WrongSetting(f"{name} is {text!r}, expected {_KIND_WORDS[kind]}") from failure
    if isinstance(value, (int, float)) and not at_least <= value <= at_most:
        border = f"{at_most:g} at most" if value > at_most else f"{at_least:g} at least"
        raise WrongSetting(f"{name} is {text}, expected {border}")
    return value


def describe() -> list[tuple[str, str, str]]:
    """(variable, default, meaning) of every setting, and of what the command line alone reads."""
    return [*((PREFIX + item.name.upper(), str(item.default), item.metadata["meaning"]) for item in fields(Settings)),
            *_OF_COMMANDS]
