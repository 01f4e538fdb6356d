"""The manual desk's arithmetic: the engine's prices in exact numbers, and lots that lose no cent."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.trading import Side
from execution.desk import Desk
from execution.kernel.prices import market_price
from execution.manual.lots import Lot, as_document, from_document, held, match, mean_price
from execution.manual.order import ManualOrder, execute, too_small
from tests.unit.markets import PERPETUAL, account
from tests.unit.scripted import SCRIPTED

AT = datetime(2026, 11, 2, 12, tzinfo=UTC)
RULES = Desk(SCRIPTED, PERPETUAL, account(), {}, 1).rules


def order(side: Side = Side.BUY, quantity: str = "1") -> ManualOrder:
    return ManualOrder(PERPETUAL.key, side, Decimal(quantity), AT, "key:bot")


def lot(quantity: str, price: str, fee: str = "0", fill: int = 1) -> Lot:
    return Lot(Decimal(quantity), Decimal(price), Decimal(fee), Decimal("0.01"), AT, fill, fill)


@settings(deadline=None)
@given(st.integers(100, 10_000_000), st.sampled_from(list(Side)))
def test_an_order_gets_the_price_that_the_engine_would_get(ticks: int, side: Side) -> None:
    opening = ticks / 100
    filled = execute(order(side), PERPETUAL, opening, 1e9, 0.1)
    assert float(filled.price) == market_price(opening, int(side), RULES)


def test_a_bar_gives_a_share_of_its_volume_on_the_step_and_the_taker_fee_is_paid() -> None:
    filled = execute(order(quantity="2.5"), PERPETUAL, 100.0, 10.0059, 0.1)
    assert (filled.quantity, filled.asked, filled.price) == (Decimal("1.000"), Decimal("100.0"), Decimal("100.01"))
    assert (filled.fee, filled.slippage) == (Decimal("0.05000500"), Decimal("0.01"))


@pytest.mark.parametrize(("quantity", "volume"), [("0.0009", 1e9), ("0.01", 1e9), ("5", 0.0)])
def test_what_the_venue_would_not_take_is_too_small(quantity: str, volume: float) -> None:
    assert too_small(execute(order(quantity=quantity), PERPETUAL, 100.0, volume, 0.1), PERPETUAL)


def test_a_fill_closes_the_oldest_lots_first() -> None:
    closed, kept = match([lot("1", "100"), lot("2", "110", fill=2)], Decimal("-1.5"))
    assert [(piece.fill, piece.quantity) for piece in closed] == [(1, Decimal(1)), (2, Decimal("0.5"))]
    assert (held(kept), mean_price(kept)) == (Decimal("1.5"), Decimal(110))


def test_a_fill_in_the_same_direction_closes_nothing() -> None:
    lots = [lot("1", "100")]
    assert match(lots, Decimal(1)) == ([], lots)


@given(st.lists(st.integers(1, 999), min_size=1, max_size=6), st.integers(1, 6000))
def test_pieces_and_rests_add_up_to_the_lots(sizes: list[int], sold: int) -> None:
    lots = [lot(str(Decimal(size) / 1000), "100", fee="0.33333333", fill=k) for k, size in enumerate(sizes)]
    closed, kept = match(lots, -Decimal(sold) / 1000)
    assert held(closed) + held(kept) == held(lots)
    assert sum(one.fee for one in (*closed, *kept)) == sum(one.fee for one in lots)
    assert held(closed) == min(held(lots), Decimal(sold) / 1000)


def test_a_lot_survives_being_stored() -> None:
    kept = lot("-0.125", "64000.10", fee="0.00000001")
    assert from_document(as_document(kept)) == kept
