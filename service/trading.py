"""The trading process: live through the feed's past once, then follow it minute by minute until told to stop."""

import signal
import threading
from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import replace
from datetime import datetime
from typing import NoReturn

import structlog

from collectors.feed import Feed, Source
from collectors.series import CandleSeries
from collectors.simulated import STARTING_VALUES, SimulatedMarket
from core.clock import DAY_MS, MINUTE_MS, SimulatedClock, from_ms, to_ms
from core.errors import Unavailable
from core.market import Bars, FundingRates
from core.ports import Progress, silent
from core.trading import RefusalReason
from execution.commands import take_commands
from execution.manual.desk import ManualDesk
from execution.trader import MarketSlice, Trader
from service.feed_state import FeedState, read_feed, write_feed
from service.living import live_through
from service.replay import Span
from service.session import Session
from service.wiring import build_loop, build_manual_desk, build_trader
from storage.journal_writer import JournalWriter

log = structlog.get_logger()

#: How much of a simulated past is made, and how much of it the loop lives through.
HISTORY_DAYS = 260
LIVED_DAYS = 7
SYMBOLS = ("BTCUSDT", "ETHUSDT")
TICK_SECONDS = 0.5
#: More new bars than this at once means that nobody watched: no entries are taken on them.
FRESH_BARS = 2


class Trading:
    """The trading process of a home that is fed by a simulated market."""

    def __init__(self, session: Session, *, seed: int, progress: Progress = silent) -> None:
        self._session = session
        self._seed = seed
        self._progress = progress
        self._stop = threading.Event()
        self._unstored: dict[str, list[Bars]] = {}

    def run(self) -> None:
        """Trade until SIGTERM or SIGINT."""
        _on_stop(_leave)
        state = read_feed(self._session.home) or self._new_feed()
        market = SimulatedMarket(state.seed, state.symbols, datetime.fromisoformat(state.start).date())
        if not state.lived:
            self._live_the_past(market, state)
        _on_stop(self._stop.set)
        self._follow(market, datetime.fromisoformat(state.lived_until))

    def _new_feed(self) -> FeedState:
        """Give this home a market and note it, so that a killed process goes on with the same."""
        now = to_ms(self._session.clock.now()) // MINUTE_MS * MINUTE_MS
        first_day, lived_from = (from_ms(now - days * DAY_MS) for days in (HISTORY_DAYS, LIVED_DAYS))
        state = FeedState(
            "simulated",
            SYMBOLS,
            self._seed,
            first_day.date().isoformat(),
            lived_from.isoformat(),
            from_ms(now).isoformat(),
        )
        write_feed(self._session.home, state)
        return state

    def _live_the_past(self, market: SimulatedMarket, state: FeedState) -> None:
        """Live the loop through the last days of the history, or through what an earlier process left of them."""
        span = Span(datetime.fromisoformat(state.lived_from), datetime.fromisoformat(state.lived_until))
        series = [_series(market, key, to_ms(span.end)) for key in market.instruments]
        log.info("Living through the last days.", action="trader.past", days=LIVED_DAYS, symbols=list(state.symbols))
        live_through(
            self._session,
            SimulatedClock(span.start),
            series,
            span,
            values=STARTING_VALUES,
            approve="none",
            progress=self._progress,
        )
        write_feed(self._session.home, replace(state, lived=True))

    def _follow(self, market: Source, since: datetime) -> None:
        session = self._session
        loop = build_loop(session, markets=market.instruments)
        with closing(JournalWriter(session.stores)) as writer:
            trader = build_trader(session, loop, writer, session.clock, simulated=market.simulated)
            feed = Feed(market, _next_bar_ms(trader, since))
            for runner in trader.runners.values():
                if runner.last_bar_ms is None:
                    runner.warm_up(feed.history(runner.market_key))
            desk = build_manual_desk(session, market.instruments)
            log.info("Following the market.", action="trader.follow", since=from_ms(feed.start_ms).isoformat())
            while not self._stop.is_set():
                self._tick(trader, desk, feed)
            writer.flush(timeout=5.0)

    def _tick(self, trader: Trader, desk: ManualDesk, feed: Feed) -> None:
        fresh = {key: bars for key, bars in feed.poll(self._session.clock.now()).items() if len(bars)}
        if fresh:
            self._live(trader, feed, fresh)
        trader.poll_parameters(timeout=TICK_SECONDS)
        try:
            self._store_bars(feed)
            trader.settle()
            desk.meet(fresh)
            take_commands(trader, self._session.stores, self._session.clock)
        except Unavailable as error:
            log.warning("Postgres is away; open positions stay protected.", action="trader.waiting", error=str(error))

    def _live(self, trader: Trader, feed: Feed, fresh: Mapping[str, Bars]) -> None:
        for key, bars in fresh.items():
            self._unstored.setdefault(key, []).append(bars)
        market = {key: _slice(feed, key, bars) for key, bars in fresh.items()}
        missed = max(len(bars) for bars in fresh.values()) > FRESH_BARS
        trader.on_market(market, refuse=RefusalReason.STALE if missed else None)
        for key, bars in fresh.items():
            self._publish(feed, key, bars)

    def _publish(self, feed: Feed, key: str, bars: Bars) -> None:
        name = feed.instruments[key].symbol.lower()
        latest = self._session.stores.latest
        at = from_ms(int(bars.time[-1]) + bars.bar_ms).isoformat()
        latest.put(f"market:{name}:price", {"price": float(bars.close[-1]), "at": at, "simulated": feed.simulated})
        book = feed.source.book(key, bars)
        if book is not None:
            latest.put(f"market:{name}:orderbook", book.as_document())

    def _store_bars(self, feed: Feed) -> None:
        for key, pieces in self._unstored.items():
            while pieces:
                instrument, bars = feed.instruments[key], pieces[0]
                with self._session.stores.begin() as tx:
                    tx.bars.append(instrument.venue, instrument.symbol, bars, _funding(feed, key, bars), feed.simulated)
                pieces.pop(0)


def _on_stop(act: Callable[[], object]) -> None:
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: act())


def _leave() -> NoReturn:
    """What is not written of the past is lived again."""
    raise SystemExit(0)


def _series(market: SimulatedMarket, key: str, end_ms: int) -> CandleSeries:
    bars = market.bars(key, market.start_ms, end_ms)
    funding = market.funding(key, market.start_ms, end_ms)
    return CandleSeries(market.instruments[key], "1m", bars, funding, "simulated: every 8 hours", simulated=True)


def _next_bar_ms(trader: Trader, since: datetime) -> int:
    """The open of the first bar that no runner has lived; all runners of a home stand at the same bar or catch up."""
    closes = [runner.closed_at for runner in trader.runners.values() if runner.closed_at is not None]
    return to_ms(min(closes, default=since))


def _slice(feed: Feed, key: str, bars: Bars) -> MarketSlice:
    book = feed.source.book(key, bars)
    return MarketSlice(bars, _funding(feed, key, bars), book.as_document() if book else None)


def _funding(feed: Feed, key: str, bars: Bars) -> FundingRates | None:
    return feed.source.funding(key, int(bars.time[0]), int(bars.time[-1]) + bars.bar_ms)
