"""What the manual desk holds: lots, matched first in first out."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import Any

from execution.money import CENT


@dataclass(frozen=True, slots=True)
class Lot:
    """What is left of one opening fill: `quantity` is signed, `fee` and `slippage` belong to what is left (quote)."""

    quantity: Decimal
    price: Decimal
    fee: Decimal
    slippage: Decimal
    opened_at: datetime
    fill: int
    decision: int

    def split(self, quantity: Decimal) -> tuple["Lot", "Lot"]:
        """A piece of `quantity` (unsigned, at most the lot's own) and the rest; no cent of the fee is lost."""
        share = quantity / abs(self.quantity)
        signed = quantity.copy_sign(self.quantity)
        fee, slippage = (self.fee * share).quantize(CENT), (self.slippage * share).quantize(CENT)
        piece = replace(self, quantity=signed, fee=fee, slippage=slippage)
        rest = replace(self, quantity=self.quantity - signed, fee=self.fee - fee, slippage=self.slippage - slippage)
        return piece, rest


def held(lots: Sequence[Lot]) -> Decimal:
    """The signed position."""
    return sum((lot.quantity for lot in lots), Decimal(0))


def match(lots: Sequence[Lot], signed: Decimal) -> tuple[list[Lot], list[Lot]]:
    """The pieces that a fill of `signed` base units closes, oldest first, and the lots that stay."""
    left, closed, kept = abs(signed), [], []
    for lot in lots:
        if left > 0 and lot.quantity * signed < 0:
            piece, rest = lot.split(min(left, abs(lot.quantity)))
            left -= abs(piece.quantity)
            closed.append(piece)
            if rest.quantity:
                kept.append(rest)
        else:
            kept.append(lot)
    return closed, kept


def mean_price(lots: Sequence[Lot]) -> Decimal | None:
    """The average entry price; None when flat."""
    size = held(lots)
    return sum((lot.quantity * lot.price for lot in lots), Decimal(0)) / size if size else None


def as_document(lot: Lot) -> dict[str, Any]:
    """A lot as JSON; numbers and times as text."""
    return {name: value if isinstance(value, int) else str(value) for name, value in asdict(lot).items()}


def from_document(stored: Mapping[str, Any]) -> Lot:
    numbers = {name: Decimal(stored[name]) for name in ("quantity", "price", "fee", "slippage")}
    opened_at = datetime.fromisoformat(stored["opened_at"])
    return Lot(**numbers, opened_at=opened_at, fill=stored["fill"], decision=stored["decision"])
