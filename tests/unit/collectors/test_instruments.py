"""Trading rules: a fallback for any symbol, what venues and symbols are known for, and the caller's last word."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collectors.instruments import SYMBOL_RULES, instrument_for
from core.errors import InvalidInput, UnknownName


@given(st.floats(1e-9, 1e9))
def test_unknown_symbols_get_steps_that_suit_their_price(price: float) -> None:
    instrument = instrument_for("somewhere", "NEWCOIN", price)

    assert 0.9e-6 < float(instrument.price_step) / price < 1.1e-5
    assert 0.09 < float(instrument.quantity_step) * price < 1.1
    assert instrument.min_quantity == instrument.quantity_step


@pytest.mark.parametrize("key", SYMBOL_RULES)
def test_known_symbols_have_their_steps_and_their_venue_fees(key: str) -> None:
    venue, symbol = key.split("/")

    instrument = instrument_for(venue, symbol, 1.0)

    assert instrument.price_step == Decimal(SYMBOL_RULES[key]["price_step"])
    assert instrument.taker_fee >= instrument.maker_fee > 0


def test_fees_of_a_venue_hold_for_symbols_unknown_there() -> None:
    assert instrument_for("upbit", "KRW-NEW", 1_000.0).min_notional == 5_000
    assert instrument_for("binance_usdm", "NEWUSDT", 1.0).perpetual


def test_the_key_wins_over_the_venue_and_both_over_what_is_known() -> None:
    own = {"binance_spot": {"taker_fee": "0.0003", "maker_fee": 0}, "binance_spot/BTCUSDT": {"taker_fee": 0.0002}}

    bitcoin = instrument_for("binance_spot", "BTCUSDT", 60_000.0, own)
    ether = instrument_for("binance_spot", "ETHUSDT", 3_000.0, own)

    assert (bitcoin.taker_fee, bitcoin.maker_fee) == (Decimal("0.0002"), 0)
    assert ether.taker_fee == Decimal("0.0003")
    assert bitcoin.price_step == Decimal("0.01")


@pytest.mark.parametrize("value", ["free", -1, float("nan"), None, "Infinity"])
def test_a_rule_that_is_no_number_is_refused(value: object) -> None:
    with pytest.raises(InvalidInput, match="taker_fee"):
        instrument_for("binance_spot", "BTCUSDT", 1.0, {"binance_spot": {"taker_fee": value}})


def test_an_unknown_rule_is_refused_with_the_nearest_known_one() -> None:
    with pytest.raises(UnknownName, match="Did you mean 'min_notional'"):
        instrument_for("binance_spot", "BTCUSDT", 1.0, {"binance_spot": {"min_notion": 5}})
