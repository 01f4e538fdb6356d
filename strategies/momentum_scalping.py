"""Momentum scalping: follow a fast move that has volume behind it, with a fixed stop, target and time limit."""

from typing import Any

from core.parameters import Declaration, Parameter
from strategies.frame import NEAR_THRESHOLD

TITLE = "Momentum scalping"
KIND = "directional"
FEATURES = ("return_15", "volume_zscore_60", "trend_240")
CONTEXT = ()
MEMORY = ()
PARAMETERS = Declaration(
    (
        Parameter(
            "entry_threshold", 0.006, 0.001, 0.05, 0.0005, "fraction", "15-bar return that starts a trade", risk="down"
        ),
        Parameter("stop_loss", 0.008, 0.001, 0.05, 0.0005, "fraction", "Distance of the protective stop", risk="up"),
        Parameter("take_profit", 0.012, 0.001, 0.1, 0.0005, "fraction", "Distance of the profit target"),
        Parameter("max_holding", 120, 5, 1440, 5, "bars", "Bars after which a trade is closed", "int", risk="up"),
        Parameter("min_volume", 0.5, -2.0, 5.0, 0.25, "standard deviations", "Least volume z-score", risk="down"),
        Parameter("min_trend", 0.0, -0.02, 0.05, 0.001, "fraction", "Least 240-bar trend in the trade's direction"),
        Parameter("cooldown", 15, 0, 240, 5, "bars", "Bars to wait after a trade", "int", risk="down"),
    )
)


def step(bar: Any, feature: Any, context: Any, position: Any, parameter: Any, memory: Any, want: Any) -> None:
    """Enter with the move, long or short (long only on spot); leave by stop, target or time limit."""
    if position.quantity != 0.0:
        if position.bars_held >= parameter.max_holding:
            want.exit = 3.0
        return
    move = feature.return_15
    side = 1.0 if move > 0.0 else -1.0
    want.strength = move / parameter.entry_threshold
    if abs(want.strength) < NEAR_THRESHOLD:
        return
    want.stop = bar.close * (1.0 - side * parameter.stop_loss)
    want.target = bar.close * (1.0 + side * parameter.take_profit)
    if abs(move) < parameter.entry_threshold or position.bars_flat < parameter.cooldown:
        return
    if feature.volume_zscore_60 >= parameter.min_volume and side * feature.trend_240 >= parameter.min_trend:
        want.side = side
