"""The whole loop in compressed time: bars drive the strategies, their clock drives the jobs.

Everything is real but the clock: the same trader, the same jobs, Postgres, Redis, publication and read-back.
"""

import heapq
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

import structlog

from collectors.series import CandleSeries
from core.clock import MINUTE_MS, SECOND, SimulatedClock, from_ms, to_ms
from core.errors import Conflict, Forbidden, InvalidInput, Unavailable
from core.learning import ProposalStatus
from core.market import Bars, FundingRates
from core.ports import Progress, silent
from execution.trader import MarketSlice, Trader
from feedback.approval import Approvals
from feedback.loop import Loop
from service.jobs import JOBS, Job, due_times, find, is_change_in_flight
from service.run_ledger import RunLedger
from storage.journal_writer import JournalWriter

log = structlog.get_logger()

Approve = Literal["none", "passed"]
KEEP_EVERY = timedelta(hours=1)
PIECE_BARS = 40_000
#: How long a published version may take to reach the trader of the same process.
PUBLISH_SECONDS = 10.0
WRITE_SECONDS = 120.0
#: Jobs that read the journal: everything before them is written first.
READERS = frozenset({"daily_review", "weekly_analysis", "twins", "housekeeping"})


@dataclass(frozen=True, slots=True)
class Span:
    """What is replayed: bars that open in [start, end), UTC. Bars before it are history."""

    start: datetime
    end: datetime

    @classmethod
    def of(cls, series: Sequence[CandleSeries], start: datetime | None) -> "Span":
        first = min(int(one.bars.time[0]) for one in series)
        last = max(int(one.bars.time[-1]) + one.bars.bar_ms for one in series)
        span = cls(start or from_ms(first), from_ms(last))
        if span.start >= span.end:
            raise InvalidInput(
                f"The candles end at {span.end:%Y-%m-%d %H:%M} UTC, before the start.",
                field="start",
                remedy="Give an earlier --start.",
            )
        return span


class Replay:
    """Lives through a span. `loop` and `trader` share `clock`; `run` may be called once.

    Where the trader's runners were restored from an earlier attempt that was killed, it goes on from where they stand.
    """

    def __init__(
        self,
        loop: Loop,
        trader: Trader,
        writer: JournalWriter,
        clock: SimulatedClock,
        series: Sequence[CandleSeries],
        span: Span,
        *,
        approvals: Approvals,
        approve: Approve = "none",
        progress: Progress = silent,
    ) -> None:
        self._loop = loop
        self._trader = trader
        self._writer = writer
        self._clock = clock
        self._resumed, self._since = _where_it_stands(trader, span)
        self._tapes = [_Tape(one, self._since, stored=self._resumed) for one in series]
        self._span = span
        self._approvals = approvals
        self._approve = approve
        self._progress = progress
        self._ledger = RunLedger(loop)
        self._in_flight = False
        self._kept_at = self._since

    def run(self) -> None:
        """Warm up on history, then live to the end of the span."""
        self._warm_up()
        for moment, job in self._timetable():
            self._live_until(moment)
            self._run(job, moment)
        self._live_until(self._span.end)
        self._keep()

    def _timetable(self) -> Iterator[tuple[datetime, Job]]:
        """Every due job in the order of its time; jobs due at one time in the order of the job table."""
        regular = [(place, job) for place, job in enumerate(JOBS) if job.only_when is None]
        lists = [self._times(place, job) for place, job in regular]
        return ((moment, job) for moment, _, job in heapq.merge(*lists, key=lambda due: due[:2]))

    def _times(self, place: int, job: Job) -> Iterator[tuple[datetime, int, Job]]:
        after = self._since - SECOND if self._resumed else self._since
        for moment in due_times(job, after, self._span.end, self._loop.zone):
            yield moment, place, job

    def _warm_up(self) -> None:
        self._clock.move_to(self._since)
        for tape in self._tapes:
            tape.store(self._loop, self._since)
            for runner in self._trader.runners.values():
                if runner.market_key == tape.key and runner.last_bar_ms is None:
                    for piece in pieces(tape.history):
                        runner.warm_up(piece)
        self._trader.settle()
        if self._resumed:
            self._look_for_changes()

    def _live_until(self, moment: datetime) -> None:
        while self._in_flight and self._clock.now() < moment:
            self._trade_until(min(moment, _next_minute(self._clock.now())))
            self._watch()
        self._trade_until(moment)

    def _trade_until(self, moment: datetime) -> None:
        self._clock.move_to(moment)
        market = {tape.key: slice_ for tape in self._tapes if (slice_ := tape.until(moment)) is not None}
        if market:
            self._trader.on_market(market, keep_states=False)
            self._trader.settle()
        if moment - self._kept_at >= KEEP_EVERY:
            self._keep()

    def _run(self, job: Job, moment: datetime) -> None:
        reads = job.id in READERS
        if reads:
            self._keep()
            self._progress(*self._progress_at(moment))
        self._ledger.run(job, moment)
        if reads:
            if self._approve == "passed":
                self._approve_passed()
            self._look_for_changes()

    def _watch(self) -> None:
        self._ledger.run(find("rollout_watch"), self._clock.now())
        self._look_for_changes()

    def _look_for_changes(self) -> None:
        """Let published versions reach their engines before the next bar, so that equal replays apply them alike."""
        self._in_flight = is_change_in_flight(self._loop)
        if not self._in_flight:
            return
        with self._loop.stores.begin() as tx:
            current = [p for p in tx.parameters.all_current() if p.instance_id in self._trader.runners]
        deadline = time.monotonic() + PUBLISH_SECONDS
        while not all(map(self._trader.has_been_offered, current)) and time.monotonic() < deadline:
            self._trader.poll_parameters(timeout=0.2)

    def _approve_passed(self) -> None:
        with self._loop.stores.begin() as tx:
            waiting = tx.proposals.list(status=ProposalStatus.AWAITING_REVIEW)
        for proposal in waiting:
            try:
                self._approvals.approve(proposal.id, proposal.digest, "replay", "--approve passed")
            except (Conflict, Forbidden) as error:
                log.info(
                    "A proposal could not be approved.",
                    action="replay.not_approved",
                    proposal=proposal.id,
                    why=str(error),
                )

    def _keep(self) -> None:
        """Write everything up to now: bars, rows, states, job runs."""
        for tape in self._tapes:
            tape.store(self._loop, self._clock.now())
        self._trader.keep_states()
        if not self._writer.flush(timeout=WRITE_SECONDS):
            raise Unavailable("The journal was not written in time.")
        self._ledger.flush()
        self._kept_at = self._clock.now()

    def _progress_at(self, moment: datetime) -> tuple[int, int, str]:
        total = self._span.end - self._span.start
        return (moment - self._span.start).days, max(total.days, 1), f"{moment:%Y-%m-%d}"


class _Tape:
    """One series with the place up to which it was lived and stored."""

    def __init__(self, series: CandleSeries, since: datetime, *, stored: bool) -> None:
        self.key = series.instrument.key
        self._series = series
        self._lived = int(series.bars.time.searchsorted(to_ms(since)))
        self._stored = self._lived if stored else 0
        self.history = series.bars.slice(0, self._lived)

    def until(self, moment: datetime) -> MarketSlice | None:
        """The bars that have closed by `moment` and were not lived yet."""
        bars = self._series.bars
        stop = int(bars.time.searchsorted(to_ms(moment) - bars.bar_ms, side="right"))
        if stop <= self._lived:
            return None
        settlements = self._settlements(self._lived, stop)
        fresh = bars.slice(self._lived, stop)
        self._lived = stop
        return MarketSlice(fresh, settlements)

    def store(self, loop: Loop, moment: datetime) -> None:
        """Write the bars that have closed by `moment` to Postgres."""
        bars = self._series.bars
        stop = int(bars.time.searchsorted(to_ms(moment) - bars.bar_ms, side="right"))
        if stop <= self._stored:
            return
        instrument = self._series.instrument
        settlements = self._settlements(self._stored, stop)
        for fresh in pieces(bars.slice(self._stored, stop)):
            with loop.stores.begin(durable=False) as tx:
                tx.bars.append(instrument.venue, instrument.symbol, fresh, settlements, self._series.simulated)
        self._stored = stop

    def _settlements(self, first: int, stop: int) -> FundingRates | None:
        """What was settled since the bar before `first`, also in a gap, until the end of the last bar before `stop`."""
        funding, bars = self._series.funding, self._series.bars
        if funding is None:
            return None
        since_ms = int(bars.time[first - 1]) + bars.bar_ms if first else int(bars.time[0])
        start, end = funding.time.searchsorted([since_ms, int(bars.time[stop - 1]) + bars.bar_ms])
        return FundingRates(funding.time[start:end], funding.rate[start:end])


def pieces(bars: Bars) -> Iterator[Bars]:
    """Bars in portions, so that a long history needs no more memory than a short one."""
    return (bars.slice(start, start + PIECE_BARS) for start in range(0, len(bars), PIECE_BARS))


def _where_it_stands(trader: Trader, span: Span) -> tuple[bool, datetime]:
    """Whether an earlier attempt came further than the start, and where. All states are kept at one moment, so that
    the latest bar among them is it; jobs of that moment may not have run."""
    closes = [runner.closed_at for runner in trader.runners.values() if runner.closed_at is not None]
    return bool(closes), max(closes, default=span.start)


def _next_minute(moment: datetime) -> datetime:
    return from_ms((to_ms(moment) // MINUTE_MS + 1) * MINUTE_MS)
