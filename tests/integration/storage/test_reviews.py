"""Reviews, the notes they use, trials, results per day and the ledger of model calls."""

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from decimal import Decimal

import pytest

from core.errors import Conflict, InvalidInput, NotFound
from core.learning import Feedback, Review, SeenWindow
from storage.llm_ledger import LlmLedger
from storage.repositories.equity import EquityDay
from storage.stores import Stores
from tests.support.rows import MINUTE, NOON

pytestmark = pytest.mark.integration
REVIEW = Review(
    "daily", date(2026, 11, 1), NOON, "rules", {"summary": "Quiet."}, {"F1": 0.5}, True, ["F2"], ["n1"], [7]
)


def test_reviews_come_back_whole_and_the_newest_first(db: Stores) -> None:
    later = replace(REVIEW, at=NOON + MINUTE, origin="llm", discrepancies=[])
    loss = replace(REVIEW, kind="loss", day=date(2026, 11, 2))
    with db.begin() as tx:
        ids = [tx.reviews.add(review) for review in (REVIEW, later, loss)]
        assert tx.reviews.latest("daily") == later
        assert tx.reviews.latest("weekly") is None
        assert [stored.id for stored in tx.reviews.on("daily", REVIEW.day)] == [ids[1], ids[0]]
        assert tx.reviews.on("daily", loss.day) == []
        assert [stored.review.kind for stored in tx.reviews.list()] == ["loss", "daily", "daily"]
        assert [stored.review for stored in tx.reviews.list("daily", limit=1)] == [later]


def note(note_id: str, minute: int = 0, expires: int | None = None) -> Feedback:
    expiry = None if expires is None else NOON + expires * MINUTE
    return Feedback(note_id, NOON + minute * MINUTE, "Stay out of Mondays.", "anna", expires_at=expiry)


def test_notes_are_active_until_they_expire_or_are_taken_back(db: Stores) -> None:
    with db.begin() as tx:
        for one in (note("a"), note("b", 1, expires=5), note("c", 2)):
            tx.feedback.add(one)
        tx.feedback.withdraw("c", NOON + 9 * MINUTE)
        active = [[n.id for n in tx.feedback.active(NOON + minute * MINUTE)] for minute in (0, 2, 5, 9)]
        assert [n.id for n in tx.feedback.list()] == ["c", "b", "a"]
        assert tx.feedback.list(limit=3)[2] == note("a")
        with pytest.raises(NotFound):
            tx.feedback.withdraw("c", NOON)
    assert active == [["a"], ["a", "b", "c"], ["a", "c"], ["a"]]


@pytest.mark.parametrize("text", ["NUL \x00 inside", "half a pair \ud800"])
def test_text_that_postgres_cannot_hold_is_the_callers_mistake(db: Stores, text: str) -> None:
    with pytest.raises(InvalidInput, match="cannot be stored"), db.begin() as tx:
        tx.feedback.add(replace(note("a"), text=text))
    with pytest.raises(InvalidInput, match="cannot be stored"), db.begin() as tx:
        tx.commands.add("stop", None, {"text": text}, "anna", None, NOON)


def test_a_note_knows_the_reviews_that_used_it(db: Stores) -> None:
    with db.begin() as tx:
        tx.feedback.add(note("a"))
        tx.feedback.add(note("b"))
        for review_id in (3, 3, 4):
            tx.feedback.mark_used(["a"], review_id)
        assert tx.feedback.used_in(["a", "b", "x"]) == {"a": [3, 4], "b": []}


@pytest.mark.parametrize("many", [3, 700])
def test_trials_are_counted_per_instance_since_a_moment(db: Stores, many: int) -> None:
    seen = SeenWindow(NOON - timedelta(days=30), NOON)
    with db.begin() as tx:
        tx.trials.add_many("a", "miner", "run1", [({"stop_loss": 0.01}, 0.5)] * many, seen, NOON)
        tx.trials.add_many("a", "llm", "run2", [({"stop_loss": 0.02}, None)], seen, NOON + MINUTE)
        assert [tx.trials.count("a", NOON + minute * MINUTE) for minute in (0, 1, 2)] == [many + 1, 1, 0]
        assert tx.trials.count("b", NOON) == 0


def test_a_day_is_replaced_and_twins_stand_beside_it(db: Stores) -> None:
    day = EquityDay("a", date(2026, 11, 1), Decimal("1.5"), Decimal("0.1"), Decimal(0), 3, Decimal("10001.5"), 0.01)
    with db.begin() as tx:
        tx.equity.upsert([day, replace(day, twin="v1", net_pnl=Decimal(-1))])
        tx.equity.upsert([replace(day, trades=4), replace(day, day=date(2026, 11, 2), max_drawdown=None)])
        tx.equity.upsert([])
        stored = tx.equity.between("a", date(2026, 11, 1), date(2026, 11, 3))
        assert [(d.day.day, d.trades, d.net_pnl) for d in stored] == [(1, 4, Decimal("1.5")), (2, 3, Decimal("1.5"))]
        assert len(tx.equity.between("a", date(2026, 11, 1), date(2026, 11, 2))) == 1
        assert [d.net_pnl for d in tx.equity.between("a", day.day, date(2026, 12, 1), twin="v1")] == [Decimal(-1)]


@dataclass(frozen=True)
class Call:
    at: datetime
    purpose: str = "daily_review"
    job_id: str = "job1"
    provider: str = "deepseek"
    model: str = "asked"
    prompt_version: str = "1"
    system: str = "You review."
    prompt: str = "[]"
    reserved_usd: Decimal = Decimal("0.02")
    price_known: bool = True


@dataclass(frozen=True)
class Usage:
    prompt: int = 10
    cached: int = 4
    completion: int = 5
    reasoning: int = 2


@dataclass(frozen=True)
class Outcome:
    status: str = "ok"
    cost_usd: Decimal = Decimal("0.0015")
    reason: str = ""
    answer: str | None = "{}"
    http_status: int | None = 200
    usage: Usage | None = Usage()
    latency_ms: int | None = 900
    model: str | None = "used"
    trace_id: str | None = None
    fingerprint: str | None = "f1"


def test_an_open_call_counts_with_its_reservation_and_a_closed_one_with_its_cost(db: Stores) -> None:
    ledger = LlmLedger(db)
    first = ledger.open(Call(NOON))
    ledger.open(Call(NOON + MINUTE, purpose="weekly", job_id="job2"))
    ledger.close(first, Outcome())
    assert ledger.spent(NOON) == Decimal("0.0215")
    assert ledger.spent(NOON, purpose="daily_review") == Decimal("0.0015")
    assert ledger.spent(NOON, job_id="job2") == ledger.spent(NOON + MINUTE) == Decimal("0.02")
    assert ledger.spent(NOON + 2 * MINUTE) == 0
    assert (ledger.count(NOON), ledger.count(NOON, "weekly"), ledger.count(NOON + 2 * MINUTE)) == (2, 1, 0)


def test_a_call_is_closed_once(db: Stores) -> None:
    ledger = LlmLedger(db)
    call = ledger.open(Call(NOON))
    ledger.close(call, Outcome(usage=None, model=None))
    with pytest.raises(Conflict):
        ledger.close(call, Outcome())
    with pytest.raises(NotFound):
        ledger.close(call + 1, Outcome())
