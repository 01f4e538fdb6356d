"""The user's five documents, alike from Postgres and in Redis."""

from datetime import UTC, date, datetime, timedelta

import pytest

from feedback import insights
from feedback.cycles import run_daily
from feedback.proposals import Idea, ground_of, store
from storage.stores import Stores
from tests.support.journal import MOMENTUM, flat_bars, keep, keep_bars, made_journal
from tests.support.loop import made_loop

pytestmark = pytest.mark.integration

DAY = date(2026, 11, 3)
START = datetime(2026, 11, 2, 15, tzinfo=UTC)
NOW = START + timedelta(days=1, minutes=5)


def test_a_new_home_has_five_keys_and_says_what_it_does_not_know(db: Stores) -> None:
    loop = made_loop(db, NOW)
    with db.begin() as tx:
        five = insights.current(tx, loop.language)
    assert five.keys() == insights.REDIS_KEYS.keys()
    for name in ("latest_analysis", "pattern_alerts", "performance_prediction"):
        assert five[name]["value"] is None
        assert five[name]["reason"]
    assert (five["suggested_adjustments"], five["risk_warnings"]) == ([], [])


def test_after_a_cycle_redis_holds_what_postgres_says(db: Stores) -> None:
    loop = made_loop(db, NOW)
    keep_bars(db, flat_bars(START - timedelta(days=2), 3 * 1440))
    keep(db, made_journal(5, START, 1440).batch)
    ground = ground_of(loop, DAY)
    parameter = loop.declarations[MOMENTUM.id]["stop_loss"]
    after = parameter.round(parameter.default - parameter.step)
    store(loop, ground, "llm", [Idea(MOMENTUM.id, {"stop_loss": after}, "F1.", 0.7, {}, [({}, None)])])
    with db.begin() as tx:
        tx.safety.open("feed:x", "warning", "No bars.", {}, None, NOW)
    result = run_daily(loop, DAY)
    with db.begin() as tx:
        five = insights.current(tx, loop.language)
    assert {name: db.latest.get(key) for name, key in insights.REDIS_KEYS.items()} == five
    assert five["latest_analysis"]["review_id"] == result.review_id
    assert five["latest_analysis"]["origin"] == "rules"
    (suggested,) = [entry for entry in five["suggested_adjustments"] if entry["author"] == "llm"]
    assert suggested["adjustments"] == {"stop_loss": after}
    assert (suggested["confidence"], suggested["status"]) == (0.7, "awaiting_review")
    assert five["risk_warnings"][0]["text"] == "No bars."
