"""What the address of a page asks for: a choice that the page does not know is told of, never taken for another."""
from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence

from entrypoints.admin.backend import ApiProblem, Fault

# Of a page whose address others write.
WHATEVER: Sequence[str] = ("*",)
_MOST_DIGITS, _MOST_SHOWN = 18, 60


def check_names(query: Mapping[str, str], known: Sequence[str]) -> None:
    """Raises: ApiProblem naming each parameter that the page does not know, as the API does."""
    if known is WHATEVER:
        return
    problem = f"is unknown; known are {', '.join(known)}" if known else "is unknown; there are no parameters here"
    if unknown := [name for name in query if name not in known]:
        raise ApiProblem(400, "bad request", "", tuple(Fault(name, problem) for name in unknown))


def refused(name: str, problem: str) -> ApiProblem:
    return ApiProblem(400, "bad request", "", (Fault(name, problem),))


def checked(name: str, text: str, known: Iterable[object]) -> str:
    """Raises: ApiProblem of what is none of the known ones."""
    words = [str(each) for each in known]
    if text in words:
        return text
    raise refused(name, f"is one of {', '.join(words)}, got {_shown(text)}" if words else f"knows no {_shown(text)}")


def one_of(query: Mapping[str, str], name: str, known: Iterable[object]) -> str | None:
    """None where the address says nothing. Raises: ApiProblem."""
    text = query.get(name)
    return checked(name, text, known) if text else None


def whole(query: Mapping[str, str], name: str) -> int | None:
    """None where the address says nothing. Raises: ApiProblem of what is no number from 0."""
    text = query.get(name)
    return number(name, text) if text else None


def number(name: str, text: str) -> int:
    """Raises: ApiProblem of what is no number from 0."""
    if text.isascii() and text.isdecimal() and len(text) <= _MOST_DIGITS:
        return int(text)
    raise refused(name, f"expected an integer, got {_shown(text)}")


def numbers(name: str, texts: Sequence[str], most: int) -> list[int]:
    """`1,2` and repeated parameters alike, each once, in the order they came. Raises: ApiProblem."""
    parts = [part.strip() for text in texts for part in text.split(",")]
    found = list(dict.fromkeys(number(name, part) for part in parts if part))
    if len(found) > most:
        raise refused(name, f"names {len(found)}; {most} are allowed")
    return found


def _shown(text: str) -> str:
    return json.dumps(text if len(text) <= _MOST_SHOWN else text[:_MOST_SHOWN - 1] + "…", ensure_ascii=False)
