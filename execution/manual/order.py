"""What a person asks of the manual desk, and what the next bar makes of it."""

from dataclasses import dataclass
from datetime import datetime
from decimal import ROUND_CEILING, ROUND_DOWN, ROUND_FLOOR, Decimal

from core.clock import to_ms
from core.errors import BadData
from core.market import Bars, Instrument
from core.trading import ExitReason, Side
from execution.money import CENT
from storage.repositories.commands import Command

KIND = "manual_order"


@dataclass(frozen=True, slots=True)
class ManualOrder:
    """A market order of `quantity` base units that meets the first bar to open at or after `at`.

    `command` is None for what the kill switch closes.
    """

    market: str
    side: Side
    quantity: Decimal
    at: datetime
    actor: str
    note: str = ""
    command: int | None = None
    exit_reason: ExitReason = ExitReason.MANUAL

    @classmethod
    def of(cls, command: Command) -> "ManualOrder":
        """The order of a command that was taken; raises BadData for one that was not."""
        if command.taken_at is None:
            raise BadData(f"Command {command.id} was not taken.", field="taken_at")
        asked = command.payload
        return cls(
            market=f"{asked['venue']}/{asked['symbol']}",
            side=Side[str(asked["side"]).upper()],
            quantity=Decimal(str(asked["quantity"])),
            at=command.taken_at,
            actor=command.actor,
            note=str(asked.get("note", "")),
            command=command.id,
        )

    def bar_in(self, bars: Bars) -> Bars | None:
        """The bar of `bars` that this order meets; None if it has not come yet."""
        place = int(bars.time.searchsorted(to_ms(self.at)))
        return bars.slice(place, place + 1) if place < len(bars) else None


@dataclass(frozen=True, slots=True)
class Execution:
    """What a market order gets: `price` worse than `asked` by the slippage, on the instrument's steps."""

    quantity: Decimal
    asked: Decimal
    price: Decimal
    fee: Decimal
    slippage: Decimal


def execute(order: ManualOrder, instrument: Instrument, opening: float, volume: float, share: float) -> Execution:
    """Fill `order` at a bar's open (execution.kernel.prices in exact numbers); a bar gives `share` of its volume.

    Steps of zero do not round. Whether the venue would take so little is for `too_small` to say.
    """
    asked = Decimal(repr(opening))
    worse = asked * (1 + int(order.side) * instrument.slippage)
    price = _on_step(worse, instrument.price_step, ROUND_CEILING if order.side is Side.BUY else ROUND_FLOOR)
    room = Decimal(repr(volume)) * Decimal(repr(share))
    quantity = _on_step(min(order.quantity, room), instrument.quantity_step, ROUND_DOWN)
    fee = (quantity * price * instrument.taker_fee).quantize(CENT)
    return Execution(quantity, asked, price, fee, (abs(price - asked) * quantity).quantize(CENT))


def too_small(filled: Execution, instrument: Instrument) -> bool:
    """Whether the venue would refuse an order of that size."""
    return (
        filled.quantity <= 0
        or filled.quantity < instrument.min_quantity
        or filled.quantity * filled.price < instrument.min_notional
    )


def _on_step(value: Decimal, step: Decimal, rounding: str) -> Decimal:
    return (value / step).quantize(Decimal(1), rounding) * step if step else value
