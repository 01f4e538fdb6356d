"""The features' names, meaning and usual range: read by prompts, rule strategies and pattern mining."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class FeatureSpec:
    """One number beside each bar, free of scale. `low` and `high` bound its usual values (thresholds lie inside)."""

    name: str
    help: str
    low: float
    high: float


FEATURES: tuple[FeatureSpec, ...] = (
    FeatureSpec("return_1", "Return of the close over 1 bar, fraction", -0.02, 0.02),
    FeatureSpec("return_5", "Return of the close over 5 bars, fraction", -0.05, 0.05),
    FeatureSpec("return_15", "Return of the close over 15 bars, fraction", -0.08, 0.08),
    FeatureSpec("return_60", "Return of the close over 60 bars, fraction", -0.15, 0.15),
    FeatureSpec("ema_12", "Distance of the close from its 12-bar exponential average, fraction", -0.05, 0.05),
    FeatureSpec("ema_26", "Distance of the close from its 26-bar exponential average, fraction", -0.05, 0.05),
    FeatureSpec("ema_cross", "12-bar above 26-bar exponential average, fraction of the latter", -0.05, 0.05),
    FeatureSpec("rsi_14", "Relative strength index of Wilder over 14 bars", 0.0, 100.0),
    FeatureSpec("macd", "MACD line (12, 26), fraction of the close", -0.03, 0.03),
    FeatureSpec("macd_signal", "9-bar exponential average of the MACD line, fraction of the close", -0.03, 0.03),
    FeatureSpec("macd_hist", "MACD line minus its signal line, fraction of the close", -0.01, 0.01),
    FeatureSpec("bollinger_position", "%b: 0 at the lower, 1 at the upper Bollinger band (20 bars, 2 sd)", -0.5, 1.5),
    FeatureSpec("bollinger_width", "Width between the Bollinger bands, fraction of their middle", 0.0, 0.2),
    FeatureSpec("atr_14", "Average true range of Wilder over 14 bars, fraction of the close", 0.0, 0.05),
    FeatureSpec("volatility_60", "Standard deviation of 1-bar returns over 60 bars, fraction", 0.0, 0.02),
    FeatureSpec("volume_zscore_60", "Volume in standard deviations from its 60-bar mean", -3.0, 8.0),
    FeatureSpec("trend_240", "Distance of the close from its 240-bar simple average, fraction", -0.1, 0.1),
    FeatureSpec("range_position_60", "0 at the lowest low, 1 at the highest high of 60 bars", 0.0, 1.0),
    FeatureSpec("hour", "Hour of the bar's open, UTC", 0.0, 23.0),
    FeatureSpec("weekday", "Weekday of the bar's open, UTC, 0 is Monday", 0.0, 6.0),
)

FEATURE_NAMES: tuple[str, ...] = tuple(spec.name for spec in FEATURES)
