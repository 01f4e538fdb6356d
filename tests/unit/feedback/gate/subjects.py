"""Made-up subjects for the gate's tests."""

from dataclasses import replace
from typing import Any

import numpy as np

from core.clock import DAY_MS
from core.learning import Check
from core.market import Floats
from feedback.gate.gate import Gate
from feedback.gate.returns import PairedReturns, Window
from feedback.gate.subject import Subject

START_MS = 1_735_689_600_000  # 2025-01-01
DAYS = 256
SEEN = 30


def returns(
    gain: float = 0.0, *, seed: int = 1, days: int = DAYS, symbols: int = 3, noise: float = 0.01
) -> PairedReturns:
    """Daily returns whose candidate is better by `gain` standard deviations of the difference a day."""
    rng = np.random.default_rng(seed)
    shape = (symbols, days)
    incumbent = 0.0002 + noise * rng.standard_normal(shape)
    candidate = incumbent + noise * (gain + rng.standard_normal(shape))
    return of_sides(incumbent, candidate)


def of_sides(incumbent: Floats, candidate: Floats) -> PairedReturns:
    symbols, days = incumbent.shape
    names = tuple(f"S{k}" for k in range(symbols))
    time = START_MS + DAY_MS * np.arange(days, dtype=np.int64)
    return PairedReturns(names, time, incumbent, candidate, np.ones(incumbent.shape, dtype=bool))


def window(days: int = DAYS, seen: int = SEEN) -> Window:
    """The last `seen` of `days` days."""
    return Window(START_MS + DAY_MS * (days - seen), START_MS + DAY_MS * days)


def subject(given: PairedReturns | None = None, **changes: Any) -> Subject:
    """A single idea on 225 unseen and 30 seen days of three symbols."""
    paired = given if given is not None else returns(0.3)
    made = Subject("llm", 1, window(len(paired.days)), paired)
    return replace(made, **changes)


def answer(name: str, one: Subject) -> Check:
    """What the check `name` of the standard gate says of `one`."""
    return next(check for check in Gate().judge(one).checks if check.name == name)
