"""The feed: bars as the trader gets them, history first, then what is new. Recorded and simulated sources alike."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Protocol

from collectors.series import CandleSeries
from collectors.simulated_book import OrderBook
from core.clock import to_ms
from core.errors import InvalidInput, NotFound
from core.market import Bars, FundingRates, Instrument


class Source(Protocol):
    """Where bars come from. Keys are `venue/symbol`; spans are half-open in ms UTC, by a bar's open time."""

    @property
    def simulated(self) -> bool: ...

    @property
    def start_ms(self) -> int: ...

    @property
    def instruments(self) -> Mapping[str, Instrument]: ...

    def bar_ms(self, key: str) -> int: ...

    def bars(self, key: str, from_ms: int, until_ms: int) -> Bars: ...

    def funding(self, key: str, from_ms: int, until_ms: int) -> FundingRates | None: ...

    def book(self, key: str, bars: Bars) -> OrderBook | None: ...


class RecordedSource:
    """Candles that were read from files, as a source. It has no order books, so it never shows one."""

    def __init__(self, series: Sequence[CandleSeries]) -> None:
        if not series:
            raise InvalidInput("A feed needs at least one series of candles.", field="candles")
        self._series = {one.instrument.key: one for one in series}
        if len(self._series) != len(series):
            raise InvalidInput("Two series of candles are of the same instrument.", field="candles")
        self.instruments = {key: one.instrument for key, one in self._series.items()}
        self.simulated = any(one.simulated for one in series)
        self.start_ms = min(int(one.bars.time[0]) for one in series)

    def bar_ms(self, key: str) -> int:
        return self._of(key).bars.bar_ms

    def bars(self, key: str, from_ms: int, until_ms: int) -> Bars:
        return self._of(key).bars.between(from_ms, until_ms)

    def funding(self, key: str, from_ms: int, until_ms: int) -> FundingRates | None:
        rates = self._of(key).funding
        if rates is None:
            return None
        first, last = rates.time.searchsorted([from_ms, until_ms])
        return FundingRates(rates.time[first:last], rates.rate[first:last])

    def book(self, key: str, bars: Bars) -> None:
        return None

    def _of(self, key: str) -> CandleSeries:
        if key not in self._series:
            raise NotFound(f"There are no candles of {key}.", field="symbol")
        return self._series[key]


class Feed:
    """One source seen from `start_ms`: bars that open before it are history, the others arrive one poll after another.

    A trader that restarts makes a feed anew with the first bar it has not yet lived as `start_ms`.
    """

    def __init__(self, source: Source, start_ms: int) -> None:
        self.source = source
        self.start_ms = start_ms
        self._next_ms = dict.fromkeys(source.instruments, start_ms)

    @property
    def simulated(self) -> bool:
        return self.source.simulated

    @property
    def instruments(self) -> Mapping[str, Instrument]:
        return self.source.instruments

    def history(self, key: str) -> Bars:
        """All bars of one instrument that open before the start."""
        return self.source.bars(key, self.source.start_ms, self.start_ms)

    def bars(self, from_ms: int, until_ms: int) -> dict[str, Bars]:
        """The bars of every instrument that open in [from_ms, until_ms), for a replay in pieces."""
        return {key: self.source.bars(key, from_ms, until_ms) for key in self.source.instruments}

    def poll(self, now: datetime) -> dict[str, Bars]:
        """The bars that have closed since the last poll, by instrument; a bar is never shown before its close."""
        return {key: self._fresh(key, to_ms(now) - self.source.bar_ms(key) + 1) for key in self.source.instruments}

    def _fresh(self, key: str, closed_before_ms: int) -> Bars:
        begin = self._next_ms[key]
        self._next_ms[key] = max(closed_before_ms, begin)
        return self.source.bars(key, begin, self._next_ms[key])
