"""The budget refuses before money is spent."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from core.clock import SimulatedClock
from core.errors import BudgetExhausted, Conflict, NotFound
from feedback.llm.budget import Budget, Caps
from feedback.llm.ledger import CallOutcome, MemoryLedger, OpenCall
from tests.support.llm import NOON

SEOUL = ZoneInfo("Asia/Seoul")


def call(usd: str, *, purpose="daily_review", job_id="job", at=NOON) -> OpenCall:
    return OpenCall(at, purpose, job_id, "deepseek", "deepseek-flash", "v", "system", "[]", Decimal(usd), True)


def budget(clock=None, **caps) -> Budget:
    wide = {"call": Decimal(100), "job": Decimal(100), "day": Decimal(100), "month": Decimal(100)}
    return Budget(Caps(**{**wide, **caps}), clock or SimulatedClock(NOON), SEOUL)


@pytest.mark.parametrize(
    ("caps", "per"),
    [
        ({"call": Decimal("0.05")}, "request"),
        ({"job": Decimal("0.05")}, "job"),
        ({"day": Decimal("0.05"), "loss_share": Decimal(0)}, "day"),
        ({"month": Decimal("0.05"), "loss_share": Decimal(0)}, "month"),
    ],
)
def test_each_cap_refuses_before_a_row_is_written(caps, per):
    ledger, limited = MemoryLedger(), budget(**caps)
    limited.reserve(ledger, call("0.05"))
    with pytest.raises(BudgetExhausted, match=f"per {per}"):
        limited.reserve(ledger, call("0.06"))
    assert len(ledger.rows) == 1


def test_the_defaults_are_a_quarter_a_job_one_a_day_and_twenty_a_month():
    caps = Caps()
    assert (caps.job, caps.day, caps.month) == (Decimal("0.25"), Decimal(1), Decimal(20))


def test_a_reservation_that_was_never_closed_still_counts():
    ledger, limited = MemoryLedger(), budget(job=Decimal("0.15"))
    limited.reserve(ledger, call("0.10"))
    with pytest.raises(BudgetExhausted):
        limited.reserve(ledger, call("0.10"))


def test_settling_gives_back_what_was_not_used():
    ledger, limited = MemoryLedger(), budget(job=Decimal("0.15"))
    ledger.close(limited.reserve(ledger, call("0.10")), CallOutcome("ok", Decimal("0.01")))
    limited.reserve(ledger, call("0.10"))
    assert ledger.spent(NOON) == Decimal("0.11")


def test_another_job_has_its_own_cap():
    ledger, limited = MemoryLedger(), budget(job=Decimal("0.15"))
    limited.reserve(ledger, call("0.10"))
    limited.reserve(ledger, call("0.10", job_id="another"))
    assert ledger.spent(NOON, job_id="another") == Decimal("0.10")


def test_the_loss_review_never_eats_the_daily_reviews_money():
    ledger, limited = MemoryLedger(), budget(day=Decimal(1), loss_share=Decimal("0.2"))
    limited.reserve(ledger, call("0.15", purpose="loss_review"))
    with pytest.raises(BudgetExhausted, match="per day"):
        limited.reserve(ledger, call("0.15", purpose="loss_review"))
    limited.reserve(ledger, call("0.80"))


def test_nobody_else_eats_the_loss_reviews_money():
    ledger, limited = MemoryLedger(), budget(day=Decimal(1), loss_share=Decimal("0.2"))
    limited.reserve(ledger, call("0.80"))
    with pytest.raises(BudgetExhausted, match="per day"):
        limited.reserve(ledger, call("0.01"))
    limited.reserve(ledger, call("0.20", purpose="loss_review"))


def test_the_loss_review_makes_at_most_twelve_requests_a_day():
    ledger, limited = MemoryLedger(), budget()
    for _ in range(12):
        limited.reserve(ledger, call("0.001", purpose="loss_review"))
    with pytest.raises(BudgetExhausted, match="12 requests"):
        limited.reserve(ledger, call("0.001", purpose="loss_review"))


def test_a_day_is_a_calendar_day_of_the_zone_and_a_month_a_calendar_month():
    clock = SimulatedClock(datetime(2026, 11, 30, 14, 59, tzinfo=UTC))  # 23:59 in Seoul
    ledger, limited = MemoryLedger(), budget(clock, day=Decimal("0.10"), loss_share=Decimal(0))
    limited.reserve(ledger, call("0.10", at=clock.now()))
    with pytest.raises(BudgetExhausted):
        limited.reserve(ledger, call("0.10", at=clock.now()))
    clock.move_to(clock.now() + timedelta(minutes=1))
    assert limited.state(ledger, "daily_review").day_spent == 0
    assert limited.state(ledger, "daily_review").month_spent == 0
    limited.reserve(ledger, call("0.10", at=clock.now()))


def test_the_state_shows_the_larger_used_fraction_of_a_pot():
    ledger, limited = MemoryLedger(), budget(day=Decimal(1), month=Decimal(20), loss_share=Decimal("0.2"))
    limited.reserve(ledger, call("0.40"))
    assert limited.state(ledger, "daily_review").used == 0.5
    assert limited.state(ledger, "loss_review").used == 0


def test_a_cap_of_nothing_is_exhausted_from_the_start():
    ledger, limited = MemoryLedger(), budget(day=Decimal(0))
    assert limited.state(ledger, "daily_review").used == 1
    with pytest.raises(BudgetExhausted):
        limited.reserve(ledger, call("0.01"))


def test_a_row_is_closed_once_and_only_if_it_exists():
    ledger = MemoryLedger()
    call_id = ledger.open(call("0.10"))
    ledger.close(call_id, CallOutcome("ok", Decimal(0)))
    with pytest.raises(Conflict):
        ledger.close(call_id, CallOutcome("ok", Decimal(0)))
    with pytest.raises(NotFound):
        ledger.close(99, CallOutcome("ok", Decimal(0)))
