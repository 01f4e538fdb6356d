"""The miner: small, counted, repeatable, and no friend of standing still."""

from datetime import datetime, timedelta

import numpy as np
import pytest

from collectors.simulated import STARTING_VALUES, simulate
from core.clock import from_ms
from execution.account import Account, RiskLimits
from execution.marketdata import MarketData
from feedback.gate.admission import PastVerdict
from feedback.miner import MOST_TRIALS, Mined, _score, mine, neighbours
from strategies import registry

ACCOUNT = Account(10_000, 0.01, RiskLimits())
MOMENTUM = registry.get("momentum_scalping")
INCUMBENT = MOMENTUM.declaration.complete(STARTING_VALUES["momentum_scalping"])


@pytest.fixture(scope="module")
def market() -> MarketData:
    (one,) = simulate(34, 3, ["AAAUSDT"])
    return MarketData(one.instrument, one.bars, one.funding)


def _end(market: MarketData) -> datetime:
    return from_ms(int(market.bars.time[-1]) + 60_000)


def _mine(market: MarketData, recent: tuple[PastVerdict, ...] = (), instance: str = "i") -> Mined:
    return mine(instance, MOMENTUM, 4, INCUMBENT, [market], ACCOUNT, _end(market), recent=recent)


def test_every_neighbour_is_legal_and_within_one_approval() -> None:
    declared = MOMENTUM.declaration
    sets = neighbours(declared, INCUMBENT, np.random.default_rng(1))
    assert len(sets) <= MOST_TRIALS
    assert len({tuple(one.values()) for one in sets}) == len(sets)
    for one in sets:
        assert declared.complete(one) == one
        changed = [name for name in one if one[name] != INCUMBENT[name]]
        assert 1 <= len(changed) <= 2
        assert all(abs(one[n] - INCUMBENT[n]) <= declared[n].largest_change(INCUMBENT[n]) * (1 + 1e-9) for n in changed)


def test_all_trials_are_told_and_the_draft_is_the_best_of_them(market: MarketData) -> None:
    mined = _mine(market)
    (draft,) = mined.drafts
    assert draft.n_trials == len(mined.trials)
    assert draft.author == "miner"
    assert draft.base_version == 4
    assert draft.seen.end - draft.seen.start == timedelta(days=30)
    best = max((one for one in mined.trials if one.score is not None), key=lambda one: one.score or 0)
    assert draft.values_on(INCUMBENT) == best.values


def test_the_same_day_finds_the_same_and_another_instance_looks_elsewhere(market: MarketData) -> None:
    assert _mine(market) == _mine(market)
    assert _mine(market).trials != _mine(market, instance="j").trials


def test_what_was_refused_lately_is_not_drafted_again(market: MarketData) -> None:
    (first,) = _mine(market).drafts
    after = {change.parameter: change.after for change in first.changes}
    (second,) = _mine(market, (PastVerdict(_end(market), "reject", after),)).drafts
    assert second.changes != first.changes


def test_without_bars_there_is_nothing_to_say(market: MarketData) -> None:
    empty = MarketData(market.instrument, market.bars.slice(0, 0))
    mined = mine("i", MOMENTUM, 1, INCUMBENT, [empty], ACCOUNT, _end(market))
    assert mined.drafts == ()
    assert all(trial.score is None for trial in mined.trials)


def test_trading_less_of_the_same_is_no_gain() -> None:
    incumbent = np.array([-1.0, -2.0, -1.0, -2.0])
    assert _score(incumbent, incumbent * 0.5, 100, 50) is None
    assert _score(incumbent, np.zeros(4), 100, 0) is None
    better = _score(incumbent, np.array([0.2, -0.5, 0.1, -0.4]), 100, 50)
    assert better is not None
    assert better > 0
