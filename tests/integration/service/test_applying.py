"""From an approved proposal to the trade that shows it, and back again; the gate passes everything here."""

from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from collectors.series import CandleSeries
from collectors.simulated import STARTING_VALUES, simulate
from core.clock import MINUTE_MS, from_ms, to_ms
from core.parameters import digest_of
from execution.trader import MarketSlice, Trader
from feedback.approval import Approvals
from service.approving import build_approvals
from service.candles import until_moment
from service.wiring import build_loop, build_trader
from storage.journal_writer import JournalWriter
from tests.support.llm_server import LlmServer
from tests.support.models import adjustments, environment_of, model
from tests.support.replaying import PASSING, Lived, Stage

pytestmark = pytest.mark.integration

MOMENTUM = "momentum_scalping.BTCUSDT"
BEFORE, AFTER = STARTING_VALUES["momentum_scalping"]["stop_loss"], 0.005
START = datetime(2025, 1, 2, 14, tzinfo=UTC)
END = START + timedelta(hours=24)
SEED = 5


@pytest.fixture(scope="module")
def series() -> list[CandleSeries]:
    return simulate(4, SEED, ["BTCUSDT"])


@pytest.fixture(scope="module")
def lived(stage: Stage, series: list[CandleSeries]) -> Iterator[Lived]:
    """A day in which a model proposes a nearer stop and everything that passes is approved."""
    with LlmServer(model(proposals=adjustments({MOMENTUM: {"stop_loss": AFTER}}))) as server:
        yield stage.live(
            [until_moment(one, to_ms(END)) for one in series],
            START,
            approve="passed",
            gate=PASSING,
            environment=environment_of(server.url),
        )


def entries(lived: Lived, version: int) -> list[sa.Row[Any]]:
    """Executed momentum entries of a version: price, side, and the stop that was wanted."""
    return lived.rows(
        """SELECT d.price, d.side, (d.context -> 'wanted' ->> 'stop')::float AS stop, t.opened_at, t.opened_at
        FROM trades t JOIN decisions d ON d.instance_id = t.instance_id AND d.seq = t.decision_seq
        WHERE t.instance_id = :instance AND t.entry_version = :version ORDER BY t.seq""",
        instance=MOMENTUM,
        version=version,
    )


def distance(entry: sa.Row[Any]) -> float:
    """How far the stop is from the price of the decision, as a fraction of that price."""
    return abs(1.0 - entry.stop / float(entry.price))


def test_what_passed_is_approved_published_read_back_and_on_probation(lived: Lived) -> None:
    (proposal,) = lived.rows("SELECT * FROM proposals WHERE instance_id = :i AND author = 'llm'", i=MOMENTUM)
    (application,) = lived.rows(
        "SELECT * FROM parameter_applications WHERE instance_id = :i AND version = 2", i=MOMENTUM
    )
    with lived.session.stores.begin() as tx:
        current = tx.parameters.current(MOMENTUM)

    assert proposal.status == "probation"
    assert proposal.applied_version == current.version == 2
    assert current.values["stop_loss"] == AFTER
    assert application.acknowledged_digest == current.digest == digest_of(dict(current.values))
    assert proposal.created_at <= application.sent_at <= application.acknowledged_at <= application.first_trade_at
    assert application.acknowledged_at - application.sent_at <= timedelta(minutes=2)
    assert lived.session.stores.hot.read(MOMENTUM) == current
    acknowledged = lived.session.stores.hot.ack(MOMENTUM)
    assert acknowledged is not None
    assert (acknowledged.version, acknowledged.digest) == (2, current.digest)
    assert lived.document["applied"] == lived.value("SELECT count(*) FROM probations")


def test_the_next_trade_shows_the_version_and_its_stop_distance(lived: Lived) -> None:
    acknowledged_at = lived.value(
        "SELECT acknowledged_at FROM parameter_applications WHERE instance_id = :i AND version = 2", i=MOMENTUM
    )

    assert [distance(entry) for entry in entries(lived, 2)] == pytest.approx([AFTER] * len(entries(lived, 2)), abs=2e-6)
    assert [distance(entry) for entry in entries(lived, 1)] == pytest.approx(
        [BEFORE] * len(entries(lived, 1)), abs=2e-6
    )
    assert len(entries(lived, 2)) >= 2
    late = "SELECT count(*) FROM trades WHERE instance_id = :i AND entry_version = 1 AND opened_at > :at"
    assert lived.value(late, i=MOMENTUM, at=acknowledged_at) == 0


def test_a_second_proposal_of_the_day_for_the_same_version_expires(lived: Lived) -> None:
    """The miner's idea of the same day had the same base: the model's was first."""
    others = lived.rows(
        "SELECT status FROM proposals WHERE instance_id = :i AND author = 'miner' AND base_version = 1", i=MOMENTUM
    )
    assert {row.status for row in others} <= {"expired"}
    assert lived.value("SELECT count(*) FROM parameter_sets WHERE instance_id = :i", i=MOMENTUM) == 2


def test_a_rollback_reaches_the_next_trade_of_a_restarted_trader(lived: Lived, series: list[CandleSeries]) -> None:
    approvals: Approvals = build_approvals(lived.session, lived.clock)
    back = approvals.rollback(MOMENTUM, 1, "owner", "too near")
    loop = build_loop(lived.session, clock=lived.clock, markets={one.instrument.key: one.instrument for one in series})
    with closing(JournalWriter(lived.session.stores, durable=False)) as writer:
        trader = build_trader(lived.session, loop, writer, lived.clock, simulated=True)
        follow(trader, lived, series[0])
        assert writer.flush(30.0)

    (first, *_) = entries(lived, back.version)
    assert back.version == 3
    assert distance(first) == pytest.approx(BEFORE, abs=2e-6)
    status = "SELECT status FROM proposals WHERE instance_id = :i AND author = 'llm'"
    assert lived.value(status, i=MOMENTUM) == "rolled_back"
    proof = "SELECT acknowledged_digest = digest FROM parameter_applications WHERE instance_id = :i AND version = 3"
    assert lived.value(proof, i=MOMENTUM) is True
    assert all(entry.opened_at <= END for entry in entries(lived, 2))


def follow(trader: Trader, lived: Lived, series: CandleSeries) -> None:
    """Trade the minutes after the replay, one by one, as the trading process does."""
    for minute in range(to_ms(END), int(series.bars.time[-1]), MINUTE_MS):
        lived.clock.move_to(from_ms(minute + MINUTE_MS))
        trader.poll_parameters()
        trader.on_market({series.instrument.key: MarketSlice(series.bars.between(minute, minute + MINUTE_MS))})
        trader.settle()
