"""What the engine may risk: a constant budget and the limits that no proposal can reach."""

from dataclasses import dataclass, replace

from core.errors import InvalidInput


@dataclass(frozen=True, slots=True)
class RiskLimits:
    """Rules checked before every entry, alike in backtest and live.

    `max_notional` (quote) bounds the position; None means the capital. `max_daily_loss` and `max_drawdown` are parts
    of capital: a loss of that size since UTC midnight stops entries until the next day, a fall of that size from the
    peak stops them for good. After `max_consecutive_losses` closing fills in a row that lost, entries pause for
    `pause_bars`. `max_orders_per_hour` bounds entries and quote refreshes in a clock hour.
    """

    max_notional: float | None = None
    max_daily_loss: float = 0.05
    max_consecutive_losses: int = 6
    pause_bars: int = 240
    max_orders_per_hour: int = 120
    max_drawdown: float | None = None

    def __post_init__(self) -> None:
        for name in ("max_notional", "max_daily_loss", "max_consecutive_losses", "max_orders_per_hour", "max_drawdown"):
            value = getattr(self, name)
            if value is not None and not value > 0:
                raise InvalidInput(f"{name} must be positive, not {value!r}.", field=name)


@dataclass(frozen=True, slots=True)
class Account:
    """A constant budget (no compounding, so that paired differences add up), in quote currency.

    An entry risks `risk_fraction` of the capital between its price and its stop. A bar fills at most `volume_share` of
    its own volume.
    """

    capital: float
    risk_fraction: float
    limits: RiskLimits
    volume_share: float = 0.1

    def __post_init__(self) -> None:
        if not self.capital > 0:
            raise InvalidInput(f"capital must be positive, not {self.capital!r}.", field="capital")
        if not 0 < self.risk_fraction <= 1:
            raise InvalidInput(f"risk_fraction must be in (0, 1], not {self.risk_fraction!r}.", field="risk_fraction")
        if not 0 < self.volume_share <= 1:
            raise InvalidInput(f"volume_share must be in (0, 1], not {self.volume_share!r}.", field="volume_share")

    def without_halt(self) -> "Account":
        """The same account for research over months: the drawdown rule, which ends trading for a person, is off.

        A history in which one side was halted early says nothing about the parameters of either.
        """
        return replace(self, limits=replace(self.limits, max_drawdown=None))
