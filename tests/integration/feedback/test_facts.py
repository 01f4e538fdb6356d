"""A day's facts, number by number against pandas on the same journal."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pandas as pd
import pytest

from core.clock import SimulatedClock
from core.facts import DayFacts, Summary
from core.market import Bars
from core.trading import Fate, Mode, RefusalReason, Side
from feedback.facts import day_facts, week_facts
from feedback.loop import Loop
from storage.journal_batch import JournalBatch
from storage.stores import Stores
from tests.support.journal import (
    INSTANCES,
    MAKING,
    MINUTE,
    MOMENTUM,
    MadeJournal,
    flat_bars,
    idle_decision,
    keep,
    keep_bars,
    made_journal,
    minute_of,
)
from tests.support.loop import made_loop

pytestmark = pytest.mark.integration

DAY = date(2026, 11, 3)
START = datetime(2026, 11, 2, 15, tzinfo=UTC)
END = START + timedelta(days=1)
BEFORE = START - timedelta(days=1)
CAPITAL = {instance.id: float(instance.budget) for instance in INSTANCES}


@pytest.fixture
def journal(db: Stores, loop: Loop) -> MadeJournal:
    made = made_journal(5, BEFORE, 3 * 1440)
    keep(db, made.batch)
    return made


@pytest.fixture
def bars(db: Stores) -> Bars:
    made = flat_bars(BEFORE, 3 * 1440)
    keep_bars(db, made)
    return made


@pytest.fixture
def loop(db: Stores) -> Loop:
    return made_loop(db, END + timedelta(minutes=5))


def of_day(journal: MadeJournal) -> pd.DataFrame:
    table = journal.table
    return table[(table.closed_at >= START) & (table.closed_at < END)]


def agrees(summary: Summary, table: pd.DataFrame, capital: float) -> None:
    pnl = table.pnl
    by_minute = table.groupby("closed_at").pnl.sum().cumsum()
    fall = (by_minute.cummax().clip(lower=0) - by_minute).max()
    won, lost = pnl[pnl > 0].sum(), -pnl[pnl < 0].sum()
    assert (summary.trades, summary.wins, summary.losses) == (len(table), (pnl > 0).sum(), (pnl < 0).sum())
    assert summary.gross_pnl == pytest.approx(table.gross_pnl.sum())
    assert summary.fees == pytest.approx(table.fees.sum())
    assert summary.funding == pytest.approx(table.funding.sum())
    assert summary.net_pnl == pytest.approx(pnl.sum())
    assert summary.win_rate == pytest.approx((pnl > 0).mean())
    assert summary.return_fraction == pytest.approx(pnl.sum() / capital)
    assert summary.profit_factor == (pytest.approx(won / lost) if lost else None)
    assert summary.expectancy == pytest.approx(pnl.mean())
    assert summary.max_drawdown == pytest.approx(fall)


def value(facts: DayFacts, key: str) -> float:
    (found,) = [fact.value for fact in facts.facts if fact.key == key]
    assert found is not None
    return found


def test_the_whole_day_adds_up_as_pandas_says(loop: Loop, journal: MadeJournal, bars: Bars) -> None:
    facts = day_facts(loop, DAY)
    assert (facts.start, facts.end) == (START, END)
    agrees(facts.total, of_day(journal), sum(CAPITAL.values()))
    assert facts.judgeable, facts.quality_reasons


@pytest.mark.parametrize("dimension", ["strategy", "instance", "hour", "regime", "exit_reason", "version"])
def test_every_group_adds_up_as_pandas_says(loop: Loop, journal: MadeJournal, bars: Bars, dimension: str) -> None:
    facts = day_facts(loop, DAY)
    table = of_day(journal).assign(hour=lambda t: t.closed_at.dt.tz_convert("Asia/Seoul").dt.strftime("%H"))
    groups = dict(iter(table.groupby(dimension)))
    assert facts.groups[dimension].keys() == groups.keys()
    for name, group in groups.items():
        agrees(facts.groups[dimension][name], group, sum(CAPITAL[instance] for instance in group.instance.unique()))


def test_best_worst_and_curve_are_those_of_the_table(loop: Loop, journal: MadeJournal, bars: Bars) -> None:
    facts, table = day_facts(loop, DAY), of_day(journal)
    assert [trade.id for trade in facts.best] == list(table.nlargest(5, "pnl").id)
    assert [trade.id for trade in facts.worst] == list(table.nsmallest(5, "pnl").id)
    running = table.set_index("closed_at").pnl.cumsum()
    for at, level in facts.equity:
        assert level == pytest.approx(running[running.index < at].iloc[-1])
    assert facts.equity[-1][1] == pytest.approx(facts.total.net_pnl)


def test_every_fact_line_states_its_value_and_carries_its_trades(loop: Loop, journal: MadeJournal, bars: Bars) -> None:
    facts, table = day_facts(loop, DAY), of_day(journal)
    assert [fact.id for fact in facts.facts] == [f"F{n}" for n in range(1, len(facts.facts) + 1)]
    assert len({fact.key for fact in facts.facts}) == len(facts.facts)
    assert value(facts, "total.win_rate") == pytest.approx(100 * (table.pnl > 0).mean())
    (net,) = [fact for fact in facts.facts if fact.key == f"instance.{MAKING.id}.net_pnl"]
    own = table[table.instance == MAKING.id]
    assert set(net.trade_ids) == set(own.id)
    assert f"{own.pnl.sum():+,.2f}" in net.text


def test_a_trade_belongs_to_the_local_day_in_which_it_closed(loop: Loop, journal: MadeJournal, bars: Bars) -> None:
    table = journal.table
    for day, start in ((DAY - timedelta(days=1), BEFORE), (DAY, START)):
        expected = table[(table.closed_at >= start) & (table.closed_at < start + timedelta(days=1))]
        assert day_facts(loop, day).total.trades == len(expected)


def test_a_week_is_its_seven_days(loop: Loop, journal: MadeJournal, bars: Bars) -> None:
    agrees(week_facts(loop, DAY).total, journal.table[journal.table.closed_at < END], sum(CAPITAL.values()))


def test_manual_orders_and_shadows_belong_to_nobody(db: Stores, loop: Loop, bars: Bars) -> None:
    shadow = MOMENTUM.__class__(
        "shadow.BTCUSDT", "momentum_scalping", "binance_usdm", "BTCUSDT", MOMENTUM.budget, Mode.SHADOW
    )
    manual = MOMENTUM.__class__("manual", "manual", "binance_usdm", "BTCUSDT", MOMENTUM.budget)
    with db.begin() as tx:
        tx.instances.seed(shadow, {}, START)
        tx.instances.seed(manual, {}, START)
    keep(db, made_journal(1, START, 1440, (shadow, manual)).batch)
    facts = day_facts(loop, DAY)
    assert facts.total.trades == 0
    assert facts.judgeable


def test_missed_opportunities_come_from_refused_and_near_entries(db: Stores, loop: Loop, bars: Bars) -> None:
    at = minute_of(bars, 1440 + 100)
    price = float(bars.open[1440 + 100])
    far = 0.5 * price
    keep(
        db,
        JournalBatch(
            decisions=[
                idle_decision(1, at, Fate.NEAR, RefusalReason.NONE, Side.BUY, price - far, price * 1.00001),
                idle_decision(2, at, Fate.REFUSED, RefusalReason.DAILY_LOSS, Side.SELL, price * 1.00001, price - far),
                idle_decision(3, at + 5 * MINUTE, Fate.EXECUTED, RefusalReason.NONE, Side.BUY, price, price),
            ]
        ),
    )
    missed = day_facts(loop, DAY).missed
    assert missed.signals == 2
    assert missed.by_reason == {"daily_loss": 1, "near": 1}
    assert missed.would_have_lost == 2  # the target of the first does not pay its costs


def test_missing_and_silent_minutes_are_counted_to_the_minute(db: Stores, loop: Loop) -> None:
    made = flat_bars(BEFORE, 3 * 1440)
    made.volume[1440 + 50 : 1440 + 57] = 0.0
    keep_bars(db, made.slice(0, 1440 + 200))
    keep_bars(db, made.slice(1440 + 260, 3 * 1440))
    facts = day_facts(loop, DAY)
    assert facts.quality.missing_minutes == 60 * 2
    assert facts.quality.zero_volume_minutes == 7 * 2
    assert value(facts, "quality.missing_minutes") == 120
    assert facts.judgeable


def test_a_day_with_too_few_bars_cannot_be_judged(db: Stores, loop: Loop) -> None:
    made = flat_bars(BEFORE, 3 * 1440)
    keep_bars(db, made.slice(0, 1440 + 200))
    keep_bars(db, made.slice(1440 + 300, 3 * 1440))
    facts = day_facts(loop, DAY)
    assert not facts.judgeable
    assert len(facts.quality_reasons) == 2
    assert "BTCUSDT" in facts.quality_reasons[0]


def test_minutes_before_the_first_bar_ever_are_not_missing(db: Stores, loop: Loop) -> None:
    keep_bars(db, flat_bars(START + timedelta(hours=5), 2000))
    facts = day_facts(loop, DAY)
    assert facts.quality.missing_minutes == 0
    assert facts.judgeable


def test_a_close_that_was_never_booked_makes_the_day_unjudgeable(db: Stores, loop: Loop, bars: Bars) -> None:
    made = made_journal(5, START, 1440)
    keep(db, JournalBatch(fills=made.batch.fills, trades=made.batch.trades[1:]))
    facts = day_facts(loop, DAY)
    assert not facts.judgeable
    assert "quantities" in facts.quality_reasons[0]


def test_today_is_read_as_far_as_it_has_passed(loop: Loop, journal: MadeJournal, bars: Bars) -> None:
    noon = START + timedelta(hours=12)
    facts = day_facts(replace(loop, clock=SimulatedClock(noon)), DAY)
    table = of_day(journal)
    assert facts.end == noon
    assert facts.total.trades == (table.closed_at < noon).sum()
    assert facts.quality.missing_minutes == 0
