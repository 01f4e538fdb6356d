"""Turns a check's outcome into its answer with a line in English and one in Korean."""

from core.learning import Check
from feedback.gate.catalogue import LINES


def say(key: str, **fields: object) -> tuple[str, str]:
    """The lines of `key` in English and Korean with `fields` filled in."""
    english, korean = LINES[key]
    return english.format(**fields), korean.format(**fields)


Figure = float | str | None


def passed(name: str, value: Figure, limit: Figure, outcome: str = "pass", /, **fields: object) -> Check:
    return Check(name, True, value, limit, *say(f"{name}.{outcome}", value=value, limit=limit, **fields))


def failed(name: str, value: Figure, limit: Figure, outcome: str = "fail", /, **fields: object) -> Check:
    return Check(name, False, value, limit, *say(f"{name}.{outcome}", value=value, limit=limit, **fields))


def unknown(name: str, **fields: object) -> Check:
    """The check could not be run here; it does not decide."""
    return Check(name, None, None, None, *say(f"{name}.unknown", **fields))


def bp(fraction: float) -> float:
    """Basis points of capital."""
    return fraction * 1e4
