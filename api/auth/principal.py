"""Who is asking, once known."""

from dataclasses import dataclass
from typing import Literal, cast

from flask import g

from core.errors import Forbidden


@dataclass(frozen=True, slots=True)
class Principal:
    """A key or a person's session with everything it may do. `csrf` is set for sessions only."""

    actor: str
    scopes: frozenset[str]
    via: Literal["key", "session"]
    csrf: str | None = None

    def require(self, scope: str) -> None:
        if scope not in self.scopes:
            raise Forbidden(f"This needs the scope {scope}.", remedy="Ask with a key that has it.")


def remember(principal: Principal) -> None:
    g.principal = principal


def known() -> Principal | None:
    """Who makes the current request, if the guard asked."""
    return cast(Principal | None, g.get("principal"))


def principal() -> Principal:
    """Who makes the current request; only valid behind the guard."""
    return cast(Principal, g.principal)
