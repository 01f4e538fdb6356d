"""Small made-up markets for the engine's tests."""

from decimal import Decimal

import numpy as np

from core.clock import MINUTE_MS
from core.market import Bars, Instrument
from execution.account import Account, RiskLimits

START_MS = 1_672_531_200_000

PERPETUAL = Instrument("test_usdm", "AAAUSDT", price_step=Decimal("0.01"), quantity_step=Decimal("0.001"))
SPOT = Instrument("test_spot", "AAAUSDT", price_step=Decimal("0.01"), quantity_step=Decimal("0.001"))

WIDE = RiskLimits(max_daily_loss=10.0, max_consecutive_losses=10**9, max_orders_per_hour=10**9)


def account(limits: RiskLimits = WIDE, capital: float = 10_000.0) -> Account:
    return Account(capital=capital, risk_fraction=0.01, limits=limits)


def bars_of(rows: list[tuple[float, float, float, float]], volume: float = 1e6) -> Bars:
    """Consecutive minutes from (open, high, low, close)."""
    prices = np.array(rows, dtype=np.float64)
    time = START_MS + MINUTE_MS * np.arange(len(rows), dtype=np.int64)
    return Bars(time, *(prices[:, k].copy() for k in range(4)), np.full(len(rows), volume))


def wild_market(seed: int = 1, bars: int = 6000, price: float = 100.0) -> Bars:
    """A jumpy random walk with bursts of volume, so that both strategies trade often."""
    random = np.random.default_rng(seed)
    burst = np.repeat(random.gamma(1.0, 1.0, bars // 20 + 1), 20)[:bars]
    move = random.standard_t(4, bars) * 0.0012 * (0.3 + burst)
    close = price * np.exp(np.cumsum(move))
    open_ = np.concatenate([[price], close[:-1]]) * np.exp(random.normal(0, 1e-4, bars))
    reach = np.abs(random.normal(0, 8e-4, (2, bars))) * (0.3 + burst)
    high = np.maximum(open_, close) * np.exp(reach[0])
    low = np.minimum(open_, close) * np.exp(-reach[1])
    volume = random.gamma(2.0, 200.0, bars) * (0.2 + burst)
    time = START_MS + MINUTE_MS * np.arange(bars, dtype=np.int64)
    return Bars(time, open_, high, low, close, volume)
