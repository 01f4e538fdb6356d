"""Paired evidence from our own engine: incumbent and candidate on identical bars, day by day."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from core.clock import DAY_MS
from core.errors import InvalidInput
from core.market import Floats, Times
from execution.account import Account
from execution.marketdata import MarketData
from execution.sweep import SweepResult, sweep
from feedback.gate.returns import Mask, PairedReturns, Window
from feedback.gate.subject import Activity
from strategies.contract import Strategy

#: A day counts when it has at least this share of its bars.
LEAST_DAY = 0.5


@dataclass(frozen=True)
class Evidence:
    """Paired daily returns and what each side did on the unseen days."""

    returns: PairedReturns
    activity: Activity


@dataclass(frozen=True)
class Replay:
    """One symbol's days: their starts in ms UTC, daily P&L as fractions of capital and trades [sets, days]."""

    symbol: str
    days: Times
    pnl: Floats
    trades: Times
    fees: Floats
    present: Mask


def gather(
    strategy: Strategy,
    markets: Sequence[MarketData],
    incumbent: Mapping[str, float],
    candidate: Mapping[str, float],
    account: Account,
    window: Window,
    *,
    until_ms: int,
    day_offset_ms: int = 0,
) -> Evidence:
    """Replay both sets over each market and line up the complete days that end by `until_ms` and that all markets have.

    `day_offset_ms` shifts the day boundary from UTC. Fees and funding are in the P&L. No market raises InvalidInput.
    """
    if not markets:
        raise InvalidInput("There is no market to judge on.", field="markets", remedy="Give candles of one symbol.")
    replays = [replay(strategy, one, [incumbent, candidate], account, day_offset_ms) for one in markets]
    first = max(int(one.days[0]) if len(one.days) else until_ms for one in replays)
    last = min([until_ms - DAY_MS, *(int(one.days[-1]) for one in replays if len(one.days))])
    days = np.arange(first, last + 1, DAY_MS, dtype=np.int64)
    cut = [_cut(one, days) for one in replays]
    returns = PairedReturns(
        tuple(one.symbol for one in replays),
        days,
        np.stack([one.pnl[0] for one in cut]),
        np.stack([one.pnl[1] for one in cut]),
        np.stack([one.present for one in cut]),
    )
    unseen = window.unseen(days)
    trades = sum(one.trades[:, unseen].sum(axis=1) for one in cut)
    fees = sum(one.fees for one in replays)
    counts = np.asarray(trades).astype(int).tolist()
    return Evidence(returns, Activity(*counts, *np.asarray(fees).tolist()))


def replay(
    strategy: Strategy,
    market: MarketData,
    sets: Sequence[Mapping[str, float]],
    account: Account,
    day_offset_ms: int,
    *,
    trade_from_ms: int | None = None,
    workers: int = 1,
) -> Replay:
    """Run the sets over one market; the first day, on which features warm up, is left out.

    The drawdown rule, which halts until a person looks, is off: months in which one side was halted tell nothing of the
    parameters of either.
    """
    result = sweep(
        strategy,
        market,
        sets,
        account.without_halt(),
        trade_from_ms=trade_from_ms,
        day_offset_ms=day_offset_ms,
        workers=workers,
    )
    present = _full_days(market, result, day_offset_ms)
    return Replay(
        market.instrument.key,
        (result.days * DAY_MS - day_offset_ms)[1:],
        result.daily_pnl[:, 1:] / account.capital,
        result.daily_trades[:, 1:],
        result.fees / account.capital,
        present[1:],
    )


def _full_days(market: MarketData, result: SweepResult, day_offset_ms: int) -> Mask:
    """Which days have most of their bars."""
    if not len(result.days):
        return np.zeros(0, dtype=np.bool_)
    number = (market.bars.time + day_offset_ms) // DAY_MS - result.days[0]
    inside = number[(number >= 0) & (number < len(result.days))]
    full: Mask = np.bincount(inside, minlength=len(result.days)) * market.bars.bar_ms >= LEAST_DAY * DAY_MS
    return full


def _cut(one: Replay, days: Times) -> Replay:
    if not len(days):
        return Replay(one.symbol, days, one.pnl[:, :0], one.trades[:, :0], one.fees, one.present[:0])
    start = int((days[0] - one.days[0]) // DAY_MS)
    span = slice(start, start + len(days))
    return Replay(one.symbol, days, one.pnl[:, span], one.trades[:, span], one.fees, one.present[span])
