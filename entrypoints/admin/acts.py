"""Entries of the history in words."""
from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from entrypoints.admin.language import Language


def act_word(_: Language, act: str) -> str:
    return {
        "task created": _("task created"), "task changed": _("task changed"), "task deleted": _("task deleted"),
        "data added": _("data added"), "data undone": _("data taken back"), "labels added": _("late labels added"),
        "training queued": _("training queued"), "training cancelled": _("training cancelled"),
        "model imported": _("model imported"), "experiment changed": _("experiment changed"),
        "experiment deleted": _("experiment deleted"), "deployed": _("deployed"), "rolled back": _("rolled back"),
        "rollout begun": _("rollout begun"), "rollout promoted": _("rollout promoted"),
        "rollout aborted": _("rollout aborted"),
        "key created": _("key made"), "key revoked": _("key revoked"),
    }.get(act, act)


def detail(found: Mapping[str, Any]) -> str:
    """The plain ones, and the names of what was changed."""
    plain = [f"{key.replace('_', ' ')} {_plain(value)}" for key, value in found.items() if _plain(value)]
    changed = [key for key, value in found.items() if isinstance(value, Mapping) and key != "columns"]
    return ", ".join([*plain, *changed, *found.get("columns", {})])


def _plain(value: object) -> str:
    """Empty for what is no text, no number and no list of such."""
    if isinstance(value, (str, int, float)):
        return str(value)
    if isinstance(value, list) and all(isinstance(item, (str, int)) for item in value):
        return " + ".join(map(str, value))
    return ""
