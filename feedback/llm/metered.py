"""Sending a request so that it is paid for: money reserved first, one ledger row for each HTTP request, few retries."""

import json
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from decimal import Decimal

import structlog

from feedback.llm.budget import Budget
from feedback.llm.client import CallFailed, LlmAnswer, LlmClient, LlmRequest
from feedback.llm.ledger import CallLedger, CallOutcome, Closed, OpenCall
from feedback.llm.sanitise import sanitise, storable

MAX_RETRIES = 2
_FIRST_PAUSE_S = 2.0
_log = structlog.get_logger(__name__)


@dataclass(slots=True)
class Meter:
    """Sends requests for one question and remembers what they were: their rows, their cost, their time.

    `deadline_s` bounds all of them together, pauses included. `pause` waits between retries.
    """

    client: LlmClient
    ledger: CallLedger
    budget: Budget
    deadline_s: float
    pause: Callable[[float], None] = time.sleep
    call_ids: list[int] = field(default_factory=list)
    steps: list[str] = field(default_factory=list)
    cost_usd: Decimal = Decimal(0)
    _started: float = field(default_factory=time.monotonic)

    def send(self, request: LlmRequest) -> LlmAnswer:
        """Send with up to two retries. The row of the answer stays open until `settle`.

        Raises CallFailed when retries or time are used up, BudgetExhausted, NotConfigured.
        """
        retries = 0
        while True:
            try:
                return self._send_once(request)
            except CallFailed as failure:
                wait = self._wait_after(failure, retries)
                if wait is None:
                    raise
            self.pause(wait)
            retries += 1

    def settle(self, answer: LlmAnswer, status: Closed, reason: str) -> None:
        """Close the row of the last answer with what it really cost and whether it was accepted."""
        self._close(
            CallOutcome(
                status=status,
                cost_usd=answer.cost_usd,
                reason=reason,
                answer=storable(answer.text),
                http_status=200,
                usage=answer.usage,
                latency_ms=answer.latency_ms,
                model=sanitise(answer.model, 100) or None,
                trace_id=sanitise(answer.trace_id, 100) or None,
                fingerprint=sanitise(answer.fingerprint, 100) or None,
            )
        )

    @property
    def remaining_s(self) -> float:
        return self.deadline_s - (time.monotonic() - self._started)

    def _send_once(self, request: LlmRequest) -> LlmAnswer:
        if self.remaining_s <= 0:
            raise CallFailed("deadline")
        quote = self.client.quote(request)
        call = OpenCall(
            at=self.budget.clock.now(),
            purpose=request.purpose,
            job_id=request.job_id,
            provider=self.client.provider,
            model=self.client.model,
            prompt_version=request.prompt_version,
            system=request.system,
            prompt=json.dumps([{"role": m.role, "content": m.text} for m in request.messages], ensure_ascii=False),
            reserved_usd=quote.usd,
            price_known=quote.price_known,
        )
        self.call_ids.append(self.budget.reserve(self.ledger, call))
        try:
            return self.client.complete(replace(request, deadline_s=self.remaining_s))
        except CallFailed as failure:
            self._close_failed(failure, quote.usd)
            raise

    def _close_failed(self, failure: CallFailed, reserved_usd: Decimal) -> None:
        """A call that may have been billed keeps its reservation as its cost."""
        self._close(
            CallOutcome(
                status="failed",
                cost_usd=reserved_usd if failure.billed else Decimal(0),
                reason=failure.reason,
                http_status=failure.http_status,
                latency_ms=failure.latency_ms,
                trace_id=sanitise(failure.trace_id, 100) or None,
            )
        )

    def _close(self, outcome: CallOutcome) -> None:
        call_id = self.call_ids[-1]
        self.ledger.close(call_id, outcome)
        self.cost_usd += outcome.cost_usd
        self.steps.append(outcome.reason or outcome.status)
        _log.info(
            "A language-model request ended.",
            action="llm_call",
            call_id=call_id,
            status=outcome.status,
            reason=outcome.reason,
            cost_usd=str(outcome.cost_usd),
            latency_ms=outcome.latency_ms,
        )

    def _wait_after(self, failure: CallFailed, retries: int) -> float | None:
        """Seconds to wait before the next try, with jitter; None if there is no point in one."""
        if not failure.retryable or retries >= MAX_RETRIES:
            return None
        jitter = 0.5 + secrets.randbelow(1000) / 1000
        wait = max(failure.retry_after_s or 0.0, _FIRST_PAUSE_S * 2**retries * jitter)
        return wait if wait < self.remaining_s else None
