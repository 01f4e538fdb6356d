"""The facts of a day or week: what reviews cite, reports print and insights publish. Computed once, by SQL."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields, is_dataclass
from datetime import date, datetime
from typing import Any, Literal

from core.market import DataQuality

Unit = Literal["", "%", "quote", "count", "price", "ratio", "bps", "minutes"]


@dataclass(frozen=True, slots=True)
class Summary:
    """Performance of a group of closed trades; money in quote currency. None: too few trades to say.

    win: pnl after fees > 0. return_fraction: net P&L over the capital of the group's instances.
    """

    trades: int
    wins: int
    losses: int
    gross_pnl: float
    fees: float
    funding: float
    net_pnl: float
    win_rate: float | None
    return_fraction: float | None
    profit_factor: float | None
    expectancy: float | None
    max_drawdown: float | None


@dataclass(frozen=True, slots=True)
class TradeLine:
    """One trade as a line of a list."""

    id: str
    instance_id: str
    symbol: str
    side: str
    opened_at: datetime
    closed_at: datetime
    entry_price: float
    exit_price: float
    pnl: float
    fees: float
    exit_reason: str
    regime: str
    version: int


@dataclass(frozen=True, slots=True)
class MarketPhase:
    """A stretch of one symbol's day in one regime."""

    symbol: str
    start: datetime
    end: datetime
    regime: str
    return_fraction: float
    volatility: float


@dataclass(frozen=True, slots=True)
class MissedOpportunities:
    """Refused and near-threshold entry signals, replayed with their own stop and target: those that would have paid
    and, counted just as honestly, those that would not."""

    signals: int
    would_have_paid: int
    would_have_lost: int
    undecided: int
    net_fraction: float
    by_reason: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Fact:
    """One numbered line. `id` is F1, F2, … in the order shown; `trade_ids` are its evidence.

    `key` names what it measures whatever the language, such as `total.net_pnl` or `instance.NAME.win_rate`.
    """

    id: str
    text: str
    value: float | None
    unit: Unit = ""
    trade_ids: Sequence[str] = ()
    key: str = ""

    @property
    def line(self) -> str:
        return f"{self.id} {self.text}"


@dataclass(frozen=True, slots=True)
class DayFacts:
    """Everything a daily review may cite about one local calendar day [start, end) in UTC.

    `groups` maps a dimension (strategy, instance, hour, regime, exit_reason, version) to its groups' summaries.
    `equity` is (time, cumulative net P&L of the day). `judgeable` False: the data is too bad, see `quality_reasons`.
    """

    day: date
    start: datetime
    end: datetime
    total: Summary
    groups: Mapping[str, Mapping[str, Summary]]
    best: Sequence[TradeLine]
    worst: Sequence[TradeLine]
    equity: Sequence[tuple[datetime, float]]
    phases: Sequence[MarketPhase]
    missed: MissedOpportunities
    quality: DataQuality
    judgeable: bool
    quality_reasons: Sequence[str]
    facts: Sequence[Fact] = ()
    simulated: bool = False

    def as_document(self) -> dict[str, Any]:
        """Plain JSON types, as stored with the review."""
        document: dict[str, Any] = _plain(self)
        return document


def _plain(value: Any) -> Any:
    if is_dataclass(value):
        return {f.name: _plain(getattr(value, f.name)) for f in fields(value)}
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if isinstance(value, date):
        return value.isoformat()
    return value
