"""Prices of fills and quantities of orders: the conventions that docs/engine.md sets beside those of other engines."""

from typing import Any

import numpy as np

from execution.kernel.codes import helper


@helper
def on_grid(price: float, rules: Any, upward: bool) -> float:
    """`price` on the price grid, never rounded in our favour; as it is where there is no grid.

    Dividing whole ticks by ticks per price gives the float nearest to the decimal price, as the venue would write it.
    """
    if rules.ticks_per_price == 0.0:
        return price
    ticks = price * rules.ticks_per_price
    return (np.ceil(ticks - 1e-6) if upward else np.floor(ticks + 1e-6)) / rules.ticks_per_price


@helper
def market_price(asked: float, side: int, rules: Any) -> float:
    """What a market order gets that was meant for `asked`: worse by the slippage, then to the next price step."""
    return on_grid(asked * (1.0 + side * rules.slippage), rules, side > 0)


@helper
def whole_units(quantity: float, rules: Any) -> float:
    """Base quantity in units, rounded down to the quantity step."""
    units = quantity * rules.units_per_base
    return np.floor(units + 1e-9) if rules.whole_units else units


@helper
def volume_room(volume: float, rules: Any) -> float:
    """Units that a bar of that volume may fill."""
    units = volume * rules.units_per_volume
    return np.floor(units) if rules.whole_units else units


@helper
def too_small(units: float, price: float, rules: Any) -> bool:
    """Whether the venue would refuse an order of so many units at that price."""
    quantity = units / rules.units_per_base
    return quantity <= 0.0 or quantity < rules.min_quantity or quantity * price < rules.min_notional
