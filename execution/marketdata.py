"""One symbol's market as the engine reads it: decoded once, shared by every run over it."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from core.errors import InvalidInput, UnknownName
from core.market import CONTEXT_FIELDS, Bars, Floats, FundingRates, Instrument
from execution.kernel.state import Tape
from strategies.contract import Strategy
from strategies.features import FeatureStream
from strategies.features.stream import read_only


@dataclass
class MarketData:
    """Bars with their instrument, funding settlements and context columns (float64, one value per bar, NaN unknown).

    Features are computed at first need and kept, so that many runs over the same bars share them.
    """

    instrument: Instrument
    bars: Bars
    funding: FundingRates | None = None
    context: dict[str, Floats] | None = None
    _features: dict[tuple[str, ...], Floats] = field(default_factory=dict, repr=False)

    def __post_init__(self) -> None:
        for name, column in (self.context or {}).items():
            if name not in CONTEXT_FIELDS:
                raise UnknownName.among("context field", name, CONTEXT_FIELDS)
            if len(column) != len(self.bars):
                raise InvalidInput(f"Context {name} has {len(column)} values for {len(self.bars)} bars.", field=name)

    def features(self, names: Sequence[str]) -> Floats:
        """The named features, shape [bars, len(names)]: a step reads one row at a time."""
        key = tuple(names)
        if key not in self._features:
            self._features[key] = FeatureStream(key).advance(self.bars)
        return self._features[key]

    def tape(self, strategy: Strategy) -> Tape:
        """What the loop reads for one strategy: its features and context fields only."""
        context = context_columns(strategy.context, self.context, len(self.bars))
        return tape_of(self.bars, self.features(strategy.features), context, self.funding)


def context_columns(names: Sequence[str], given: dict[str, Floats] | None, bars: int) -> Floats:
    """The named context fields, shape [bars, len(names)]; a field that is not given is NaN."""
    columns = np.full((bars, len(names)), np.nan)
    for place, name in enumerate(names):
        if given and name in given:
            columns[:, place] = given[name]
    return columns


def tape_of(bars: Bars, features: Floats, context: Floats, funding: FundingRates | None) -> Tape:
    """Put the columns together as read-only views."""
    settlements = funding or _NO_FUNDING
    return Tape(
        time=read_only(bars.time),
        open=read_only(bars.open),
        high=read_only(bars.high),
        low=read_only(bars.low),
        close=read_only(bars.close),
        volume=read_only(bars.volume),
        features=read_only(features),
        context=read_only(context),
        funding_time=read_only(settlements.time),
        funding_rate=read_only(settlements.rate),
    )


_NO_FUNDING = FundingRates(np.zeros(0, dtype=np.int64), np.zeros(0))
