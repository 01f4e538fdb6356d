"""A strategy of your own: fade a close outside the Bollinger bands, when the market is calm.

Name this file in tradeloop.toml, or try it: tradeloop backtest --strategy examples/my_strategy.py --candles PATH
"""

from typing import Any

from core.parameters import Declaration, Parameter

TITLE = "Band reversal"
KIND = "directional"
FEATURES = ("bollinger_position", "volatility_60")
CONTEXT = ()
MEMORY = ()
PARAMETERS = Declaration(
    (
        Parameter("entry_threshold", 0.2, 0.0, 1.0, 0.05, "band widths", "Distance outside the band", risk="down"),
        Parameter("stop_loss", 0.01, 0.002, 0.05, 0.001, "fraction", "Distance of the protective stop", risk="up"),
        Parameter("take_profit", 0.006, 0.002, 0.05, 0.001, "fraction", "Distance of the profit target"),
        Parameter("max_volatility", 0.002, 0.0005, 0.02, 0.0005, "fraction", "No entries above this", risk="up"),
    )
)


def step(bar: Any, feature: Any, context: Any, position: Any, parameter: Any, memory: Any, want: Any) -> None:
    """Buy below the lower band, sell above the upper one; leave by stop or target."""
    if position.quantity != 0.0 or not feature.volatility_60 <= parameter.max_volatility:
        return
    away = abs(feature.bollinger_position - 0.5) - 0.5
    side = 1.0 if feature.bollinger_position < 0.5 else -1.0
    if away >= parameter.entry_threshold:
        want.side = side
        want.strength = side * (1.0 + away - parameter.entry_threshold)
        want.stop = bar.close * (1.0 - side * parameter.stop_loss)
        want.target = bar.close * (1.0 + side * parameter.take_profit)
