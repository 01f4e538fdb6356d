"""From a model's text to a JSON document, and why not.

Strict first: json.loads without NaN, infinities, oversized numbers and duplicate keys. Then without one Markdown
fence. Then, only where the caller allows it, repaired: repair invents plausible values (a cut-off 15 becomes 1), so
a repaired document must never hold a parameter.
"""

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal, NoReturn

import json_repair

from core.errors import AnswerRejected

How = Literal["strict", "fenced", "repaired"]
MAX_CHARACTERS = 200_000
_MAX_DIGITS = 18
_FENCE = "```"
#: json_repair promises no set of exceptions; these are what hostile text makes it raise.
_REPAIR_FAILURES = (ValueError, RecursionError, AssertionError, LookupError, TypeError)


class Rejected(AnswerRejected):
    """The model's answer could not be used.

    `reason` is a stable code; `complaints` say what is wrong, for the model to correct. `usable` is the part that
    may be taken if the model cannot do better.
    """

    def __init__(self, reason: str, complaints: Sequence[str] = (), usable: Any = None) -> None:
        super().__init__(f"{reason}: {'; '.join(complaints)}" if complaints else reason)
        self.reason = reason
        self.complaints = tuple(complaints)
        self.usable = usable


@dataclass(frozen=True, slots=True)
class Parsed:
    """A JSON object and how much help it needed."""

    document: dict[str, Any]
    how: How


def parse(text: str, *, repair: bool) -> Parsed:
    """Read one JSON object from `text`; raises Rejected with the code of the first failure."""
    if not text.strip():
        raise Rejected("blank", ["The answer is blank."])
    if len(text) > MAX_CHARACTERS:
        raise Rejected("too_long", [f"The answer is longer than {MAX_CHARACTERS} characters."])
    inner = _unfenced(text)
    try:
        return Parsed(_strict(text), "strict") if inner is None else Parsed(_strict(inner), "fenced")
    except Rejected:
        if not repair:
            raise
    return Parsed(_repaired(text), "repaired")


def _unfenced(text: str) -> str | None:
    """What stands inside the one Markdown fence around the whole text; None if there is none."""
    opening, newline, rest = text.strip().partition("\n")
    if not (newline and opening.startswith(_FENCE) and rest.endswith(_FENCE)):
        return None
    return rest.removesuffix(_FENCE)


def _strict(text: str) -> dict[str, Any]:
    try:
        document = json.loads(
            text, parse_constant=_no_constant, parse_float=_finite, parse_int=_bounded, object_pairs_hook=_unique
        )
    except RecursionError:
        raise Rejected("too_deep", ["The JSON is nested too deeply."]) from None
    except ValueError as error:
        raise Rejected("not_json", [f"Not one valid JSON document: {error}."]) from None
    return _object(document)


def _repaired(text: str) -> dict[str, Any]:
    try:
        document = json_repair.loads(text, skip_json_loads=True)
    except _REPAIR_FAILURES:
        raise Rejected("not_json", ["Not a JSON document."]) from None
    return _object(document)


def _object(document: Any) -> dict[str, Any]:
    if not isinstance(document, dict) or not document:
        raise Rejected("not_an_object", ["The answer must be one JSON object."])
    return document


def _no_constant(name: str) -> NoReturn:
    raise Rejected("not_finite", [f"{name} is not a JSON number."])


def _finite(digits: str) -> float:
    number = float(digits)
    if not math.isfinite(number):
        raise Rejected("not_finite", ["A number is too large."])
    return number


def _bounded(digits: str) -> int:
    if len(digits) > _MAX_DIGITS:
        raise Rejected("not_finite", ["An integer has too many digits."])
    return int(digits)


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    document = dict(pairs)
    if len(document) != len(pairs):
        raise Rejected("duplicate_key", ["A key occurs twice in one object."])
    return document
