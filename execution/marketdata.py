"""One symbol's market as the engine reads it: decoded once, shared by every run over it."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np

from core.errors import InvalidInput, UnknownName
from core.market import CONTEXT_FIELDS, Bars, Floats, FundingRates, Instrument
from execution.kernel.state import Tape
from strategies.compiled import OPAQUE
from strategies.contract import Strategy
from strategies.features import FeatureStream
from strategies.frame import BAR

Candles = np.ndarray[Any, np.dtype[np.void]]


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
        return tape_of(self._candles, self.features(strategy.features), context, self.funding)

    @cached_property
    def _candles(self) -> Candles:
        return candles_of(self.bars)


def candles_of(bars: Bars) -> Candles:
    """The bars as one record each, the form in which the step sees them."""
    matrix = np.empty((len(bars), 6))
    for place, column in enumerate((bars.time, bars.open, bars.high, bars.low, bars.close, bars.volume)):
        matrix[:, place] = column
    return matrix.view(BAR)[:, 0]


def context_columns(names: Sequence[str], given: dict[str, Floats] | None, bars: int) -> Floats:
    """The named context fields, shape [bars, len(names)]; a field that is not given is NaN."""
    columns = np.full((bars, len(names)), np.nan)
    for place, name in enumerate(names):
        if given and name in given:
            columns[:, place] = given[name]
    return columns


def tape_of(candles: Candles, features: Floats, context: Floats, funding: FundingRates | None) -> Tape:
    """Put the market together; the loop takes all of it as read-only."""
    settlements = funding or _NO_FUNDING
    return Tape(
        candles=candles,
        features=_row_records(features, candles),
        context=_row_records(context, candles),
        funding_time=np.ascontiguousarray(settlements.time),
        funding_rate=np.ascontiguousarray(settlements.rate),
    )


def _row_records(matrix: Floats, candles: Candles) -> Candles:
    """Each row as a record whose fields only the step knows; any record serves where the step knows none."""
    column = matrix[:, 0] if matrix.shape[1] else candles["time"]
    return column.view(OPAQUE)


_NO_FUNDING = FundingRates(np.zeros(0, dtype=np.int64), np.zeros(0))
