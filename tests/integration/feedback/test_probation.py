"""Nights after an approval: twins live through the day, and what they show keeps, ends or undoes a change."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import numpy as np
import pytest

from collectors.simulated import simulate
from core.clock import SimulatedClock, day_bounds, to_ms
from core.learning import Change, Proposal, ProposalStatus, SeenWindow, Verdict
from core.trading import Policy
from execution.backtest import backtest
from execution.marketdata import MarketData
from feedback import rollout
from feedback.loop import Loop
from feedback.probation import night
from feedback.probation.rule import THRESHOLD
from feedback.probation.settle import incident_of, settle_probations
from feedback.probation.twins import live_through
from storage.repositories.probations import Probation
from storage.stores import Stores
from strategies import registry
from tests.support.journal import MOMENTUM
from tests.support.loop import Inbox, instrument, made_loop, stored_market

pytestmark = pytest.mark.integration

START = datetime(2025, 1, 1, 15, tzinfo=UTC)  # midnight in Seoul
S = ProposalStatus


@pytest.fixture
def loop(db: Stores) -> Loop:
    return made_loop(db, START)


def later(loop: Loop, days: float) -> Loop:
    return replace(loop, clock=SimulatedClock(START + timedelta(days=days)))


def stored(loop: Loop, name: str, status: S, parameter: str = "take_profit", steps: int = 3) -> Proposal:
    """A proposal on version 1 that moves one parameter, made at the start."""
    declared = loop.declarations[MOMENTUM.id][parameter]
    with loop.stores.begin() as tx:
        before = tx.parameters.at(MOMENTUM.id, 1).values[parameter]
        proposal = Proposal(
            id=name,
            instance_id=MOMENTUM.id,
            base_version=1,
            changes=(Change(parameter, before, round(before + steps * declared.step, 10)),),
            author="llm",
            reason="Because.",
            seen=SeenWindow(START - timedelta(days=30), START),
            created_at=START,
            expires_at=START + timedelta(days=7),
            status=status,
        )
        tx.proposals.add(proposal)
    return proposal


def on_probation(loop: Loop, name: str = "p1") -> Proposal:
    """A change that the gate expected to gain a tenth of a percent a day, approved and read back at the start."""
    proposal = stored(loop, name, S.AWAITING_REVIEW)
    swings = np.random.default_rng(3).normal(0, 0.01, 200).tolist()
    verdict = Verdict(
        "approve", (), "", effect_per_day=0.001, ci=(0.0, 0.002), paired={"candidate": swings, "incumbent": [0.0] * 200}
    )
    with loop.stores.begin() as tx:
        tx.proposals.add_verdict(name, verdict, START)
    loop.approvals.approve(name, proposal.digest, "minji")
    with loop.stores.begin() as tx:
        version = tx.parameters.current(MOMENTUM.id)
        tx.parameters.acknowledge(MOMENTUM.id, version.version, version.digest, START)
    assert rollout.watch(loop.stores, START) == [name]
    return proposal


def live(loop: Loop, gains: Sequence[float], name: str = "p1") -> None:
    """Give the probation days on which the change earned `gains` (fractions of capital) beyond the old values."""
    with loop.stores.begin() as tx:
        for number, gain in enumerate(gains):
            tx.probations.add_day(name, START.date() + timedelta(days=number + 1), [gain], [0.0])


def status_of(loop: Loop, name: str = "p1") -> S:
    with loop.stores.begin() as tx:
        return tx.proposals.get(name).status


def probation(loop: Loop, name: str = "p1") -> Probation:
    with loop.stores.begin() as tx:
        found = tx.probations.get(name)
    assert found is not None
    return found


def auto(loop: Loop) -> None:
    with loop.stores.begin() as tx:
        tx.instances.set_policy(MOMENTUM.id, Policy.AUTO)


def test_a_harmful_change_is_rolled_back_by_the_policy(loop: Loop) -> None:
    on_probation(loop)
    auto(loop)
    live(loop, [-0.01] * 12)
    (line,) = settle_probations(later(loop, 13))
    assert "rolled back to version 1" in line
    assert status_of(loop) is S.ROLLED_BACK
    assert probation(loop).outcome == "rolled_back"
    with loop.stores.begin() as tx:
        current, old = tx.parameters.current(MOMENTUM.id), tx.parameters.at(MOMENTUM.id, 1)
        assert (current.version, current.values) == (3, old.values)
        assert [row.action for row in tx.audit.list()] == ["parameters.rollback", "proposal.approve"]
    assert loop.stores.hot.read(MOMENTUM.id) == current
    assert isinstance(loop.notifier, Inbox)
    assert [message.text for message in loop.notifier.messages] == [line]
    assert settle_probations(later(loop, 13)) == []


def test_where_a_person_decides_he_is_asked_once_until_he_has_answered(loop: Loop) -> None:
    on_probation(loop)
    live(loop, [-0.01] * 12)
    (line,) = settle_probations(later(loop, 13))
    assert line.endswith("Roll back to version 1?")
    assert settle_probations(later(loop, 14)) == []
    assert status_of(loop) is S.PROBATION
    with loop.stores.begin() as tx:
        assert [event.incident for event in tx.safety.active()] == [incident_of("p1")]
    loop.approvals.rollback(MOMENTUM.id, 1, "minji")
    settle_probations(later(loop, 15))
    assert status_of(loop) is S.ROLLED_BACK
    with loop.stores.begin() as tx:
        assert tx.safety.active() == []


def test_a_good_change_is_kept_after_84_days_and_not_before(loop: Loop) -> None:
    on_probation(loop)
    live(loop, [0.004] * 83)
    assert settle_probations(later(loop, 84)) == []
    live(loop, [0.004] * 84)
    assert "is kept" in settle_probations(later(loop, 85))[0]
    assert (status_of(loop), probation(loop).outcome) == (S.KEPT, "kept")


def test_a_change_that_makes_no_difference_ends_inconclusive(loop: Loop) -> None:
    on_probation(loop)
    live(loop, [0.0005 * (-1) ** day for day in range(111)])
    assert settle_probations(later(loop, 111.5)) == []
    assert "did not tell" in settle_probations(later(loop, 112))[0]
    assert (status_of(loop), probation(loop).outcome) == (S.INCONCLUSIVE, "inconclusive")
    with loop.stores.begin() as tx:
        assert tx.audit.list()[0].action == "probation.inconclusive"


def test_what_is_believed_is_noted_each_night(loop: Loop) -> None:
    on_probation(loop)
    live(loop, [-0.005] * 3)
    assert settle_probations(later(loop, 4)) == []
    noted = probation(loop)
    assert noted.prob_worse is not None
    assert 0.2 < noted.prob_worse < THRESHOLD
    assert noted.prior is not None
    assert noted.prior["mean"] == 0.001
    assert noted.prior["sigma"] == pytest.approx(0.01, rel=0.1)


def test_a_probation_whose_version_was_replaced_otherwise_is_over(loop: Loop) -> None:
    on_probation(loop)
    with loop.stores.begin() as tx:
        values = tx.parameters.current(MOMENTUM.id).values
        tx.parameters.commit(MOMENTUM.id, 2, {**values}, "person", None, "", START)
    settle_probations(later(loop, 1))
    assert (status_of(loop), probation(loop).outcome) == (S.SUPERSEDED, "superseded")


def put_bars(loop: Loop, days: int) -> None:
    """A simulated market of both symbols that ends `days` local days after the start."""
    for one in simulate(days + 3, 7, ["BTCUSDT", "ETHUSDT"]):
        shift = to_ms(START) - 2 * 86_400_000 - int(one.bars.time[0])
        bars = replace(one.bars, time=one.bars.time + shift)
        with loop.stores.begin(durable=False) as tx:
            tx.bars.append("binance_usdm", one.instrument.symbol, bars, None, True)


def test_twins_live_through_the_day_as_a_backtest_of_that_day_would(loop: Loop) -> None:
    put_bars(loop, 2)
    refused = stored(loop, "p2", S.REFUSED, steps=-4)
    day = date(2025, 1, 2)
    live_through(later(loop, 1.1), day)
    start, end = day_bounds(day, loop.zone)
    market = stored_market(loop.stores, MOMENTUM)
    cut = MarketData(instrument(MOMENTUM), market.bars.between(0, to_ms(end)))
    with loop.stores.begin() as tx:
        base = tx.parameters.at(MOMENTUM.id, 1).values
        lived = {
            twin: tx.equity.between(MOMENTUM.id, day, day + timedelta(days=1), twin)
            for twin in ("flat", "replay", "baseline", "proposal:p2", "version:1")
        }
    for twin, values in (("replay", base), ("proposal:p2", refused.values_on(base))):
        expected = backtest(
            registry.get(MOMENTUM.strategy), cut, values, loop.accounts[MOMENTUM.id], trade_from_ms=to_ms(start)
        )
        (row,) = lived[twin]
        assert float(row.net_pnl) == pytest.approx(expected.daily_pnl.sum(), abs=1e-6)
        assert (row.trades, float(row.fees)) == (len(expected.trades), pytest.approx(expected.fees, abs=1e-6))
    assert lived["replay"][0].trades > 0
    assert lived["replay"][0].net_pnl == lived["baseline"][0].net_pnl == lived["version:1"][0].net_pnl
    assert (lived["flat"][0].net_pnl, lived["flat"][0].closing_equity) == (0, MOMENTUM.budget)


def test_a_night_twice_is_a_night_once_and_missed_nights_are_made_up_for(loop: Loop) -> None:
    put_bars(loop, 4)
    on_probation(loop)
    night.run(later(loop, 1.1), START + timedelta(days=1.1))
    for _ in range(2):
        night.run(later(loop, 4.1), START + timedelta(days=4.1))
    days = [day["day"] for day in probation(loop).days]
    assert days == ["2025-01-02", "2025-01-03", "2025-01-04", "2025-01-05"]
    with loop.stores.begin() as tx:
        rows = tx.equity.between(MOMENTUM.id, date(2025, 1, 1), date(2025, 2, 1), "version:1")
        total = sum((row.net_pnl for row in rows), Decimal(0))
        assert len(rows) == 4
        assert rows[-1].closing_equity == MOMENTUM.budget + total


def test_a_day_with_too_few_bars_has_no_twins(loop: Loop) -> None:
    put_bars(loop, 0)
    assert live_through(later(loop, 3), date(2025, 1, 4)) == 0
