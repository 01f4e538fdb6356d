"""Bars, and the funding that was settled on them: written and read in binary, whole columns at a time."""

from datetime import datetime

import numpy as np
from psycopg import sql
from sqlalchemy import ColumnElement, and_, func, select, text

from core.clock import MINUTE_MS, from_ms
from core.market import Bars as Columns
from core.market import Floats, FundingRates
from storage.binary_rows import HEADER, TRAILER, decode, encode, milliseconds, timestamps
from storage.bulk import driver, stage
from storage.repositories.base import Repository
from storage.schema import bars as table

_PRICES = ("open", "high", "low", "close", "volume")
_NAMES = "venue, symbol, bar_ms, opened_at, open, high, low, close, volume, funding_rate, simulated"
_UNSTAGE = (
    "INSERT INTO bars ({names}) SELECT {names} FROM {staged} ON CONFLICT (venue, symbol, bar_ms, opened_at)"
    " DO UPDATE SET funding_rate = excluded.funding_rate WHERE excluded.funding_rate IS NOT NULL"
)


class StoredBars(Repository):
    """The market's history. A bar that is stored stays; only its funding may still come in."""

    def append(
        self, venue: str, symbol: str, bars: Columns, funding: FundingRates | None = None, simulated: bool = False
    ) -> None:
        """Store bars, whatever of them is stored already.

        A settlement counts for the first bar that opens at or after it; one before the first or after the last bar of
        this call is left out.
        """
        if not len(bars):
            return
        rows = HEADER + _encoded(venue, symbol, bars, _per_bar(bars, funding), simulated) + TRAILER
        series = f"{venue}/{symbol}/{bars.bar_ms}"
        self._connection.execute(text("SELECT pg_advisory_xact_lock(hashtextextended(:s, 0))"), {"s": series})
        if self._newest_before(venue, symbol, bars):
            self._copy("bars", rows)
        else:
            self._merge(rows)

    def load(self, venue: str, symbol: str, bar_ms: int, start: datetime, end: datetime) -> Columns:
        """The bars that open in [start, end)."""
        kinds = {"opened_at": "i8", **dict.fromkeys(_PRICES, "f8")}
        where = sql.SQL("venue = {} AND symbol = {} AND bar_ms = {}").format(venue, symbol, bar_ms)
        found = decode(self._copied(list(kinds), where, start, end), kinds)
        opened, high, low, close, volume = (found[name] for name in _PRICES)
        return Columns(milliseconds(found["opened_at"]), opened, high, low, close, volume, bar_ms)

    def funding(self, venue: str, symbol: str, start: datetime, end: datetime) -> FundingRates:
        """The settlements on bars of any width that open in [start, end), each once."""
        where = sql.SQL("venue = {} AND symbol = {} AND funding_rate IS NOT NULL").format(venue, symbol)
        kinds = {"opened_at": "i8", "funding_rate": "f8"}
        found = decode(self._copied(list(kinds), where, start, end), kinds)
        times, first = np.unique(milliseconds(found["opened_at"]), return_index=True)
        return FundingRates(times, found["funding_rate"][first])

    def span(self, venue: str, symbol: str, bar_ms: int = MINUTE_MS) -> tuple[datetime, datetime] | None:
        """The open times of the first and the last bar; None when there are none."""
        times = select(func.min(table.c.opened_at).label("oldest"), func.max(table.c.opened_at).label("newest"))
        row = self._all(times.where(_series(venue, symbol, bar_ms)))[0]
        return (row.oldest, row.newest) if row.oldest else None

    def count(self, venue: str, symbol: str, bar_ms: int, until: datetime) -> int:
        """How many bars open at or before `until`."""
        counted = select(func.count()).where(_series(venue, symbol, bar_ms), table.c.opened_at <= until)
        return self._connection.scalar(counted) or 0

    def _newest_before(self, venue: str, symbol: str, bars: Columns) -> bool:
        """Whether all stored bars are older than `bars`; asked so that only the months from there on are looked at."""
        later = table.c.opened_at >= from_ms(int(bars.time[0]))
        return self._first(select(table.c.opened_at).where(_series(venue, symbol, bars.bar_ms), later).limit(1)) is None

    def _merge(self, rows: bytes) -> None:
        with driver(self._connection) as raw:
            staged = stage(raw, "bars")
            self._copy("staged_bars", rows)
            raw.execute(sql.SQL(_UNSTAGE).format(names=sql.SQL(_NAMES), staged=staged))

    def _copy(self, target: str, rows: bytes) -> None:
        statement = sql.SQL("COPY {} ({}) FROM STDIN (FORMAT binary)").format(sql.Identifier(target), sql.SQL(_NAMES))
        with driver(self._connection) as raw, raw.cursor() as cursor, cursor.copy(statement) as copy:
            copy.write(rows)

    def _copied(self, columns: list[str], where: sql.Composed, start: datetime, end: datetime) -> bytes:
        query = "COPY (SELECT {} FROM bars WHERE {} AND opened_at >= {} AND opened_at < {} ORDER BY opened_at)"
        statement = sql.SQL(query + " TO STDOUT (FORMAT binary)")
        names = sql.SQL(", ").join(map(sql.Identifier, columns))
        full = statement.format(names, where, start, end)
        with driver(self._connection) as raw, raw.cursor() as cursor, cursor.copy(full) as copy:
            return b"".join(copy)


def _series(venue: str, symbol: str, bar_ms: int) -> ColumnElement[bool]:
    return and_(table.c.venue == venue, table.c.symbol == symbol, table.c.bar_ms == bar_ms)


def _per_bar(bars: Columns, funding: FundingRates | None) -> Floats:
    """The funding rate of each bar; NaN where none was settled."""
    rates = np.full(len(bars), np.nan)
    if funding is None or not len(funding.time):
        return rates
    inside = (funding.time >= bars.time[0]) & (funding.time <= bars.time[-1])
    positions = np.searchsorted(bars.time, funding.time[inside])
    rates[positions] = 0.0
    np.add.at(rates, positions, funding.rate[inside])
    return rates


def _encoded(venue: str, symbol: str, bars: Columns, rates: Floats, simulated: bool) -> bytes:
    """Bars with and without funding have rows of different width."""
    settled = ~np.isnan(rates)
    encoded = b""
    for chosen in (settled, ~settled):
        prices = [getattr(bars, name)[chosen] for name in _PRICES]
        rate = rates[chosen] if chosen is settled else None
        opened = timestamps(bars.time[chosen])
        encoded += encode(len(opened), [venue, symbol, bars.bar_ms, opened, *prices, rate, simulated])
    return encoded
