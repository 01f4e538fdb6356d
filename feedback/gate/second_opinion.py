"""The referee for the gate: the candidate's latest trades in an engine that is not ours."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from core.clock import MINUTE_MS, to_ms
from execution.account import Account
from execution.agreement import consult
from execution.marketdata import MarketData
from feedback.gate.judge import Referee
from feedback.gate.subject import Agreement
from strategies.contract import Strategy

#: How far back the referee looks: it takes tens of microseconds a bar, in a process of its own.
SPAN = timedelta(days=30)
WARM_UP_MS = 1440 * MINUTE_MS


def referee_for(strategy: Strategy, market: MarketData, account: Account, now: datetime) -> Referee | None:
    """Ask about the last days of `market` before `now`; None for quoting strategies, whose queue no referee knows."""
    if strategy.kind != "directional":
        return None
    start_ms, end_ms = to_ms(now - SPAN), to_ms(now)
    recent = MarketData(market.instrument, market.bars.between(start_ms - WARM_UP_MS, end_ms))

    def ask(values: Mapping[str, float]) -> Agreement:
        found = consult(strategy, recent, values, account, trade_from_ms=start_ms)
        return Agreement(max(found.ours, found.theirs), len(found.differing))

    return ask
