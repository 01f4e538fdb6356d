"""Features over history in one call, or bar by bar with a state that can be kept."""

from collections.abc import Callable, Sequence
from functools import cache
from typing import Any

import numpy as np
from numba import types

from core.errors import UnknownName
from core.market import Bars, Floats
from strategies.compiled import compile_kernel, record_type
from strategies.features import kernel
from strategies.features.specs import FEATURE_NAMES

_COLUMN = types.Array(types.float64, 1, "C", readonly=True)


class FeatureStream:
    """The running state of all features of one symbol; `advance` in pieces equals one call over everything."""

    def __init__(self, names: Sequence[str] = FEATURE_NAMES) -> None:
        self.names = tuple(names)
        self.rows = np.array([_row(name) for name in self.names], dtype=np.int64)
        self.state = np.zeros(1, dtype=kernel.STATE)
        self.ring = np.zeros((kernel.RING_ROWS, kernel.RING))
        self.latest = np.full(len(FEATURE_NAMES), np.nan)

    @property
    def kept(self) -> tuple[np.ndarray[Any, np.dtype[Any]], ...]:
        """The arrays that a snapshot holds, in order."""
        return (self.state, self.ring, self.latest)

    def advance(self, bars: Bars) -> Floats:
        """Take further bars in; returns their features, shape [len(bars), len(names)], NaN until warm."""
        out = np.empty((len(bars), len(self.names)))
        columns = [np.ascontiguousarray(c) for c in (bars.time, bars.high, bars.low, bars.close, bars.volume)]
        _compiled()(self.state[0], self.ring, self.latest, self.rows, *columns, out)
        return out


def compute(bars: Bars, names: Sequence[str] = FEATURE_NAMES) -> Floats:
    """The features of a whole history, shape [len(names), len(bars)], in the order of `names`."""
    return FeatureStream(names).advance(bars).T


def _row(name: str) -> int:
    if name not in FEATURE_NAMES:
        raise UnknownName.among("feature", name, FEATURE_NAMES)
    return FEATURE_NAMES.index(name)


@cache
def _compiled() -> Callable[..., Any]:
    floats = types.Array(types.float64, 1, "C")
    matrix = types.Array(types.float64, 2, "C")
    times = types.Array(types.int64, 1, "C", readonly=True)
    rows = types.Array(types.int64, 1, "C")
    return compile_kernel(
        kernel.advance,
        types.void(record_type(kernel.STATE), matrix, floats, rows, times, *[_COLUMN] * 4, matrix),
    )
