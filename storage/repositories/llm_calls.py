"""Requests to language models: a row is opened before each and closed after it."""

from datetime import datetime
from decimal import Decimal
from typing import Any, Protocol

from sqlalchemy import ColumnElement, and_, func, insert, select, update

from core.errors import Conflict, NotFound
from storage.repositories.base import Repository
from storage.schema import llm_calls as table

_OPENED = [
    "at",
    "purpose",
    "job_id",
    "provider",
    "model",
    "prompt_version",
    "system",
    "prompt",
    "reserved_usd",
    "price_known",
]
_CLOSED = ["status", "cost_usd", "reason", "answer", "http_status", "latency_ms", "trace_id", "fingerprint"]


class Opened(Protocol):
    """A request that is about to be sent."""

    @property
    def at(self) -> datetime: ...
    @property
    def purpose(self) -> str: ...
    @property
    def job_id(self) -> str: ...
    @property
    def provider(self) -> str: ...
    @property
    def model(self) -> str: ...
    @property
    def prompt_version(self) -> str: ...
    @property
    def system(self) -> str: ...
    @property
    def prompt(self) -> str: ...
    @property
    def reserved_usd(self) -> Decimal: ...
    @property
    def price_known(self) -> bool: ...


class Tokens(Protocol):
    """Tokens as the provider counted them."""

    @property
    def prompt(self) -> int: ...
    @property
    def cached(self) -> int: ...
    @property
    def completion(self) -> int: ...
    @property
    def reasoning(self) -> int: ...


class Closed(Protocol):
    """How a request ended."""

    @property
    def status(self) -> str: ...
    @property
    def cost_usd(self) -> Decimal: ...
    @property
    def reason(self) -> str: ...
    @property
    def answer(self) -> str | None: ...
    @property
    def http_status(self) -> int | None: ...
    @property
    def usage(self) -> Tokens | None: ...
    @property
    def latency_ms(self) -> int | None: ...
    @property
    def model(self) -> str | None: ...
    @property
    def trace_id(self) -> str | None: ...
    @property
    def fingerprint(self) -> str | None: ...


class LlmCalls(Repository):
    """The ledger of requests, with what they cost."""

    def open(self, call: Opened) -> int:
        """Store a request as reserved and return its id."""
        values = {name: getattr(call, name) for name in _OPENED}
        return int(self._all(insert(table).values(values | {"status": "reserved"}).returning(table.c.id))[0].id)

    def close(self, call_id: int, outcome: Closed) -> None:
        """Store how a request ended; raises NotFound for an unknown id, Conflict for one that is closed."""
        reserved = update(table).where(table.c.id == call_id, table.c.status == "reserved")
        if self._changes(reserved.values(_closed(outcome))):
            return
        if self._first(select(table.c.id).where(table.c.id == call_id)) is None:
            raise NotFound(f"There is no language-model call {call_id}.", field="id")
        raise Conflict(f"Language-model call {call_id} is closed already.", field="id")

    def spent(self, since: datetime, purpose: str | None = None, job_id: str | None = None) -> Decimal:
        """USD since `since` (inclusive): the cost of closed rows, the reservation of open ones."""
        usd = func.sum(func.coalesce(table.c.cost_usd, table.c.reserved_usd))
        where = _since(since, purpose)
        total = self._connection.scalar(
            select(usd).where(where if job_id is None else and_(where, table.c.job_id == job_id))
        )
        return Decimal(0) if total is None else Decimal(total)

    def count(self, since: datetime, purpose: str | None = None) -> int:
        """Requests since `since` (inclusive)."""
        return self._connection.scalar(select(func.count()).select_from(table).where(_since(since, purpose))) or 0


def _since(since: datetime, purpose: str | None) -> ColumnElement[bool]:
    return table.c.at >= since if purpose is None else and_(table.c.at >= since, table.c.purpose == purpose)


def _closed(outcome: Closed) -> dict[str, Any]:
    values = {name: getattr(outcome, name) for name in _CLOSED}
    values |= {"model": outcome.model} if outcome.model else {}
    tokens = outcome.usage
    if tokens is not None:
        counted = ("prompt", "cached", "completion", "reasoning")
        values |= {f"{kind}_tokens": getattr(tokens, kind) for kind in counted}
    return values
