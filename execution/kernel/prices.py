"""Prices of fills and quantities of orders: the conventions that docs/engine.md sets beside those of other engines."""

import math

from execution.kernel.codes import helper


@helper
def on_step(price, step, upward):  # type: ignore[no-untyped-def]
    """`price` on the price grid, never in our favour by rounding; a step of 0 leaves it as it is."""
    if step <= 0.0:
        return price
    ticks = price / step
    return step * (math.ceil(ticks - 1e-6) if upward else math.floor(ticks + 1e-6))


@helper
def market_price(asked, side, rules):  # type: ignore[no-untyped-def]
    """What a market order gets that was meant for `asked`: worse by the slippage, then to the next price step."""
    return on_step(asked * (1.0 + side * rules.slippage), rules.price_step, side > 0)


@helper
def whole_units(quantity, rules):  # type: ignore[no-untyped-def]
    """Base quantity in units, rounded down to the quantity step."""
    units = quantity / rules.unit
    return math.floor(units + 1e-9) if rules.whole_units else units


@helper
def too_small(units, price, rules):  # type: ignore[no-untyped-def]
    """Whether the venue would refuse an order of so many units at that price."""
    quantity = units * rules.unit
    return quantity <= 0.0 or quantity < rules.min_quantity or quantity * price < rules.min_notional
