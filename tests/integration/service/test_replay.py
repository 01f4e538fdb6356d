"""A replay repeats itself to the byte, notices every change of its input, and runs every job that is due."""

from dataclasses import fields, replace
from datetime import UTC, datetime

import numpy as np
import pytest

from collectors.series import CandleSeries
from collectors.simulated import STARTING_VALUES, simulate
from core.clock import DAY_MS, MINUTE_MS, to_ms
from core.errors import InvalidInput
from execution.backtest import backtest
from execution.marketdata import MarketData
from service.accounts import account_of
from service.instances import DEFAULT_BUDGET
from service.replay import Span
from strategies import registry
from tests.support.replaying import Lived, Stage

pytestmark = pytest.mark.integration

#: The first afternoon and night of trading: the daily review of Seoul falls on 15:05 UTC.
START = datetime(2025, 1, 2, 12, tzinfo=UTC)
HOURS = 12
BETTER = {"momentum_scalping": {**STARTING_VALUES["momentum_scalping"], "take_profit": 0.009}}


def market() -> list[CandleSeries]:
    return simulate(2, 5, ["BTCUSDT"])


def with_one_bar_altered(series: list[CandleSeries]) -> list[CandleSeries]:
    """The same market, but one minute of the evening closed a tenth of a percent higher."""
    (one,) = series
    place = int(np.searchsorted(one.bars.time, to_ms(START) + 6 * 60 * MINUTE_MS))
    close, high = one.bars.close.copy(), one.bars.high.copy()
    close[place] *= 1.001
    high[place] = max(high[place], close[place])
    return [replace(one, bars=replace(one.bars, close=close, high=high))]


@pytest.fixture(scope="module")
def lived(stage: Stage) -> Lived:
    """One replay, for the tests that only ask what it left."""
    return stage.live(market(), START)


def test_every_due_job_is_done_once_and_recorded_at_its_time(lived: Lived) -> None:
    jobs = lived.document["jobs"]
    assert {name: runs["due"] for name, runs in jobs.items()} == {
        "daily_review": 1,
        "housekeeping": 1,
        "loss_review": HOURS * 12,
        "monitor": HOURS * 12,
        "twins": 1,
    }
    assert all(runs["done"] == runs["due"] for runs in jobs.values())
    assert lived.value("SELECT scheduled_at FROM job_runs WHERE job = 'daily_review'") == datetime(
        2025, 1, 2, 15, 5, tzinfo=UTC
    )
    assert lived.value("SELECT count(*) FROM job_runs WHERE date_trunc('minute', scheduled_at) <> scheduled_at") == 0


def test_bars_before_the_start_are_history_and_never_traded(lived: Lived) -> None:
    assert lived.value("SELECT min(at) FROM fills") >= START
    assert lived.value("SELECT min(at) FROM decisions") >= START
    assert lived.value("SELECT count(*) FROM bars") == 2 * DAY_MS // MINUTE_MS
    assert lived.value("SELECT bool_and(simulated) FROM bars") is True


def test_every_row_carries_what_was_known_before_it_happened(lived: Lived) -> None:
    trades = lived.rows("SELECT entry_context, exit_context, opened_at, closed_at, source FROM trades")
    for trade in trades:
        assert trade.closed_at >= trade.opened_at
        assert trade.source == "simulated"
        assert {"conditions", "indicators", "book"} <= set(trade.entry_context) & set(trade.exit_context)
        assert trade.entry_context["indicators"]["rsi_14"] is not None
        assert trade.entry_context["conditions"]["sentiment"] is None


def test_two_replays_leave_one_digest_and_a_changed_bar_or_parameter_another(lived: Lived, stage: Stage) -> None:
    first = lived.document
    again = stage.live(market(), START).document
    bar = stage.live(with_one_bar_altered(market()), START)
    parameter = stage.live(market(), START, values=BETTER)

    assert first == again
    assert len({first["journal_digest"], bar.digest, parameter.digest}) == 3
    assert first["trades"] > 5


def test_a_start_after_the_last_candle_is_refused_by_name() -> None:
    with pytest.raises(InvalidInput, match="candles end at 2025-01-03 00:00") as refused:
        Span.of(market(), datetime(2025, 2, 1, tzinfo=UTC))
    assert refused.value.field == "start"


def test_a_settlement_in_a_gap_of_the_candles_is_paid_with_the_next_bar(stage: Stage) -> None:
    """As in a backtest, which sees all settlements at once."""
    (one,) = market()
    settled = to_ms(datetime(2025, 1, 2, 16, tzinfo=UTC))
    gap = (one.bars.time < settled - 2 * MINUTE_MS) | (one.bars.time > settled + 2 * MINUTE_MS)
    bars = replace(one.bars, **{f.name: getattr(one.bars, f.name)[gap] for f in fields(one.bars) if f.name != "bar_ms"})
    with_gap = replace(one, bars=bars)

    lived = stage.live([with_gap], START)

    values = {name: strategy_values(name) for name in ("momentum_scalping", "market_making")}
    account = account_of(DEFAULT_BUDGET, lived.session.settings.config.risk)
    data = MarketData(one.instrument, bars, one.funding)
    results = [backtest(registry.get(name), data, values[name], account, trade_from_ms=to_ms(START)) for name in values]
    assert lived.document["funding"] == pytest.approx(sum(r.trades["funding"].sum() for r in results), abs=1e-6)
    assert lived.document["trades"] == sum(len(r.trades) for r in results)
    assert lived.document["funding"] != 0


def strategy_values(name: str) -> dict[str, float]:
    return registry.get(name).declaration.complete(STARTING_VALUES[name])
