"""Strategy instances: from tradeloop.toml or defaults, seeded once into Postgres, and their engines' surroundings."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

import structlog

from core.market import Instrument
from core.trading import StrategyInstance
from service.candles import values_for
from service.config_file import ConfigFile, InstanceSection
from storage.stores import Stores
from strategies import registry

log = structlog.get_logger()

DEFAULT_STRATEGIES = ("momentum_scalping", "market_making")
DEFAULT_BUDGET = Decimal(10_000)


def load_plugins(config: ConfigFile) -> None:
    """Register the user's own strategies."""
    for path in config.strategies:
        registry.load(path)


def wanted_instances(
    config: ConfigFile, markets: Sequence[Instrument], values: Mapping[str, Any]
) -> list[tuple[StrategyInstance, dict[str, float]]]:
    """The instances of tradeloop.toml on these markets, else both built-in strategies on each, with their values."""
    by_symbol = {market.symbol: market for market in markets}
    sections = [s for s in config.instances if s.symbol in by_symbol] or [
        InstanceSection(strategy=strategy, symbol=market.symbol, budget=DEFAULT_BUDGET)
        for market in markets
        for strategy in DEFAULT_STRATEGIES
    ]
    return [_instance(section, by_symbol[section.symbol], values) for section in sections]


def seed(stores: Stores, wanted: Iterable[tuple[StrategyInstance, dict[str, float]]], at: datetime) -> None:
    """Create what does not exist; afterwards Postgres wins and a difference is warned about."""
    with stores.begin() as tx:
        for instance, values in wanted:
            for warning in tx.instances.seed(instance, values, at):
                log.warning(warning, action="instances.differ", instance=instance.id)


def _instance(
    section: InstanceSection, market: Instrument, values: Mapping[str, Any]
) -> tuple[StrategyInstance, dict[str, float]]:
    strategy = registry.get(section.strategy)
    instance = StrategyInstance(
        id=section.id or f"{section.strategy}.{section.symbol}",
        strategy=section.strategy,
        venue=market.venue,
        symbol=market.symbol,
        budget=section.budget,
        mode=section.mode,
        policy=section.policy,
    )
    own = strategy.declaration.complete(section.parameters)
    given = values_for(strategy, values) if values else own
    return instance, given
