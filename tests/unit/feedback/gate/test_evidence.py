"""What the evidence of a proposal is made of."""

from dataclasses import replace

import numpy as np

from execution.marketdata import MarketData
from feedback.gate.evidence import replay
from strategies import registry
from tests.unit.markets import PERPETUAL, WIDE, account, wild_market


def test_a_side_that_its_drawdown_would_have_halted_is_replayed_to_the_end() -> None:
    market = MarketData(PERPETUAL, wild_market(bars=9 * 1440))
    strategy = registry.get("momentum_scalping")
    halting = account(replace(WIDE, max_drawdown=0.002))
    sets = [strategy.declaration.defaults()]
    kept = replay(strategy, market, sets, halting, 0)
    free = replay(strategy, market, sets, account(WIDE), 0)
    np.testing.assert_array_equal(kept.pnl, free.pnl)
    assert kept.trades[0, -3:].sum() > 0
