"""The loop as machine code: one compilation serves every strategy, instrument and mode."""

from collections.abc import Callable
from functools import cache
from typing import Any

import numba
import numpy as np

from execution.kernel import loop
from execution.kernel.state import BOOK, JOURNAL, Curve, Frame, Tape
from strategies.compiled import OPAQUE, STEP_SIGNATURE, compile_kernel, record_type
from strategies.frame import BAR, POSITION, WANT

types: Any = numba.types

_FLOATS = types.Array(types.float64, 1, "C")
_INTEGERS = types.Array(types.int64, 1, "C")
_COLUMN = types.Array(types.float64, 1, "C", readonly=True)
_TIMES = types.Array(types.int64, 1, "C", readonly=True)


@cache
def machine() -> Callable[..., Any]:
    """`advance(step, start, stop, tape, books, frame, journals, curve)`, compiled at first use or from the cache."""
    signature = types.int64(
        types.FunctionType(STEP_SIGNATURE),
        types.int64,
        types.int64,
        types.NamedTuple([_rows(BAR), _rows(OPAQUE), _rows(OPAQUE), _TIMES, _COLUMN], Tape),
        _one(BOOK),
        types.NamedTuple([_one(POSITION), _one(WANT), _one(OPAQUE), _one(OPAQUE), _FLOATS, _FLOATS], Frame),
        _one(JOURNAL),
        types.NamedTuple([_FLOATS, _INTEGERS, _INTEGERS, _FLOATS, _INTEGERS], Curve),
    )
    return compile_kernel(loop.advance, signature)


def _one(dtype: np.dtype[np.void]) -> Any:
    """A record in an array of one: numpy hands arrays over at once, but describes a lone record anew at every call."""
    return types.Array(record_type(dtype), 1, "C")


def _rows(dtype: np.dtype[np.void]) -> Any:
    """Read-only records at any distance from each other."""
    return types.Array(record_type(dtype), 1, "A", readonly=True)
