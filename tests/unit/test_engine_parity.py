"""History in one call, in pieces, and bar by bar with restarts: one engine, identical rows."""

import numpy as np
import pytest

from core.market import FundingRates
from execution.account import RiskLimits
from execution.backtest import backtest
from execution.engine import Engine
from execution.marketdata import MarketData
from strategies import registry
from tests.unit.markets import PERPETUAL, START_MS, WIDE, account, wild_market

BARS = wild_market(bars=4000)
FUNDING = FundingRates(START_MS + 8 * 3_600_000 * np.arange(1, 9), np.full(8, 1e-4))
RATED = RiskLimits(max_daily_loss=9.0, max_consecutive_losses=10**9, max_orders_per_hour=1)
TIGHT = RiskLimits(max_daily_loss=0.01, max_consecutive_losses=3, pause_bars=60, max_orders_per_hour=4)


def pieces(sizes: list[int]) -> list[tuple[int, int]]:
    edges = np.minimum(np.cumsum([0, *sizes]), len(BARS))
    return list(zip(edges[:-1].tolist(), edges[1:].tolist(), strict=True))


@pytest.mark.parametrize("limits", [WIDE, RATED, TIGHT], ids=["wide", "rated", "binding"])
@pytest.mark.parametrize("name", ["market_making", "momentum_scalping"])
def test_pieces_and_restarts_change_nothing(name: str, limits: RiskLimits) -> None:
    strategy = registry.get(name)
    whole = backtest(strategy, MarketData(PERPETUAL, BARS, FUNDING), {}, account(limits))
    engine = Engine(strategy, PERPETUAL, account(limits), {})
    outputs = []
    for start, stop in pieces([1] * 700 + [333, 1, 1200] + [1] * 300 + [5000]):
        if start % 97 == 0:
            snapshot = engine.snapshot()
            engine = Engine(strategy, PERPETUAL, account(limits), {})
            engine.restore(snapshot)
        outputs.append(engine.advance(BARS.slice(start, stop), FUNDING))
    for kind in ("fills", "trades", "decisions", "equity"):
        joined = np.concatenate([getattr(output, kind) for output in outputs])
        assert joined.tobytes() == getattr(whole, kind).tobytes(), kind
    assert len(whole.trades) > 10
