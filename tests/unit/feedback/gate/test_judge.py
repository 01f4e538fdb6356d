"""Proposals of the loop before the gate, on a simulated market with something to learn."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import numpy as np
import pytest

from collectors.simulated import STARTING_VALUES, simulate
from core.clock import DAY_MS, from_ms
from core.errors import InvalidInput
from core.learning import Change, Proposal, SeenWindow, Verdict
from execution.account import Account, RiskLimits
from execution.backtest import backtest
from execution.marketdata import MarketData
from feedback.gate.admission import AdmissionHistory, PastVerdict
from feedback.gate.evidence import gather
from feedback.gate.gate import Gate
from feedback.gate.judge import judge_proposal, window_of
from feedback.gate.returns import Window
from strategies import registry

DAYS = 120
SEOUL_MS = 9 * 3_600_000
ACCOUNT = Account(10_000, 0.01, RiskLimits())
MOMENTUM = registry.get("momentum_scalping")
INCUMBENT = MOMENTUM.declaration.complete(STARTING_VALUES["momentum_scalping"])


@pytest.fixture(scope="module")
def markets() -> list[MarketData]:
    return [MarketData(one.instrument, one.bars, one.funding) for one in simulate(DAYS, 5, ["AAAUSDT", "BBBUSDT"])]


@pytest.fixture(scope="module")
def now(markets: list[MarketData]) -> datetime:
    return from_ms(int(markets[0].bars.time[-1]) + 60_000)


def _proposal(now: datetime, after: Mapping[str, float], **changes: Any) -> Proposal:
    diff = tuple(Change(name, INCUMBENT.get(name, 0.0), value) for name, value in after.items())
    seen = SeenWindow(now - timedelta(days=30), now)
    made = Proposal("p", "i", 1, diff, "llm", "", seen, now, now + timedelta(days=3))
    return replace(made, **changes)


def _judge(
    markets: list[MarketData], now: datetime, proposal: Proposal, history: AdmissionHistory | None = None
) -> Verdict:
    return judge_proposal(
        proposal, MOMENTUM, INCUMBENT, markets, ACCOUNT, history or AdmissionHistory(1), now, gate=Gate()
    )


def test_a_change_the_market_rewards_passes_with_its_days_and_trades(markets: list[MarketData], now: datetime) -> None:
    verdict = _judge(markets, now, _proposal(now, {"take_profit": 0.01}))
    assert verdict.decision == "approve"
    assert verdict.n_days == DAYS - 1 - 30 - 1
    assert verdict.n_trades is not None
    assert verdict.n_trades > 100
    assert len(verdict.paired["days"]) == DAYS - 1


@pytest.mark.parametrize(
    ("after", "check"),
    [
        ({"take_profit": 9.0}, "bounds"),
        ({"take_profitt": 0.01}, "bounds"),
        ({"take_profit": float("nan")}, "bounds"),
        ({}, "bounds"),
        ({"take_profit": 0.02}, "max_change"),
    ],
)
def test_values_that_may_not_be_are_refused(
    markets: list[MarketData], now: datetime, after: dict[str, float], check: str
) -> None:
    verdict = _judge(markets, now, _proposal(now, after))
    assert verdict.decision == "reject"
    assert next(one for one in verdict.checks if one.ok is False).name == check


@pytest.mark.parametrize(
    ("history", "check"),
    [
        (AdmissionHistory(2), "base_version"),
        (AdmissionHistory(1, in_flight=["other"]), "in_flight"),
        (AdmissionHistory(1, same_day=1), "quota"),
        (AdmissionHistory(1, ledger_trials=0), "ledger"),
        (AdmissionHistory(1, human_baseline={"take_profit": 0.004}), None),
    ],
)
def test_the_past_of_the_instance_counts(
    markets: list[MarketData], now: datetime, history: AdmissionHistory, check: str | None
) -> None:
    verdict = _judge(markets, now, _proposal(now, {"take_profit": 0.01}), history)
    failed = [one.name for one in verdict.checks if one.ok is False]
    assert failed == ([check] if check else [])


def test_a_young_change_is_left_alone_and_a_refused_one_is_not_asked_again(
    markets: list[MarketData], now: datetime
) -> None:
    young = AdmissionHistory(1, last_applied_at=now - timedelta(days=2))
    again = AdmissionHistory(1, verdicts=[PastVerdict(now - timedelta(days=9), "reject", {"take_profit": 0.0095})])
    for history in (young, again):
        assert _judge(markets, now, _proposal(now, {"take_profit": 0.01}), history).decision == "reject"


def test_thirty_days_of_data_are_insufficient(markets: list[MarketData], now: datetime) -> None:
    start = int(markets[0].bars.time[-1]) - 30 * DAY_MS
    short = [MarketData(one.instrument, one.bars.between(start, 2**62), one.funding) for one in markets]
    assert _judge(short, now, _proposal(now, {"take_profit": 0.01})).decision == "insufficient_data"


def test_evidence_is_the_paired_backtest_day_by_day(markets: list[MarketData], now: datetime) -> None:
    after = {**INCUMBENT, "take_profit": 0.01}
    until = int(now.timestamp() * 1000)
    found = gather(
        MOMENTUM, markets[:1], INCUMBENT, after, ACCOUNT, Window(0, 1), until_ms=until, day_offset_ms=SEOUL_MS
    )
    run = backtest(MOMENTUM, markets[0], after, ACCOUNT, day_offset_ms=SEOUL_MS)
    expected = dict(zip((run.days * DAY_MS - SEOUL_MS).tolist(), run.daily_pnl / ACCOUNT.capital, strict=True))
    assert found.returns.candidate[0] == pytest.approx([expected[day] for day in found.returns.days.tolist()])
    assert int(found.returns.days[-1]) + DAY_MS <= until


def test_days_without_bars_are_no_evidence(markets: list[MarketData]) -> None:
    bars = markets[0].bars
    hole = (bars.time >= bars.time[0] + 40 * DAY_MS) & (bars.time < bars.time[0] + 50 * DAY_MS)
    kept = replace(bars, **{n: getattr(bars, n)[~hole] for n in ("time", "open", "high", "low", "close", "volume")})
    market = MarketData(markets[0].instrument, kept)
    found = gather(MOMENTUM, [market], INCUMBENT, INCUMBENT, ACCOUNT, Window(0, 1), until_ms=2**60)
    assert int((~found.returns.present).sum()) == 10


def test_no_market_is_an_error_of_the_caller(now: datetime) -> None:
    with pytest.raises(InvalidInput, match="no market"):
        _judge([], now, _proposal(now, {"take_profit": 0.01}))


def test_a_short_window_is_stretched_to_what_an_author_must_have_seen(now: datetime) -> None:
    window = window_of(SeenWindow(now - timedelta(days=1), now))
    assert np.diff([window.start_ms, window.end_ms]).tolist() == [30 * DAY_MS]
