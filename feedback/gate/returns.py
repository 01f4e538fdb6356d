"""Daily returns of incumbent and candidate, day by day and symbol by symbol."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from core.clock import DAY_MS
from core.errors import InvalidInput
from core.market import Floats, Times

Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class PairedReturns:
    """`incumbent` and `candidate` are [symbols, days], fractions of capital after all costs; `days` the start of each
    day in ms UTC, increasing. `present` [symbols, days] is False where a symbol has no row: the value there counts for
    nothing. A value that is present but not a finite number is a defect that a check reports.
    """

    symbols: tuple[str, ...]
    days: Times
    incumbent: Floats
    candidate: Floats
    present: Mask

    def __post_init__(self) -> None:
        shape = (len(self.symbols), len(self.days))
        if not self.incumbent.shape == self.candidate.shape == self.present.shape == shape:
            raise InvalidInput(f"Paired returns must be {shape}.", field="returns")
        if len(self.days) > 1 and not bool(np.all(np.diff(self.days) > 0)):
            raise InvalidInput("The days of paired returns must increase.", field="returns")

    @property
    def defects(self) -> int:
        """How many present values are not finite numbers."""
        broken = ~np.isfinite(self.incumbent) | ~np.isfinite(self.candidate)
        return int((broken & self.present).sum())

    @property
    def coverage(self) -> dict[str, float]:
        """The share of all days on which each symbol is present."""
        shares = self.present.mean(axis=1) if len(self.days) else np.zeros(len(self.symbols))
        return dict(zip(self.symbols, shares.tolist(), strict=True))

    @cached_property
    def usable(self) -> Mask:
        """[symbols, days] where both sides have a finite value."""
        return self.present & np.isfinite(self.incumbent) & np.isfinite(self.candidate)

    @cached_property
    def pooled(self) -> "Pooled":
        """One value a day: the mean over the symbols that have one. Days on which no symbol has any are left out."""
        count = self.usable.sum(axis=0)
        kept = count > 0
        incumbent, candidate = (
            np.where(self.usable, side, 0.0).sum(axis=0)[kept] / count[kept]
            for side in (self.incumbent, self.candidate)
        )
        size = np.where(self.usable, (np.abs(self.incumbent) + np.abs(self.candidate)) / 2, 0.0).sum(axis=0)
        return Pooled(self.days[kept], incumbent, candidate, size[kept] / count[kept])


@dataclass(frozen=True)
class Pooled:
    """One incumbent and one candidate return a day, oldest first. `size` is how large returns were on that day."""

    days: Times
    incumbent: Floats
    candidate: Floats
    size: Floats

    def __len__(self) -> int:
        return len(self.days)

    @cached_property
    def difference(self) -> Floats:
        return self.candidate - self.incumbent

    def where(self, mask: Mask) -> "Pooled":
        return Pooled(self.days[mask], self.incumbent[mask], self.candidate[mask], self.size[mask])


@dataclass(frozen=True, slots=True)
class Window:
    """The half-open span [start_ms, end_ms) that the author of a proposal has seen."""

    start_ms: int
    end_ms: int

    def seen(self, days: Times) -> Mask:
        """Days of which the author has seen any part."""
        return (days + DAY_MS > self.start_ms) & (days < self.end_ms)

    def unseen(self, days: Times) -> Mask:
        """Days apart from the window by at least the embargo of one day on both sides."""
        return (days + 2 * DAY_MS <= self.start_ms) | (days >= self.end_ms + DAY_MS)
