"""A harmful change in a replay: put into force, lived beside its twin, and rolled back by the loop itself."""

from datetime import UTC, datetime, timedelta

import pytest

from collectors.series import CandleSeries
from collectors.simulated import STARTING_VALUES, simulate
from core.clock import to_ms
from core.learning import Change, Proposal, ProposalStatus, SeenWindow
from core.trading import Policy
from feedback.scorecard import scorecard
from service.approving import build_approvals
from service.candles import until_moment
from tests.support.replaying import Lived, Stage

pytestmark = [pytest.mark.integration, pytest.mark.slow]

MOMENTUM = "momentum_scalping.BTCUSDT"
#: Against the starting values the daily Sharpe ratio of the difference is -0.9 on this market.
HARMFUL = {"entry_threshold": 0.003, "max_holding": 10}
START = datetime(2025, 2, 10, 14, tzinfo=UTC)
DAYS = 21


def harmful() -> Proposal:
    """What a person approves although it harms."""
    before = STARTING_VALUES["momentum_scalping"]
    return Proposal(
        id="harmful",
        instance_id=MOMENTUM,
        base_version=1,
        changes=tuple(Change(name, before[name], after) for name, after in HARMFUL.items()),
        author="llm",
        reason="More trades.",
        seen=SeenWindow(START - timedelta(days=30), START),
        created_at=START,
        expires_at=START + timedelta(days=7),
        status=ProposalStatus.AWAITING_REVIEW,
    )


@pytest.fixture(scope="module")
def lived(stage: Stage) -> Lived:
    """A day, an approval, then three weeks under the policy."""
    series = simulate((START - datetime(2025, 1, 1, tzinfo=UTC)).days + DAYS + 2, 5, ["BTCUSDT"])

    def until(days: int) -> list[CandleSeries]:
        return [until_moment(one, to_ms(START + timedelta(days=days))) for one in series]

    first = stage.live(until(1), START)
    with first.session.stores.begin() as tx:
        tx.instances.set_policy(MOMENTUM, Policy.AUTO)
        tx.proposals.add(harmful())
    build_approvals(first.session, first.clock).approve("harmful", harmful().digest, "minji")
    return stage.live(until(DAYS), START, resume=True)


def test_the_harmful_change_is_out_and_the_strategy_reads_the_old_values(lived: Lived) -> None:
    with lived.session.stores.begin() as tx:
        change, probation = tx.proposals.get("harmful"), tx.probations.get("harmful")
        current, first = tx.parameters.current(MOMENTUM), tx.parameters.at(MOMENTUM, 1)
    assert change.status is ProposalStatus.ROLLED_BACK
    assert probation is not None
    assert probation.outcome == "rolled_back"
    assert 3 <= len(probation.days) < DAYS - 1
    assert (current.version, current.values, current.author) == (3, first.values, "policy")
    acknowledged = lived.session.stores.hot.ack(MOMENTUM)
    assert acknowledged is not None
    assert (acknowledged.version, acknowledged.digest) == (current.version, current.digest)
    traded = lived.rows(
        "SELECT entry_version AS v, max(opened_at) AS at FROM trades WHERE instance_id = :i GROUP BY 1", i=MOMENTUM
    )
    assert {row.v for row in traded} == {1, 2, 3}


def test_the_scorecard_tells_the_story(lived: Lived) -> None:
    with lived.session.stores.begin() as tx:
        card = scorecard(tx, lived.clock.now())
    (effect,) = [one for one in card.effects if one.proposal_id == "harmful"]
    assert effect.was_applied
    assert effect.gain.days == DAYS - 2  # the twin went on after the rollback
    assert effect.gain.per_day is not None
    assert effect.gain.per_day < 0
    assert effect.gain.within is not None
    assert effect.gain.within.high < 0


def test_its_days_are_those_of_its_twins_and_all_nights_were_lived(lived: Lived) -> None:
    (probation,) = lived.rows("SELECT * FROM probations WHERE proposal_id = 'harmful'")
    rows = lived.rows(
        "SELECT day, twin, net_pnl FROM equity WHERE instance_id = :i AND twin IN (:new, 'version:1') ORDER BY day",
        i=MOMENTUM,
        new=f"proposal:{probation.proposal_id}",
    )
    pnl = {(row.day.isoformat(), row.twin): float(row.net_pnl) for row in rows}
    for day in probation.days:
        assert day["new"][0] * 10_000 == pytest.approx(pnl[day["day"], f"proposal:{probation.proposal_id}"], abs=1e-6)
        assert day["old"][0] * 10_000 == pytest.approx(pnl[day["day"], "version:1"], abs=1e-6)
    jobs = lived.document["jobs"]["twins"]
    assert jobs["due"] == jobs["done"] == DAYS
