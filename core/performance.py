"""How well a strategy did: the only place where performance figures are computed.

Daily figures are fractions of a constant capital over UTC or local days, 365 to a year (these markets never close);
equity is capital plus accumulated P&L. What too few days or trades cannot tell is None, never 0 or infinite.
"""

import math
from dataclasses import asdict, dataclass

import numpy as np

from core.market import Floats

DAYS_PER_YEAR = 365
#: Fewer days than this say nothing about a rate per year, fewer trades nothing about the system's quality.
MIN_DAYS = 10
MIN_TRADES = 10


@dataclass(frozen=True, slots=True)
class Performance:
    """Figures of one span. Ratios per year; fractions of capital; `max_drawdown_days` counts days below the peak."""

    total_return: float
    cagr: float | None
    sharpe: float | None
    sortino: float | None
    calmar: float | None
    max_drawdown: float
    max_drawdown_days: int
    trades: int
    win_rate: float | None
    profit_factor: float | None
    expectancy: float | None
    sqn: float | None
    exposure: float | None
    turnover: float | None

    def as_dict(self) -> dict[str, float | int | None]:
        return asdict(self)


def performance(
    capital: float,
    daily_pnl: Floats,
    trade_pnl: Floats,
    *,
    exposure: float | None = None,
    turnover: float | None = None,
) -> Performance:
    """All figures from the P&L of each day and of each round trip (quote currency, after fees and funding).

    `exposure` is the fraction of bars with a position; `turnover` the traded notional in quote currency, answered in
    multiples of capital.
    """
    equity = capital + np.concatenate([[0.0], np.cumsum(daily_pnl)])
    returns = daily_pnl / capital
    yearly = cagr(equity)
    drop = max_drawdown(equity)
    return Performance(
        total_return=float(equity[-1] / capital - 1.0),
        cagr=yearly,
        sharpe=sharpe(returns),
        sortino=sortino(returns),
        calmar=yearly / drop if yearly is not None and drop > 0 else None,
        max_drawdown=drop,
        max_drawdown_days=drawdown_length(equity),
        trades=len(trade_pnl),
        win_rate=win_rate(trade_pnl),
        profit_factor=profit_factor(trade_pnl),
        expectancy=expectancy(trade_pnl),
        sqn=sqn(trade_pnl),
        exposure=exposure,
        turnover=None if turnover is None else turnover / capital,
    )


def cagr(equity: Floats) -> float | None:
    """Compound growth per year of a daily equity curve (first value: before the first day)."""
    days = len(equity) - 1
    if days < MIN_DAYS or equity[-1] <= 0:
        return None
    return float((equity[-1] / equity[0]) ** (DAYS_PER_YEAR / days) - 1.0)


def sharpe(returns: Floats) -> float | None:
    """Mean over standard deviation (sample) of daily returns, per year, risk-free rate 0 (Sharpe 1994)."""
    deviation = float(np.std(returns, ddof=1)) if len(returns) >= MIN_DAYS else 0.0
    return _ratio(returns, deviation)


def sortino(returns: Floats) -> float | None:
    """Mean over downside deviation (root mean square of losses over all days), per year (Sortino 1994)."""
    downside = float(np.sqrt(np.mean(np.minimum(returns, 0.0) ** 2))) if len(returns) >= MIN_DAYS else 0.0
    return _ratio(returns, downside)


def max_drawdown(equity: Floats) -> float:
    """The deepest fall from a peak, as a positive fraction of that peak."""
    peak = np.maximum.accumulate(equity)
    return float(np.max(1.0 - equity / peak, initial=0.0))


def drawdown_length(equity: Floats) -> int:
    """The most consecutive days that ended below an earlier peak."""
    below = equity < np.maximum.accumulate(equity)
    edges = np.flatnonzero(np.diff(np.concatenate([[False], below, [False]]).astype(np.int8)))
    return int(np.max(edges[1::2] - edges[::2], initial=0))


def win_rate(trade_pnl: Floats) -> float | None:
    """The share of trades that gained."""
    return float(np.mean(trade_pnl > 0)) if len(trade_pnl) else None


def profit_factor(trade_pnl: Floats) -> float | None:
    """Gains over losses; None without a loss."""
    lost = -float(np.sum(trade_pnl[trade_pnl < 0]))
    return float(np.sum(trade_pnl[trade_pnl > 0])) / lost if lost > 0 else None


def expectancy(trade_pnl: Floats) -> float | None:
    """Mean gain of a trade, quote currency."""
    return float(np.mean(trade_pnl)) if len(trade_pnl) else None


def sqn(trade_pnl: Floats) -> float | None:
    """System quality number: root of the number of trades x mean / standard deviation (Van Tharp)."""
    if len(trade_pnl) < MIN_TRADES:
        return None
    return _over(float(np.mean(trade_pnl)), float(np.std(trade_pnl, ddof=1)), math.sqrt(len(trade_pnl)))


def _ratio(returns: Floats, deviation: float) -> float | None:
    return _over(float(np.mean(returns)), deviation, math.sqrt(DAYS_PER_YEAR)) if deviation > 0 else None


def _over(mean: float, deviation: float, factor: float) -> float | None:
    """factor x mean / deviation; None where the deviation is nothing but rounding."""
    return factor * mean / deviation if deviation > 1e-12 * abs(mean) else None
