"""Requests, answers and a clock for tests about language models."""

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from core.clock import SimulatedClock
from core.parameters import Declaration, Parameter
from feedback.llm.client import CallFailed, LlmAnswer, LlmRequest, Quote

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)

MOMENTUM = Declaration(
    (
        Parameter("entry_threshold", 0.004, 0.001, 0.02, 0.0005, "fraction", "Move that opens a position."),
        Parameter("stop_loss", 0.010, 0.002, 0.05, 0.001, "fraction", "Distance of the stop.", risk="up"),
        Parameter("take_profit", 0.020, 0.002, 0.10, 0.001, "fraction", "Distance of the target."),
        Parameter("lookback", 20, 5, 200, 1, "bars", "Bars looked at.", type="int"),
        Parameter("cooldown", 10, 0, 100, 1, "bars", "Bars to wait.", type="int"),
    )
)
DECLARATIONS = {"momentum_scalping.BTCUSDT": MOMENTUM, "momentum_scalping.ETHUSDT": MOMENTUM}
CURRENT = {name: MOMENTUM.defaults() for name in DECLARATIONS}


def request(**changes: Any) -> LlmRequest:
    """A request for adjustments."""
    base = LlmRequest(
        purpose="daily_proposals",
        system="Answer in json.",
        user="F1 Win rate 50 %",
        max_tokens=1000,
        deadline_s=20.0,
        job_id="daily_review 2026-11-20",
        prompt_version="daily_proposals@test",
        schema={"type": "object"},
    )
    return replace(base, **changes)


def answer(text: str, **changes: Any) -> LlmAnswer:
    base = LlmAnswer(
        text=text,
        finish_reason="stop",
        model="deepseek-flash",
        fingerprint="fp",
        usage=None,
        cost_usd=Decimal("0.001"),
        latency_ms=5,
        trace_id="trace",
    )
    return replace(base, **changes)


@dataclass
class ScriptedClient:
    """A client that gives the scripted answers or failures in order, and keeps what it was asked."""

    script: list[LlmAnswer | CallFailed]
    price: Decimal = Decimal("0.01")
    provider: str = "deepseek"
    model: str = "deepseek-flash"
    asked: list[LlmRequest] = field(default_factory=list)

    def quote(self, request: LlmRequest) -> Quote:
        return Quote(self.price, True)

    def complete(self, request: LlmRequest) -> LlmAnswer:
        self.asked.append(request)
        step = self.script.pop(0)
        if isinstance(step, CallFailed):
            raise step
        return step


def clock_at(moment: datetime = NOON) -> SimulatedClock:
    return SimulatedClock(moment)
