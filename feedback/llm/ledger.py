"""The ledger of HTTP requests to language models: a row is opened before each request and closed after it."""

from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Literal, Protocol

from core.errors import Conflict, NotFound
from feedback.llm.client import Purpose, Usage

CallStatus = Literal["reserved", "ok", "failed", "rejected"]
Closed = Literal["ok", "failed", "rejected"]


@dataclass(frozen=True, slots=True)
class OpenCall:
    """A request that is about to be sent, with the money set aside for it. `prompt` is the messages as JSON."""

    at: datetime
    purpose: Purpose
    job_id: str
    provider: str
    model: str
    prompt_version: str
    system: str
    prompt: str
    reserved_usd: Decimal
    price_known: bool


@dataclass(frozen=True, slots=True)
class CallOutcome:
    """How a request ended. `failed`: no answer; `rejected`: an answer that was not accepted, `reason` says why.

    `reason` is `code` or `code: detail`. `answer` is the model's raw text with what no store can hold made visible.
    `model` is what the provider says it used, when it says so.
    """

    status: Closed
    cost_usd: Decimal
    reason: str = ""
    answer: str | None = None
    http_status: int | None = None
    usage: Usage | None = None
    latency_ms: int | None = None
    model: str | None = None
    trace_id: str | None = None
    fingerprint: str | None = None


class CallLedger(Protocol):
    """Where requests are kept. A row that was never closed counts with its reservation: the call may have happened."""

    def open(self, call: OpenCall) -> int:
        """Store `call` as `reserved`, durably, and return its id."""

    def close(self, call_id: int, outcome: CallOutcome) -> None:
        """Store the outcome; raises NotFound for an unknown id, Conflict for one that is closed."""

    def spent(self, since: datetime, purpose: Purpose | None = None, job_id: str | None = None) -> Decimal:
        """USD since `since` (inclusive): the cost of closed rows, the reservation of open ones."""

    def count(self, since: datetime, purpose: Purpose | None = None) -> int:
        """HTTP requests since `since` (inclusive)."""


@dataclass(slots=True)
class Row:
    """One request as kept in memory; `outcome` None while it is reserved."""

    call: OpenCall
    outcome: CallOutcome | None = None

    @property
    def status(self) -> CallStatus:
        return self.outcome.status if self.outcome else "reserved"

    @property
    def usd(self) -> Decimal:
        return self.outcome.cost_usd if self.outcome else self.call.reserved_usd


@dataclass(slots=True)
class MemoryLedger:
    """The ledger without a database; ids are 1, 2, …"""

    rows: dict[int, Row] = field(default_factory=dict)

    def open(self, call: OpenCall) -> int:
        call_id = len(self.rows) + 1
        self.rows[call_id] = Row(call)
        return call_id

    def close(self, call_id: int, outcome: CallOutcome) -> None:
        row = self.rows.get(call_id)
        if row is None:
            raise NotFound(f"There is no language-model call {call_id}.", field="id")
        if row.outcome is not None:
            raise Conflict(f"Language-model call {call_id} is closed already.", field="id")
        row.outcome = outcome

    def spent(self, since: datetime, purpose: Purpose | None = None, job_id: str | None = None) -> Decimal:
        rows = self._since(since, purpose)
        return sum((row.usd for row in rows if job_id in (None, row.call.job_id)), Decimal(0))

    def count(self, since: datetime, purpose: Purpose | None = None) -> int:
        return len(self._since(since, purpose))

    def _since(self, since: datetime, purpose: Purpose | None) -> list[Row]:
        rows = self.rows.values()
        return [r for r in rows if r.call.at >= since and purpose in (None, r.call.purpose)]
