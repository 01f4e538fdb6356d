"""Trading rules by instrument: price and quantity steps, smallest orders, fees and slippage.

Looked up in this order, each over the one before it:
1. a fallback from the size of the first price seen: a price step of 1e-6 to 1e-5 of the price, a quantity step worth
   0.1 to 1 unit of quote currency;
2. what the venue rules for all its symbols (fees, smallest notional, slippage);
3. what is known of the symbol here;
4. the caller's own rules (`[instruments]` of tradeloop.toml), by venue, then by key.

The figures are the venues' published ones for an account without discounts; look them up and override them before
real money depends on them.
"""

import math
from collections.abc import Mapping
from dataclasses import fields
from decimal import Decimal, InvalidOperation
from typing import Any

from core.errors import InvalidInput, UnknownName
from core.market import Instrument

Rules = Mapping[str, Any]

RULE_NAMES = tuple(f.name for f in fields(Instrument) if f.name not in ("venue", "symbol"))

SPOT_FEES: Rules = {"maker_fee": "0.001", "taker_fee": "0.001", "slippage": "0.0002", "min_notional": "5"}
PERPETUAL_FEES: Rules = {"maker_fee": "0.0002", "taker_fee": "0.0005", "slippage": "0.0002", "min_notional": "5"}
KRW_FEES: Rules = {"maker_fee": "0.0005", "taker_fee": "0.0005", "slippage": "0.0005", "min_notional": "5000"}

VENUE_RULES: Mapping[str, Rules] = {
    "binance_spot": SPOT_FEES,
    "binance_usdm": PERPETUAL_FEES,
    "bybit_spot": SPOT_FEES,
    "bybit_usdm": {**PERPETUAL_FEES, "taker_fee": "0.00055"},
    "upbit": KRW_FEES,
    "bithumb": {**KRW_FEES, "maker_fee": "0.0004", "taker_fee": "0.0004"},
    "simulated": SPOT_FEES,
    "simulated_usdm": PERPETUAL_FEES,
}


def _steps(price: str, quantity: str, **more: str) -> Rules:
    return {"price_step": price, "quantity_step": quantity, "min_quantity": quantity, **more}


SYMBOL_RULES: Mapping[str, Rules] = {
    "binance_spot/BTCUSDT": _steps("0.01", "0.00001", slippage="0.0001"),
    "binance_spot/ETHUSDT": _steps("0.01", "0.0001", slippage="0.0001"),
    "binance_spot/BNBUSDT": _steps("0.01", "0.001"),
    "binance_spot/SOLUSDT": _steps("0.01", "0.001"),
    "binance_spot/XRPUSDT": _steps("0.0001", "0.1"),
    "binance_spot/ADAUSDT": _steps("0.0001", "0.1"),
    "binance_spot/DOGEUSDT": _steps("0.00001", "1"),
    "binance_usdm/BTCUSDT": _steps("0.1", "0.001", min_notional="100", slippage="0.0001"),
    "binance_usdm/ETHUSDT": _steps("0.01", "0.001", min_notional="20", slippage="0.0001"),
    "binance_usdm/BNBUSDT": _steps("0.01", "0.01"),
    "binance_usdm/SOLUSDT": _steps("0.01", "0.01"),
    "binance_usdm/XRPUSDT": _steps("0.0001", "0.1"),
    "binance_usdm/ADAUSDT": _steps("0.0001", "1"),
    "binance_usdm/DOGEUSDT": _steps("0.00001", "1"),
    "upbit/KRW-BTC": _steps("1000", "0.00000001"),
    "upbit/KRW-ETH": _steps("1000", "0.00000001"),
    "upbit/KRW-XRP": _steps("1", "0.00000001"),
    "upbit/KRW-SOL": _steps("100", "0.00000001"),
}


def instrument_for(venue: str, symbol: str, price: float, overrides: Mapping[str, Rules] | None = None) -> Instrument:
    """The instrument with its rules; `price` is the first price seen, for the fallback.

    `overrides` maps a venue or a key (`venue/symbol`) to rules. An unknown rule raises UnknownName, a value that is
    not a number of at least zero InvalidInput.
    """
    key = f"{venue}/{symbol}"
    own = overrides or {}
    layers = (VENUE_RULES.get(venue, {}), SYMBOL_RULES.get(key, {}), own.get(venue, {}), own.get(key, {}))
    rules: dict[str, Any] = dict(fallback_steps(price))
    for layer in layers:
        rules.update(layer)
    return Instrument(venue, symbol, **{name: _decimal(name, value, key) for name, value in rules.items()})


def fallback_steps(price: float) -> Rules:
    """Steps from the magnitude of a price in quote currency."""
    magnitude = math.floor(math.log10(price))
    return _steps(str(Decimal(1).scaleb(magnitude - 5)), str(Decimal(1).scaleb(-magnitude - 1)))


def _decimal(name: str, value: object, key: str) -> Decimal:
    if name not in RULE_NAMES:
        raise UnknownName.among(f"rule of instrument {key}", name, RULE_NAMES)
    try:
        number = Decimal(str(value))
    except InvalidOperation:
        number = Decimal("NaN")
    if not number.is_finite() or number < 0:
        raise InvalidInput(f"{key}: {name} = {value!r} is not a number of at least 0.", field=name)
    return number
