"""Market making: quote both sides around the close, lean against the inventory, and cut it at a stop."""

from typing import Any

from core.parameters import Declaration, Parameter

TITLE = "Market making"
KIND = "quoting"
FEATURES = ("volatility_60",)
CONTEXT = ()
MEMORY = ("age",)
PARAMETERS = Declaration(
    (
        Parameter(
            "spread_threshold", 0.002, 0.0002, 0.02, 0.0002, "fraction", "Distance of the first quote", risk="down"
        ),
        Parameter("order_layers", 3, 1, 5, 1, "quotes", "Quotes on each side", "int", risk="up"),
        Parameter("layer_spacing", 0.001, 0.0002, 0.01, 0.0002, "fraction", "Distance between quotes of a side"),
        Parameter("order_amount", 0.05, 0.01, 0.3, 0.01, "fraction of capital", "Notional of one quote", risk="up"),
        Parameter("refresh_time", 5, 1, 60, 1, "bars", "Bars after which quotes are replaced", "int"),
        Parameter("inventory_skew", 0.5, 0.0, 3.0, 0.1, "spreads", "Shift of quotes at full inventory", risk="down"),
        Parameter("inventory_limit", 0.3, 0.05, 1.0, 0.05, "fraction of capital", "Largest inventory", risk="up"),
        Parameter("volatility_spread", 1.0, 0.0, 5.0, 0.25, "deviations", "Spread added per 1-bar volatility"),
        Parameter("max_volatility", 0.003, 0.0005, 0.02, 0.0005, "fraction", "No quotes above this", risk="up"),
        Parameter("stop_loss", 0.01, 0.002, 0.1, 0.001, "fraction", "Loss at which the inventory is cut", risk="up"),
        Parameter("cooldown", 30, 0, 240, 5, "bars", "Bars without quotes after a stop", "int", risk="down"),
    )
)


def step(bar: Any, feature: Any, context: Any, position: Any, parameter: Any, memory: Any, want: Any) -> None:
    """Replace the quotes when they are old or gone; keep the inventory's stop at its average entry price."""
    if position.quantity != 0.0:
        side = 1.0 if position.quantity > 0.0 else -1.0
        want.stop = position.entry_price * (1.0 - side * parameter.stop_loss)
    memory.age += 1.0
    stopped = position.last_exit == 1.0 and position.quantity == 0.0 and position.bars_flat < parameter.cooldown
    if stopped or not feature.volatility_60 <= parameter.max_volatility:
        want.refresh = 1.0
        return
    if memory.age < parameter.refresh_time and position.resting > 0.0:
        return
    memory.age = 0.0
    spread = parameter.spread_threshold + parameter.volatility_spread * feature.volatility_60
    limit = parameter.inventory_limit * position.capital
    inventory = min(max(position.notional / limit, -1.0), 1.0)
    middle = bar.close * (1.0 - inventory * parameter.inventory_skew * spread)
    amount = parameter.order_amount * position.capital
    want.refresh = 1.0
    want.layers = parameter.order_layers
    for layer in range(int(parameter.order_layers)):
        away = spread + layer * parameter.layer_spacing
        want.bid_price[layer] = middle * (1.0 - away)
        want.ask_price[layer] = middle * (1.0 + away)
        want.bid_notional[layer] = min(amount, max(limit - position.notional - layer * amount, 0.0))
        want.ask_notional[layer] = min(amount, max(limit + position.notional - layer * amount, 0.0))
