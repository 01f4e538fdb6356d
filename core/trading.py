"""What a strategy does: instances, decisions, orders, fills and round-trip trades, frozen once they happened.

The numbers of the enumerations are stored and used by compiled code: they never change.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from enum import IntEnum, StrEnum
from typing import Any

#: Under this instance name people's own orders are journaled; no strategy stands behind it and no facts count it.
MANUAL = "manual"


class Side(IntEnum):
    """Direction of a fill or of a position."""

    BUY = 1
    SELL = -1


class Mode(StrEnum):
    """Where an instance's orders go."""

    PAPER = "paper"
    LIVE = "live"
    SHADOW = "shadow"


class Policy(StrEnum):
    """Who applies what the gate passed: nobody, a person, or the loop itself."""

    OBSERVE = "observe"
    REVIEW = "review"
    AUTO = "auto"


class DecisionKind(IntEnum):
    """What a signal asked for."""

    ENTRY = 1
    EXIT = 2


class Fate(IntEnum):
    """What became of a signal. NEAR: it came close to its threshold and asked for nothing."""

    EXECUTED = 1
    REFUSED = 2
    NEAR = 3


class RefusalReason(IntEnum):
    """Why a signal was refused."""

    NONE = 0
    STALE = 1
    NOT_TRADABLE = 2
    TOO_SMALL = 3
    MAX_NOTIONAL = 4
    DAILY_LOSS = 5
    CONSECUTIVE_LOSSES = 6
    ORDER_RATE = 7
    DRAWDOWN = 8
    KILL_SWITCH = 9
    STOPPED = 10
    ADVISOR = 11
    NO_SHORTS = 12
    STORE_DOWN = 13
    INVENTORY = 14
    NO_VOLUME = 15


class ExitReason(IntEnum):
    """Why a position, or a piece of one, was closed."""

    NONE = 0
    STOP = 1
    TARGET = 2
    TIME = 3
    SIGNAL = 4
    QUOTE = 5
    FLATTEN = 6
    RISK = 7
    MANUAL = 8


class OrderKind(StrEnum):
    """How an order meets the market."""

    MARKET = "market"
    STOP = "stop"
    TARGET = "target"
    QUOTE = "quote"


@dataclass(frozen=True, slots=True)
class StrategyInstance:
    """A strategy on one symbol and venue with a budget (quote currency) and a mode."""

    id: str
    strategy: str
    venue: str
    symbol: str
    budget: Decimal
    mode: Mode = Mode.PAPER
    policy: Policy = Policy.REVIEW
    running: bool = True
    settings: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Decision:
    """One signal with its fate. `seq` counts per instance; `at` is the close of the bar that gave the signal."""

    instance_id: str
    seq: int
    at: datetime
    kind: DecisionKind
    side: Side
    strength: float
    fate: Fate
    reason: RefusalReason
    price: Decimal
    version: int
    context: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Order:
    """An order as the broker received it. A refresh of quotes is not an order row; a filled quote is."""

    instance_id: str
    seq: int
    at: datetime
    side: Side
    kind: OrderKind
    quantity: Decimal
    price: Decimal | None
    status: str
    decision_seq: int | None
    version: int


@dataclass(frozen=True, slots=True)
class Fill:
    """One execution. `fee` and `slippage` are in quote currency; slippage is against the price that was asked for."""

    instance_id: str
    seq: int
    at: datetime
    side: Side
    quantity: Decimal
    price: Decimal
    fee: Decimal
    slippage: Decimal
    maker: bool
    order_seq: int
    version: int


@dataclass(frozen=True, slots=True)
class Trade:
    """A round trip (fills matched first in, first out). Money in quote currency; mae and mfe are fractions of entry.

    pnl = gross_pnl - fees + funding (funding is negative when paid); slippage is already inside the prices.
    """

    instance_id: str
    seq: int
    side: Side
    quantity: Decimal
    opened_at: datetime
    closed_at: datetime
    entry_price: Decimal
    exit_price: Decimal
    gross_pnl: Decimal
    fees: Decimal
    funding: Decimal
    slippage: Decimal
    pnl: Decimal
    mae: float
    mfe: float
    bars_held: int
    exit_reason: ExitReason
    strength: float
    regime: str
    decision_seq: int | None
    entry_version: int
    exit_version: int
    entry_context: Mapping[str, Any]
    exit_context: Mapping[str, Any]
    execution: Mapping[str, Any]
    source: str = "paper"

    @property
    def id(self) -> str:
        """The name by which people and reviews call this trade."""
        return f"{self.instance_id}#{self.seq}"
