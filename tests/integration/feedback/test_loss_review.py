"""The loss review: worst first, one call a run, never twice, and nothing to do without a model."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from core.clock import SimulatedClock
from feedback import loss_review
from feedback.llm.budget import Budget
from feedback.llm.client import CallFailed, LlmAnswer
from feedback.loop import Loop, Model
from storage.journal_batch import JournalBatch
from storage.stores import Stores
from tests.support.journal import MOMENTUM, flat_bars, keep, keep_bars, made_journal
from tests.support.llm import ScriptedClient, answer
from tests.support.loop import made_loop

pytestmark = pytest.mark.integration

NOW = datetime(2026, 11, 3, 12, tzinfo=UTC)


def explaining(*labels: str) -> LlmAnswer:
    losses = [{"trade": label, "cause": "Late.", "lesson": "Wait.", "facts": []} for label in labels]
    return answer(json.dumps({"losses": losses}))


def scripted(db: Stores, *script: LlmAnswer | CallFailed) -> tuple[Loop, ScriptedClient]:
    client = ScriptedClient(list(script))
    loop = made_loop(db, NOW)
    model = Model(client, Budget(clock=loop.clock, zone=loop.zone), pause=lambda _: None)
    keep_bars(db, flat_bars(NOW - timedelta(hours=13), 13 * 60))
    return replace(loop, model=model), client


def lose(stores: Stores, *pnls: str, at: datetime = NOW - timedelta(hours=1)) -> None:
    """One closed trade of MOMENTUM per P&L, numbered from 1."""
    (made, *_) = made_journal(1, at - timedelta(hours=2), 90, (MOMENTUM,)).batch.trades
    trades = [replace(made, seq=seq, pnl=Decimal(pnl), closed_at=at) for seq, pnl in enumerate(pnls, start=1)]
    keep(stores, JournalBatch(trades=trades))


def stored(stores: Stores) -> list[str]:
    """The trades that loss reviews speak of, in the order of the answers."""
    with stores.begin() as tx:
        reviews = tx.reviews.list("loss")
    return [loss["trade"] for one in reversed(reviews) for loss in one.review.content["losses"]]


def test_without_a_model_there_is_nothing_to_do(db: Stores) -> None:
    loop = made_loop(db, NOW)
    lose(db, "-5")
    assert loss_review.run(loop, NOW) == "no language model"
    assert stored(db) == []


def test_without_a_loss_nobody_is_asked(db: Stores) -> None:
    loop, client = scripted(db)
    lose(db, "5")
    assert loss_review.run(loop, NOW) == "no losing trade to look at"
    assert client.asked == []


def test_the_worst_losses_are_explained_in_one_call(db: Stores) -> None:
    loop, client = scripted(db, explaining("T1", "T2", "T3"))
    lose(db, "-5", "-50", "7", "-20")
    loss_review.run(loop, NOW)
    assert stored(db) == [f"{MOMENTUM.id}#{seq}" for seq in (2, 4, 1)]
    assert len(client.asked) == 1
    assert "P&L after fees -50.00" in client.asked[0].user
    assert "closes every" in client.asked[0].user


def test_a_trade_is_looked_at_once_and_a_later_one_joins_the_next_run(db: Stores) -> None:
    loop, client = scripted(db, explaining("T1"), explaining("T1"))
    lose(db, "-5")
    loss_review.run(loop, NOW)
    assert loss_review.run(loop, NOW + timedelta(minutes=5)) == "no losing trade to look at"
    (made, *_) = made_journal(1, NOW - timedelta(hours=2), 90, (MOMENTUM,)).batch.trades
    keep(db, JournalBatch(trades=[replace(made, seq=7, pnl=Decimal(-1), closed_at=NOW)]))
    loss_review.run(loop, NOW + timedelta(minutes=10))
    assert stored(db) == [f"{MOMENTUM.id}#1", f"{MOMENTUM.id}#7"]
    assert len(client.asked) == 2


def test_only_the_last_ten_hours_are_looked_at(db: Stores) -> None:
    loop, client = scripted(db)
    lose(db, "-5", at=NOW - timedelta(hours=10, minutes=1))
    assert loss_review.run(loop, NOW) == "no losing trade to look at"
    assert client.asked == []


def test_at_most_twelve_requests_a_day(db: Stores) -> None:
    loop, client = scripted(db, *[answer("no json")] * 40)
    lose(db, "-5")
    for minute in range(0, 60, 5):
        at = NOW + timedelta(minutes=minute)
        loss_review.run(replace(loop, clock=SimulatedClock(at)), at)
    assert len(client.asked) == 12
    assert stored(db) == []


def test_what_is_not_explained_waits_for_the_next_run(db: Stores) -> None:
    loop, _ = scripted(db, CallFailed("bad_key"), explaining("T1"))
    lose(db, "-5")
    assert "failed" in loss_review.run(loop, NOW)
    loss_review.run(loop, NOW + timedelta(minutes=5))
    assert stored(db) == [f"{MOMENTUM.id}#1"]


def test_a_lesson_with_a_wrong_number_is_marked(db: Stores) -> None:
    wrong = {"trade": "T1", "cause": "It lost 99.00 at once.", "lesson": "Wait.", "facts": ["F1"]}
    loop, _ = scripted(db, answer(json.dumps({"losses": [wrong]})))
    lose(db, "-5")
    loss_review.run(loop, NOW)
    with db.begin() as tx:
        (review,) = tx.reviews.list("loss")
    assert review.review.reconciled is False
