"""The referee agrees trade for trade on real bars, over random parameter sets."""

from decimal import Decimal
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from core.market import Bars, Instrument
from execution.account import Account, RiskLimits
from execution.agreement import consult
from execution.marketdata import MarketData
from strategies import registry

DATA = Path(__file__).parents[3] / "shared" / "data" / "binance_usdm"
STEPS = {
    "BTCUSDT": ("0.1", "0.001"),
    "ETHUSDT": ("0.01", "0.001"),
    "SOLUSDT": ("0.01", "1"),
    "XRPUSDT": ("0.0001", "0.1"),
}


def recorded(symbol: str) -> MarketData:
    folder = DATA / symbol / "1m"
    if not folder.exists():
        pytest.skip("the recorded market data is not beside the checkout")
    frame = pd.read_parquet(next(iter(folder.glob("*.parquet"))))
    time = frame["timestamp"].astype("datetime64[ms, UTC]").astype("int64").to_numpy()
    columns = [frame[name].to_numpy(np.float64) for name in ("open", "high", "low", "close", "volume")]
    price_step, quantity_step = map(Decimal, STEPS[symbol])
    return MarketData(Instrument("binance_usdm", symbol, price_step, quantity_step), Bars(time, *columns))


@pytest.mark.slow
@pytest.mark.recorded
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("symbol", STEPS)
def test_twenty_random_parameter_sets_agree_trade_for_trade(symbol: str) -> None:
    market = recorded(symbol)
    strategy = registry.get("momentum_scalping")
    random = np.random.default_rng(20)
    made = 0
    for _ in range(20):
        values = {
            p.name: p.round(random.uniform(p.low, min(p.high, p.low + 0.25 * (p.high - p.low))))
            for p in strategy.declaration.parameters
        }
        told = consult(strategy, market, values, Account(10_000.0, 0.01, RiskLimits()))
        assert told.agrees, (values, told.differing[:3])
        made += told.ours
    assert made > 200
