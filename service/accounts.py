"""From the settings' limits to the engine's account."""

from decimal import Decimal

from execution.account import Account, RiskLimits
from service.config_file import RiskSection


def account_of(budget: Decimal, risk: RiskSection) -> Account:
    """The account of an instance with `budget` (quote currency) under the limits of tradeloop.toml."""
    capital = float(budget)
    return Account(
        capital=capital,
        risk_fraction=risk.risk_fraction,
        limits=RiskLimits(
            max_notional=capital * risk.max_notional_fraction,
            max_daily_loss=risk.max_daily_loss,
            max_consecutive_losses=risk.max_consecutive_losses,
            pause_bars=risk.pause_bars,
            max_orders_per_hour=risk.max_orders_per_hour,
            max_drawdown=risk.max_drawdown,
        ),
        volume_share=risk.volume_share,
    )
