"""The journal: trades, decisions and orders, with the names of their enumerations."""

from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, model_validator

from api.models.base import Body, Fraction, Moment, Money, Name, Number, Out, PageQuery, Path, text_of
from core.trading import DecisionKind, ExitReason, Fate, RefusalReason, Side


def _lower(enumeration: Any) -> BeforeValidator:
    return BeforeValidator(lambda number: enumeration(number).name.lower() if isinstance(number, int) else number)


Position = Annotated[
    Literal["long", "short"],
    BeforeValidator(lambda side: {Side.BUY: "long", Side.SELL: "short"}.get(side, side)),
]
OrderSide = Annotated[Literal["buy", "sell"], _lower(Side)]
ExitName = Annotated[str, _lower(ExitReason)]
FateName = Annotated[str, _lower(Fate)]
ReasonName = Annotated[str, _lower(RefusalReason)]
KindName = Annotated[str, _lower(DecisionKind)]


class SpanQuery(PageQuery):
    """A list cut to the half-open UTC span [start, end)."""

    start: Moment | None = None
    end: Moment | None = None
    instance_id: Name | None = None


class TradeQuery(SpanQuery):
    strategy: Name | None = None
    symbol: Name | None = None
    side: Literal["long", "short"] | None = None
    regime: Name | None = None
    exit_reason: Literal[tuple(reason.name.lower() for reason in ExitReason)] | None = None  # type: ignore[valid-type]
    version: Annotated[int, Field(ge=1, lt=2**31)] | None = None


class TradePath(Path):
    trade_id: Name


class TradeOut(Out):
    """A round trip. pnl = gross_pnl - fees + funding; slippage is already inside the prices."""

    id: str
    instance_id: str
    strategy: str
    venue: str
    symbol: str
    side: Position
    quantity: Number
    opened_at: Moment
    closed_at: Moment
    entry_price: Money
    exit_price: Money
    gross_pnl: Money
    fees: Money
    funding: Money
    slippage: Money
    pnl: Money
    mae: Fraction
    mfe: Fraction
    bars_held: int
    exit_reason: ExitName
    strength: float
    regime: str
    entry_version: int
    exit_version: int
    decision_seq: int | None
    source: str
    client_trade_id: str | None

    @model_validator(mode="before")
    @classmethod
    def _named(cls, row: Any) -> Any:
        return {"id": f"{row['instance_id']}#{row['seq']}", **row}


class TradeDetail(TradeOut):
    """One trade with all that was known around it."""

    entry_context: dict[str, Any]
    exit_context: dict[str, Any]
    execution: dict[str, Any]


class TradePage(Out):
    items: list[TradeOut]
    next: str | None


class TradeIn(Body):
    """A closed trade of a bot that runs elsewhere. pnl = gross_pnl - fees + funding is computed here."""

    client_trade_id: Annotated[str, Field(min_length=1, max_length=128, pattern=r"^[\x21-\x7e]+$")]
    instance_id: Name
    strategy: Name
    venue: Name
    symbol: Name
    side: Literal["long", "short"]
    quantity: Decimal = Field(gt=0, max_digits=38)
    entry_price: Decimal = Field(gt=0, max_digits=38)
    exit_price: Decimal = Field(gt=0, max_digits=38)
    opened_at: Moment
    closed_at: Moment
    fees: Decimal = Field(Decimal(0), ge=0, max_digits=38)
    funding: Decimal = Field(Decimal(0), max_digits=38)
    slippage: Decimal = Field(Decimal(0), max_digits=38)
    regime: Name = "unknown"
    note: text_of(500) = ""  # type: ignore[valid-type]

    @model_validator(mode="after")
    def _in_order(self) -> "TradeIn":
        if self.closed_at < self.opened_at:
            raise ValueError("closed_at lies before opened_at")
        return self


class TradeStored(Out):
    """`stored` is false when this client trade id was known already with the same content."""

    id: str
    stored: bool


class DecisionQuery(SpanQuery):
    fate: Literal["executed", "refused", "near"] | None = None
    kind: Literal["entry", "exit"] | None = None


class SymbolPath(Path):
    symbol: Name


class DecisionOut(Out):
    """A signal and what became of it; `reason` says why it was refused."""

    instance_id: str
    seq: int
    symbol: str | None
    at: Moment
    kind: KindName
    side: OrderSide
    strength: float
    fate: FateName
    reason: ReasonName
    price: Money
    version: int
    context: dict[str, Any]


class DecisionPage(Out):
    items: list[DecisionOut]
    next: str | None


class OrderOut(Out):
    instance_id: str
    seq: int
    symbol: str | None
    at: Moment
    side: OrderSide
    kind: str
    quantity: Number
    price: Money | None
    status: str
    decision_seq: int | None
    version: int


class OrderPage(Out):
    items: list[OrderOut]
    next: str | None
