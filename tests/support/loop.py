"""A loop over test stores, with a notifier and a report writer that remember instead of reaching out."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from core.clock import SimulatedClock
from core.errors import TradeloopError
from core.market import Instrument
from core.parameters import Declaration, Parameter
from core.ports import Message
from core.story import DailyStory
from core.trading import StrategyInstance
from execution.account import Account, RiskLimits
from feedback.approval import Approvals
from feedback.loop import Loop
from storage.stores import Stores
from tests.support.journal import INSTANCES

SEOUL = ZoneInfo("Asia/Seoul")
DECLARATION = Declaration(
    (
        Parameter("entry_threshold", 0.004, 0.001, 0.02, 0.0005, "fraction", "Move that opens a position."),
        Parameter("stop_loss", 0.010, 0.002, 0.05, 0.001, "fraction", "Distance of the stop.", risk="up"),
        Parameter("take_profit", 0.020, 0.002, 0.10, 0.001, "fraction", "Distance of the target.", applies="flat"),
    )
)


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


def made_loop(stores: Stores, now: datetime, **changes: Any) -> Loop:
    """A loop in Seoul, in English, without a model, over INSTANCES (seeded in `stores`)."""
    instances = INSTANCES
    with stores.begin() as tx:
        for instance in instances:
            tx.instances.seed(instance, DECLARATION.defaults(), now)
    loop = Loop(
        stores=stores,
        clock=SimulatedClock(now),
        zone=SEOUL,
        language="en",
        declarations={instance.id: DECLARATION for instance in instances},
        accounts={i.id: Account(float(i.budget), 0.01, RiskLimits(max_daily_loss=0.02)) for i in instances},
        instruments={instance.id: instrument(instance) for instance in instances},
        reports=Shelf(),
        notifier=Inbox(),
        home=Path("/"),
    )
    return replace(loop, **changes)


def approvals_of(loop: Loop) -> Approvals:
    declarations: Mapping[str, Declaration] = loop.declarations
    return Approvals(loop.stores, loop.clock, lambda instance: declarations[instance.id], loop.language)
