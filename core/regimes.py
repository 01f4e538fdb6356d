"""Market regimes by name: one rule for the journal's trades and for the phases of a day."""

import math

TREND_BARS = 240
#: Standard deviation of 1-minute returns above which a market is called volatile (about 73 % a year).
VOLATILE = 0.001
UNKNOWN = "unknown"
REGIMES: tuple[str, ...] = tuple(
    f"{direction}_{pace}" for direction in ("up", "range", "down") for pace in ("calm", "volatile")
)


def regime_of(trend: float, volatility: float) -> str:
    """Name the regime from the features `trend_240` and `volatility_60` (fractions); NaN gives `unknown`.

    On a random walk the distance from an N-bar average has a standard deviation of volatility x sqrt(N / 3); a market
    that is further away than that has a direction.
    """
    if math.isnan(trend) or math.isnan(volatility):
        return UNKNOWN
    usual = volatility * math.sqrt(TREND_BARS / 3)
    direction = "up" if trend > usual else "down" if trend < -usual else "range"
    return f"{direction}_{'volatile' if volatility > VOLATILE else 'calm'}"
