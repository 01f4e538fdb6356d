"""The scorecard recomputed by hand from the twins' days."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from statistics import fmean

import pytest

from core.learning import ProposalStatus
from feedback.loop import Loop
from feedback.scorecard import Effect, gain_of, scorecard, share_of, wilson
from storage.repositories.equity import EquityDay
from storage.repositories.probations import Probation
from storage.stores import Stores
from tests.support.journal import MOMENTUM
from tests.support.loop import made_loop
from tests.support.rows import proposal

pytestmark = pytest.mark.integration

START = datetime(2026, 1, 1, tzinfo=UTC)
NOW = START + timedelta(days=120)
S = ProposalStatus


@pytest.fixture
def loop(db: Stores) -> Loop:
    return made_loop(db, START)


def lived(loop: Loop, twin: str, pnl: Sequence[float]) -> None:
    """One day after the other with the given results in quote currency."""
    rows = [
        EquityDay(
            instance_id=MOMENTUM.id,
            day=START.date() + timedelta(days=number),
            net_pnl=Decimal(str(value)),
            fees=Decimal(0),
            funding=Decimal(0),
            trades=1,
            closing_equity=MOMENTUM.budget,
            max_drawdown=0.0,
            twin=twin,
        )
        for number, value in enumerate(pnl)
    ]
    with loop.stores.begin() as tx:
        tx.equity.upsert(rows)


def closed(loop: Loop, name: str, status: S, confidence: float | None, days: Sequence[float]) -> None:
    """A proposal of the miner that ended as `status` and whose values earned `days` beyond those of version 1."""
    was_applied = status in (S.KEPT, S.ROLLED_BACK)
    made = replace(proposal(name, status=status), created_at=START, confidence=confidence)
    with loop.stores.begin() as tx:
        tx.proposals.add(made)
        if was_applied:
            tx.probations.open(Probation(name, MOMENTUM.id, 1, 2, START))
    lived(loop, f"proposal:{name}", days)


def test_shares_words_and_costs_are_those_of_the_stored_days(loop: Loop) -> None:
    lived(loop, "version:1", [0.0] * 100)
    lived(loop, "baseline", [0.0] * 100)
    lived(loop, "replay", [5.0] * 100)
    lived(loop, "journal", [4.0, 6.0] * 50)
    wavy = [1.0, -1.0, 2.0, 0.0, 3.0]
    closed(loop, "helped", S.KEPT, 0.9, [20 + x for x in wavy * 20])
    closed(loop, "harmed", S.ROLLED_BACK, 0.8, [-20 + x for x in wavy * 20])
    closed(loop, "young", S.KEPT, 0.5, [5.0] * 83)
    closed(loop, "missed", S.REFUSED, None, [10 + x for x in wavy * 20])
    with loop.stores.begin() as tx:
        card = scorecard(tx, NOW)
    effects = {effect.proposal_id: effect for effect in card.effects}
    assert effects["helped"].gain.per_day == pytest.approx(21 / 10_000)
    assert [effects[name].gain.word for name in ("helped", "harmed", "missed")] == ["better", "worse", "better"]
    assert (card.applied.changes, card.applied.judged, card.applied.better) == (3, 2, 1)
    assert card.applied.share == 0.5
    assert card.by_author["miner"] == card.applied
    assert card.never_applied == {"refused": share_of([effects["missed"]])}
    assert card.brier == pytest.approx(fmean([0.1**2, 0.8**2]))
    assert card.uplift[MOMENTUM.id].per_day == pytest.approx(0.0005)
    assert card.uplift_per_week == pytest.approx(0.0035)
    assert card.bias[MOMENTUM.id].per_day == pytest.approx(0.0)
    assert card.model_cost == {}


def test_an_empty_home_has_an_empty_scorecard(loop: Loop) -> None:
    with loop.stores.begin() as tx:
        card = scorecard(tx, NOW)
    assert (list(card.effects), card.applied.share, card.applied.within, card.brier) == ([], None, None, None)
    assert card.uplift_per_week is None


def test_the_interval_of_a_share_is_that_of_the_textbook() -> None:
    """Wilson 1927; 8 of 10 by scipy.stats.binomtest(8, 10).proportion_ci(method="wilson")."""
    found = wilson(8, 10)
    assert found is not None
    assert (found.low, found.high) == (pytest.approx(0.4901, abs=1e-3), pytest.approx(0.9433, abs=1e-3))
    assert wilson(0, 0) is None


def test_a_change_with_no_paired_day_is_not_judged() -> None:
    gain = gain_of([])
    effect = Effect("p", MOMENTUM.id, "llm", S.KEPT, True, None, gain)
    assert (gain.per_day, gain.word, effect.is_judged) == (None, None, False)
