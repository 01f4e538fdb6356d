"""The five-minute look: one incident per cause, told at its beginning and at its end."""

from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from core.clock import SimulatedClock
from core.errors import Unavailable
from core.trading import Trade
from execution.account import Account, RiskLimits
from feedback import incidents, monitor
from feedback.llm.budget import Budget, Caps
from feedback.llm.ledger import OpenCall
from feedback.loop import Loop, Model, Pulse
from storage.journal_batch import JournalBatch, RunnerState
from storage.llm_ledger import LlmLedger
from storage.repositories.equity import EquityDay
from storage.stores import Stores, Transaction
from tests.support.journal import INSTANCES, MOMENTUM, flat_bars, keep, keep_bars, made_journal
from tests.support.llm import ScriptedClient
from tests.support.loop import Inbox, made_loop

pytestmark = pytest.mark.integration

NOW = datetime(2026, 11, 3, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


@pytest.fixture
def loop(db: Stores) -> Loop:
    """A house in order: bars and strategies up to date, versions read back, nothing lost."""
    made = made_loop(db, NOW)
    keep_bars(db, flat_bars(NOW - timedelta(hours=6), 360))
    alive(db, NOW)
    with db.begin() as tx:
        for instance in INSTANCES:
            tx.parameters.acknowledge(instance.id, 1, tx.parameters.current(instance.id).digest, NOW)
    return made


def alive(stores: Stores, at: datetime, *ids: str) -> None:
    """The runners have read the bar that closed at `at`."""
    states = [RunnerState(name, at, 1, {}, b"") for name in ids or [instance.id for instance in INSTANCES]]
    keep(stores, JournalBatch(states=states))


def look(loop: Loop, at: datetime = NOW) -> list[str]:
    """Run the monitor at `at` and return the open incidents."""
    monitor.run(replace(loop, clock=SimulatedClock(at)), at)
    with loop.stores.begin() as tx:
        return sorted(event.incident for event in tx.safety.active())


def losing(pnl: str, at: datetime) -> JournalBatch:
    (trade, *_) = made_journal(1, at - timedelta(hours=2), 90, (MOMENTUM,)).batch.trades
    lost: Trade = replace(trade, pnl=Decimal(pnl), closed_at=at)
    return JournalBatch(trades=[lost])


def messages(loop: Loop) -> list[str]:
    assert isinstance(loop.notifier, Inbox)
    return [message.text for message in loop.notifier.messages]


def test_a_house_in_order_raises_no_alarm(loop: Loop) -> None:
    assert look(loop) == []
    assert messages(loop) == []


def test_a_stalled_feed_is_one_incident_with_a_beginning_and_an_end(loop: Loop) -> None:
    assert look(loop, NOW + 4 * MINUTE) == []
    stalled = ["feed:binance_usdm/BTCUSDT", "feed:binance_usdm/ETHUSDT"]
    assert look(loop, NOW + 6 * MINUTE) == stalled
    assert look(loop, NOW + 11 * MINUTE) == stalled
    assert len(messages(loop)) == 2
    keep_bars(loop.stores, flat_bars(NOW, 16))
    alive(loop.stores, NOW + 16 * MINUTE)
    assert look(loop, NOW + 16 * MINUTE) == []
    assert len(messages(loop)) == 4
    assert messages(loop)[-1].startswith("Over: ")


def test_the_same_cause_may_begin_again_and_is_told_again(loop: Loop) -> None:
    look(loop, NOW + 6 * MINUTE)
    keep_bars(loop.stores, flat_bars(NOW, 10))
    alive(loop.stores, NOW + 10 * MINUTE)
    look(loop, NOW + 10 * MINUTE)
    look(loop, NOW + 20 * MINUTE)
    assert len(messages(loop)) == 6


def test_a_strategy_that_reads_no_bars_though_they_come(loop: Loop) -> None:
    keep_bars(loop.stores, flat_bars(NOW, 12))
    alive(loop.stores, NOW + 12 * MINUTE, MOMENTUM.id)
    assert look(loop, NOW + 12 * MINUTE) == ["strategy:market_making.ETHUSDT"]


def test_what_this_process_knows_better_counts(loop: Loop) -> None:
    later = NOW + timedelta(hours=1)
    known = replace(loop, pulse=Pulse(feed_at=lambda _: later - MINUTE, bar_at=lambda _: later))
    assert look(known, later) == []


def test_a_loss_near_its_daily_limit_warns_and_at_the_limit_is_critical(loop: Loop) -> None:
    def lose(seq: int, pnl: str) -> list[str]:
        keep(loop.stores, JournalBatch(trades=[replace(t, seq=seq) for t in losing(pnl, NOW - MINUTE).trades]))
        return look(loop)

    near, hit = f"daily_loss:{MOMENTUM.id}", f"daily_loss_limit:{MOMENTUM.id}"
    assert lose(91, "-150") == []  # the limit is 2 % of 10,000
    assert lose(92, "-20") == [near]
    assert lose(93, "-40") == [near, hit]
    assert lose(94, "70") == [near]  # 140 lost: below where it began, not yet far again
    assert lose(95, "30") == []
    with loop.stores.begin() as tx:
        assert {event.incident: event.severity for event in tx.safety.list()} == {near: "warning", hit: "critical"}


def test_a_new_utc_day_ends_the_daily_loss(loop: Loop) -> None:
    keep(loop.stores, losing("-180", NOW - MINUTE))
    assert look(loop) == [f"daily_loss:{MOMENTUM.id}"]
    midnight = NOW + timedelta(hours=12)
    keep_bars(loop.stores, flat_bars(NOW, 720))
    alive(loop.stores, midnight)
    assert look(loop, midnight) == []


def test_a_fall_from_the_peak_of_all_days_is_held_against_its_limit(loop: Loop) -> None:
    def day(number: int, net: str) -> EquityDay:
        at = (NOW - timedelta(days=number)).date()
        return EquityDay(MOMENTUM.id, at, Decimal(net), Decimal(0), Decimal(0), 1, Decimal(10_000), None)

    with loop.stores.begin() as tx:
        tx.equity.upsert([day(3, "300"), day(2, "-400"), day(1, "-20")])
    limits = RiskLimits(max_drawdown=0.05)
    limited = replace(loop, accounts={MOMENTUM.id: Account(10_000.0, 0.01, limits)})
    assert look(limited) == [f"drawdown:{MOMENTUM.id}"]


def test_a_published_version_that_nobody_reads_back(loop: Loop) -> None:
    parameter = next(n for n, p in loop.declarations[MOMENTUM.id].items() if p.applies in ("next_bar", "next_order"))
    with loop.stores.begin() as tx:
        base = tx.parameters.current(MOMENTUM.id)
        declared = loop.declarations[MOMENTUM.id][parameter]
        values = {**base.values, parameter: declared.round(base.values[parameter] + declared.step)}
        following = tx.parameters.commit(MOMENTUM.id, 1, values, "person", None, "", NOW - 2 * MINUTE)
        tx.parameters.record_sent(following, NOW - 2 * MINUTE)
    assert look(loop, NOW) == []
    assert look(loop, NOW + MINUTE) == [f"unacknowledged:{MOMENTUM.id}@2"]
    with loop.stores.begin() as tx:
        tx.parameters.acknowledge(MOMENTUM.id, 2, following.digest, NOW)
    assert look(loop, NOW + MINUTE) == []


def test_a_job_that_failed_is_reported_until_a_later_run_is_done(loop: Loop) -> None:
    with loop.stores.begin() as tx:
        tx.jobs.finish("daily_review", NOW - timedelta(hours=2), "failed", "it broke", NOW)
    assert look(loop) == ["job:daily_review"]
    with loop.stores.begin() as tx:
        tx.jobs.finish("daily_review", NOW - timedelta(hours=1), "done", "", NOW)
    assert look(loop) == []


def test_a_used_up_budget_is_reported(loop: Loop) -> None:
    budget = Budget(Caps(day=Decimal("0.5")), loop.clock, loop.zone)
    spender = replace(loop, model=Model(ScriptedClient([]), budget))
    assert look(spender) == []
    call = OpenCall(NOW, "daily_review", "j", "deepseek", "m", "v", "s", "p", Decimal("0.5"), True)
    LlmLedger(loop.stores).open(call)
    assert look(spender) == ["budget:llm"]


def test_a_full_disk_is_critical(loop: Loop, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    full = replace(loop, home=tmp_path)
    monkeypatch.setattr(monitor, "FREE_DISK_GB", 1e9)
    assert look(full) == ["disk:home"]


def test_what_did_not_arrive_is_sent_again(loop: Loop) -> None:
    assert isinstance(loop.notifier, Inbox)
    loop.notifier.failures += [Unavailable("no answer")] * 2
    look(loop, NOW + 6 * MINUTE)
    look(loop, NOW + 11 * MINUTE)
    assert [message.repeat for message in loop.notifier.messages] == [True, True]


def test_a_look_at_a_house_in_order_takes_one_transaction(loop: Loop, monkeypatch: pytest.MonkeyPatch) -> None:
    keep(loop.stores, made_journal(3, NOW - timedelta(hours=12), 720).batch)
    monitor.run(loop, NOW)
    begin, begun = Stores.begin, []

    def counted(stores: Stores, *, durable: bool = True) -> AbstractContextManager[Transaction]:
        begun.append(durable)
        return begin(stores, durable=durable)

    monkeypatch.setattr(Stores, "begin", counted)
    monitor.run(loop, NOW)
    assert len(begun) == 1


def test_nothing_of_an_approval_alarms_while_it_is_read_back_in_time(loop: Loop) -> None:
    with loop.stores.begin() as tx:
        base = tx.parameters.current(MOMENTUM.id)
        changed = {**base.values, "stop_loss": base.values["stop_loss"] + 0.001}
        following = tx.parameters.commit(MOMENTUM.id, 1, changed, "person", None, "", NOW)
        tx.parameters.record_sent(following, NOW)
    loop.approvals.rollback(MOMENTUM.id, 1, "minji")
    assert look(loop, NOW + MINUTE) == []


def test_an_alert_is_sent_although_the_process_died_right_after_the_incident_began(
    loop: Loop, monkeypatch: pytest.MonkeyPatch
) -> None:
    def dying(*_: object) -> bool:
        raise Unavailable("killed")

    with monkeypatch.context() as patched:
        patched.setattr(incidents, "send", dying)
        with pytest.raises(Unavailable):
            look(loop, NOW + 6 * MINUTE)
    assert messages(loop) == []
    look(loop, NOW + 11 * MINUTE)
    assert len(messages(loop)) == 2
