"""A loop over test stores, with a notifier and a report writer that remember instead of reaching out."""

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from core.clock import MINUTE_MS, SimulatedClock
from core.errors import TradeloopError
from core.market import Instrument
from core.parameters import Declaration
from core.ports import Message
from core.story import DailyStory
from core.trading import StrategyInstance
from execution.account import Account, RiskLimits
from execution.marketdata import MarketData
from feedback.gate.gate import Gate
from feedback.loop import Loop
from storage.stores import Stores
from strategies import registry
from tests.support.journal import INSTANCES

SEOUL = ZoneInfo("Asia/Seoul")
EPOCH = datetime.fromtimestamp(0, UTC)


@dataclass
class Inbox:
    """A notifier that keeps messages; the next `failures` are raised instead."""

    channel: str = "inbox"
    messages: list[Message] = field(default_factory=list)
    failures: list[TradeloopError] = field(default_factory=list)

    def send(self, message: Message) -> None:
        if self.failures:
            raise self.failures.pop(0)
        self.messages.append(message)


@dataclass
class Shelf:
    """A report writer that keeps the stories."""

    stories: list[DailyStory] = field(default_factory=list)

    def daily(self, story: DailyStory) -> Path:
        self.stories.append(story)
        return Path(f"daily-{story.facts.day}.html")

    def weekly(self, story: DailyStory) -> Path:
        self.stories.append(story)
        return Path(f"weekly-{story.facts.day}.html")


def instrument(instance: StrategyInstance) -> Instrument:
    return Instrument(instance.venue, instance.symbol, Decimal("0.01"), Decimal("0.001"))


def declaration_of(instance: StrategyInstance) -> Declaration:
    return registry.get(instance.strategy).declaration


def stored_market(stores: Stores, instance: StrategyInstance) -> MarketData:
    """All stored bars of the instance's symbol."""
    with stores.begin() as tx:
        span = tx.bars.span(instance.venue, instance.symbol)
        start, end = span or (EPOCH, EPOCH)
        bars = tx.bars.load(instance.venue, instance.symbol, MINUTE_MS, start, end + timedelta(minutes=1))
    return MarketData(instrument(instance), bars)


def made_loop(stores: Stores, now: datetime, **changes: Any) -> Loop:
    """A loop in Seoul, in English, without a model, over INSTANCES (seeded in `stores`); its gate passes everything."""
    instances = INSTANCES
    with stores.begin() as tx:
        for instance in instances:
            tx.instances.seed(instance, declaration_of(instance).defaults(), now)
    loop = Loop(
        stores=stores,
        clock=SimulatedClock(now),
        zone=SEOUL,
        language="en",
        declarations={instance.id: declaration_of(instance) for instance in instances},
        accounts={i.id: Account(float(i.budget), 0.01, RiskLimits(max_daily_loss=0.02)) for i in instances},
        instruments={instance.id: instrument(instance) for instance in instances},
        markets=lambda instance: [stored_market(stores, instance)],
        gate=Gate(()),
        reports=Shelf(),
        notifier=Inbox(),
        home=Path("/"),
    )
    return replace(loop, **changes)
