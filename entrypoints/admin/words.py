"""Words of the API that pages say in their visitor's language."""
from __future__ import annotations

from entrypoints.admin.language import Language


def status_word(_: Language, status: str) -> str:
    return {
        "queued": _("queued"), "running": _("running"), "succeeded": _("succeeded"), "failed": _("failed"),
        "cancelled": _("cancelled"),
    }.get(status, status)


def stage_word(_: Language, stage: str) -> str:
    return {
        "": _("waiting"), "extract_data": _("reading the data"), "train_model": _("training"),
        "inference_model": _("evaluating"), "search": _("trying settings"), "done": _("done"),
    }.get(stage, stage)


def part_word(_: Language, name: str) -> str:
    return {"test": _("test"), "valid": _("valid"), "train": _("train")}.get(name, name)


def reason_word(_: Language, reason: str) -> str:
    return {"deploy": _("deployed"), "rollback": _("rolled back"), "taken back": _("taken back"),
            "removed": _("removed"), "shadow": _("a shadow put beside it"), "canary": _("a canary put beside it"),
            "promote": _("candidate promoted"), "abort": _("rollout aborted")}.get(reason, reason)


def role_word(_: Language, role: str) -> str:
    return {"feature": _("feature"), "target": _("target"), "split": _("split"), "ignored": _("ignored"),
            }.get(role, role)


def type_word(_: Language, kind: str) -> str:
    return {"number": _("number"), "category": _("category"), "boolean": _("yes or no"), "text": _("free text"),
            "datetime": _("date and time"), "picture": _("picture"), "mask": _("mask")}.get(kind, kind)


def problem_word(_: Language, problem: str) -> str:
    return {
        "binary": _("two classes"), "multiclass": _("several classes"), "regression": _("a number"),
    }.get(problem, problem)


def advice(_: Language, status: int) -> str:
    """What to do about a problem of the API."""
    return {
        0: _("Check that the service runs and that the pages know its address, then load this page again."),
        400: _("Correct what is named and send it again."),
        401: _("Sign in with a key."),
        403: _("Look at which experiment serves the task, or ask for a key with more rights."),
        404: _("Check the address, or look in the list of experiments."),
        409: _("Load the page again: something has changed since."),
        413: _("Send it in smaller parts, or raise the limit in the settings of the service."),
        429: _("Too many wrong keys came from your address. Try again in a minute."),
        503: _("The service is busy. Try again in a few seconds."),
        507: _("A disk of the service is full. Make room there, then send it again."),
    }.get(status, _("The log of the service has the details."))


def what_happened(_: Language, status: int) -> str:
    return {
        0: _("The API does not answer"), 400: _("This cannot be used"), 403: _("The service refused"),
        404: _("There is no such thing"),
        409: _("Not possible now"), 413: _("Too large"), 429: _("Too many wrong keys"),
        503: _("The service is busy"), 507: _("No room on the disk"),
    }.get(status, _("Something went wrong"))
