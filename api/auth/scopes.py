"""Scopes are nested sets: control contains approve, approve contains read."""

from collections.abc import Iterable, Mapping
from typing import Literal

Scope = Literal["read", "approve", "control"]

LEVELS: Mapping[str, frozenset[str]] = {
    "read": frozenset({"read"}),
    "approve": frozenset({"read", "approve"}),
    "control": frozenset({"read", "approve", "control"}),
}


def granted(scopes: Iterable[str]) -> frozenset[str]:
    """Everything that `scopes` allow; an unknown name grants nothing."""
    return frozenset().union(*(LEVELS.get(scope, frozenset()) for scope in scopes))
