"""30 days of real bars and funding: bar by bar with restarts equals one pass, also with risk limits binding."""

import numpy as np
import pandas as pd
import pytest

from core.clock import MINUTE_MS
from core.market import FundingRates
from execution.account import Account, RiskLimits
from execution.backtest import backtest
from execution.engine import Engine
from execution.marketdata import MarketData
from strategies import registry
from tests.acceptance.test_referee_on_recorded_bars import DATA, STEPS, recorded

LIMITS = {
    "wide": RiskLimits(max_daily_loss=9.0, max_consecutive_losses=10**9, max_orders_per_hour=10**9),
    "binding": RiskLimits(max_daily_loss=0.005, max_consecutive_losses=3, pause_bars=120, max_orders_per_hour=3),
}
EAGER = {"momentum_scalping": {"entry_threshold": 0.003, "cooldown": 0, "min_volume": -2.0}, "market_making": {}}


def funding_of(symbol: str) -> FundingRates:
    frame = pd.read_parquet(next(iter((DATA / symbol / "funding").glob("*.parquet"))))
    time = frame["timestamp"].astype("datetime64[ms, UTC]").astype("int64").to_numpy() // MINUTE_MS * MINUTE_MS
    return FundingRates(time, frame["funding_rate"].to_numpy(np.float64))


@pytest.mark.slow
@pytest.mark.recorded
@pytest.mark.parametrize("limits", LIMITS)
@pytest.mark.parametrize("name", EAGER)
@pytest.mark.parametrize("symbol", STEPS)
def test_bar_by_bar_with_restarts_equals_one_pass(symbol: str, name: str, limits: str) -> None:
    market = recorded(symbol)
    market = MarketData(market.instrument, market.bars, funding_of(symbol))
    account = Account(10_000.0, 0.01, LIMITS[limits])
    strategy = registry.get(name)
    whole = backtest(strategy, market, EAGER[name], account)
    engine = Engine(strategy, market.instrument, account, EAGER[name])
    outputs = []
    for k in range(len(market.bars)):
        if k % 10_007 == 10_006:
            snapshot = engine.snapshot()
            engine = Engine(strategy, market.instrument, account, EAGER[name])
            engine.restore(snapshot)
        outputs.append(engine.advance(market.bars.slice(k, k + 1), market.funding))
    for kind in ("fills", "trades", "decisions", "equity"):
        joined = b"".join(getattr(output, kind).tobytes() for output in outputs)
        assert joined == getattr(whole, kind).tobytes(), kind
    assert len(whole.trades) > 20
    assert whole.funding != 0.0
