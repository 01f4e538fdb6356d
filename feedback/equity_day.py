"""The day's result of every instance, kept in the equity table when the day is closed."""

from datetime import date, timedelta
from decimal import Decimal

from core.facts import DayFacts
from core.trading import StrategyInstance
from feedback.loop import Loop
from feedback.summaries import NOTHING
from storage.repositories.equity import EquityDay
from storage.stores import Transaction

#: How far back the last closed day is looked for.
LOOK_BACK = timedelta(days=400)


def keep_equity(loop: Loop, facts: DayFacts) -> None:
    """Store each instance's day; closing equity is its budget and all results so far. Storing again replaces."""
    with loop.stores.begin() as tx:
        tx.equity.upsert([_day(tx, instance, facts) for instance in tx.instances.list()])


def _day(tx: Transaction, instance: StrategyInstance, facts: DayFacts) -> EquityDay:
    total = facts.groups["instance"].get(instance.id, NOTHING)
    opening = _closed_before(tx, instance, facts.day)
    net = Decimal(str(round(total.net_pnl, 8)))
    capital = float(instance.budget)
    return EquityDay(
        instance_id=instance.id,
        day=facts.day,
        net_pnl=net,
        fees=Decimal(str(round(total.fees, 8))),
        funding=Decimal(str(round(total.funding, 8))),
        trades=total.trades,
        closing_equity=opening + net,
        max_drawdown=None if total.max_drawdown is None else total.max_drawdown / capital,
    )


def _closed_before(tx: Transaction, instance: StrategyInstance, day: date) -> Decimal:
    earlier = tx.equity.between(instance.id, day - LOOK_BACK, day)
    return earlier[-1].closing_equity if earlier else instance.budget
