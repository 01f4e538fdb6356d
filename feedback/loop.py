"""What the loop works with: one bundle that `service` fills and every job receives."""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from core.clock import Clock
from core.market import Instrument
from core.parameters import Declaration
from core.ports import Notifier, Progress, ReportWriter, silent
from core.trading import StrategyInstance
from execution.account import Account
from execution.marketdata import MarketData
from feedback.approval import Approvals
from feedback.gate.gate import Gate
from feedback.llm.budget import Budget
from feedback.llm.client import LlmClient
from feedback.llm.headlines import Headline
from feedback.llm.null import NullClient
from feedback.texts import Language
from storage.queries.watch import Watched
from storage.stores import Stores


def no_news() -> Sequence[Headline]:
    """The news of a loop without a news collector."""
    return ()


@dataclass(frozen=True, slots=True)
class Model:
    """The language model and what it may cost; without a key the client answers nothing and says so.

    `pause` waits between retries.
    """

    client: LlmClient = field(default_factory=NullClient)
    budget: Budget = field(default_factory=Budget)
    pause: Callable[[float], None] = time.sleep

    @property
    def configured(self) -> bool:
        return not isinstance(self.client, NullClient)


@dataclass(frozen=True, slots=True)
class Pulse:
    """How far feeds and strategies have come in this very process, where Postgres hears of it late (in a replay).

    Both return None for what they do not know: the open of the last bar of a series (venue/symbol), the close of the
    last bar that an instance has read.
    """

    feed_at: Callable[[str], datetime | None]
    bar_at: Callable[[str], datetime | None]

    def on(self, stored: Watched) -> Watched:
        """`stored` with what is known better here."""
        views = [
            replace(
                view,
                feed_at=self.feed_at(view.series) or view.feed_at,
                bar_at=self.bar_at(view.id) or view.bar_at,
            )
            for view in stored.instances
        ]
        return replace(stored, instances=views)


@dataclass(frozen=True, slots=True)
class Loop:
    """Everything that a cycle needs. The mappings are by strategy instance; `zone` defines what a day is.

    `markets` gives all stored bars up to now of an instance's own symbol, then of symbols to pool with. `home` is the
    folder whose disk the monitor watches, `workers` the threads that a search may use.
    """

    stores: Stores
    clock: Clock
    zone: ZoneInfo
    language: Language
    declarations: Mapping[str, Declaration]
    accounts: Mapping[str, Account]
    instruments: Mapping[str, Instrument]
    markets: Callable[[StrategyInstance], Sequence[MarketData]]
    gate: Gate
    reports: ReportWriter
    notifier: Notifier
    home: Path
    model: Model = field(default_factory=Model)
    news: Callable[[], Sequence[Headline]] = no_news
    progress: Progress = silent
    pulse: Pulse | None = None
    workers: int = 1

    @property
    def approvals(self) -> Approvals:
        """Who decides on proposals of the instances that this loop knows."""
        return Approvals(self.stores, self.clock, lambda instance: self.declarations[instance.id], self.language)
