"""The numbers behind the simulated market: what it is made of, and what the control leaves out."""

from dataclasses import dataclass, replace


@dataclass(frozen=True, slots=True)
class Recipe:
    """One simulated market. Sizes are fractions of price, durations minutes, rates per day and symbol.

    volatility          usual standard deviation of 1-minute noise
    correlation         share of a symbol's noise variance that all symbols have in common
    transient           share of every noise move that is given back
    violent_transient   the same for violent minutes
    give_back           minutes in which half of that has been given back
    impulses            how many impulses start a day; `common_impulses` of them in all symbols at once
    impulse_minutes     shortest and longest impulse
    impulse_drift       least and largest drift per minute while an impulse lasts
    impulse_volume      factor on volume while an impulse lasts
    false_starts        share of impulses before which the price first drifts the wrong way, without volume
    false_minutes       shortest and longest false start
    funding             usual funding rate per settlement
    free                no fees and no slippage
    """

    volatility: float = 0.0004
    correlation: float = 0.4
    transient: float = 0.5
    violent_transient: float = 0.85
    give_back: float = 20.0
    impulses: float = 1.5
    common_impulses: float = 0.4
    impulse_minutes: tuple[float, float] = (50.0, 100.0)
    impulse_drift: tuple[float, float] = (0.0003, 0.0005)
    impulse_volume: float = 2.5
    false_starts: float = 0.6
    false_minutes: tuple[float, float] = (10.0, 18.0)
    funding: float = 0.0001
    free: bool = False


#: Large moves with volume go on, small and violent ones are given back: a better parameter set can be learned.
LEARNABLE = Recipe()

#: The same noise, volatility and volume, but a fair game without costs: no parameter set is better than another.
CONTROL = replace(
    LEARNABLE, impulses=0.0, common_impulses=0.0, transient=0.0, violent_transient=0.0, funding=0.0, free=True
)
