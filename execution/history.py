"""The stored past of an instance's market: one truth for the miner, the gate and the twins."""

from collections.abc import Mapping

from core.clock import MINUTE_MS, Clock, to_ms
from core.market import FundingRates, Instrument
from core.trading import StrategyInstance
from execution.marketdata import MarketData
from storage.columns import Columns
from storage.stores import Stores


class MarketHistory:
    """Gives all bars that have closed by now, memory-mapped; the last answer per market is kept for its features."""

    def __init__(self, stores: Stores, columns: Columns, instruments: Mapping[str, Instrument], clock: Clock) -> None:
        self._stores = stores
        self._columns = columns
        self._instruments = instruments
        self._clock = clock
        self._kept: dict[str, MarketData] = {}

    def of(self, instance: StrategyInstance) -> list[MarketData]:
        """The market of the instance's own symbol; raises NotFound while no bar of it is stored."""
        instrument = self._instruments[instance.id]
        now_ms = to_ms(self._clock.now())
        with self._stores.begin() as tx:
            self._columns.sync(tx, instrument.venue, instrument.symbol, MINUTE_MS)
        bars, funding = self._columns.open(instrument.venue, instrument.symbol, MINUTE_MS)
        closed = bars.between(0, now_ms - bars.bar_ms + 1)
        kept = self._kept.get(instrument.key)
        if kept is None or len(kept.bars) != len(closed) or kept.instrument != instrument:
            kept = MarketData(instrument, closed, _until(funding, now_ms))
            self._kept[instrument.key] = kept
        return [kept]


def _until(funding: FundingRates | None, now_ms: int) -> FundingRates | None:
    if funding is None:
        return None
    known = funding.time < now_ms
    return FundingRates(funding.time[known], funding.rate[known])
