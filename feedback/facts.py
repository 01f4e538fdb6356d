"""The facts of a day or a week: what happened, computed by SQL and from bars, before anybody has an opinion."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal

from core.clock import MINUTE_MS, day_bounds, to_ms
from core.facts import DayFacts, MarketPhase, MissedOpportunities
from core.market import Bars, DataQuality
from core.trading import MANUAL, Mode, StrategyInstance
from feedback.fact_lines import FactWriter
from feedback.loop import Loop
from feedback.missed import Costs, Scene, missed_opportunities
from feedback.phases import HOUR_MS, WARM_UP_MS, phases_of
from feedback.quality import reasons_against
from feedback.summaries import by_dimension
from feedback.texts import Texts
from storage.queries.day import SeriesQuality, books, idle_signals, quality
from storage.queries.facts import Span, best, curve, groups, worst
from storage.stores import Transaction

Series = tuple[str, str]


def day_facts(loop: Loop, day: date) -> DayFacts:
    """The facts of one local calendar day, as far as it has passed."""
    return _facts(loop, day, days=1, block_ms=HOUR_MS)


def week_facts(loop: Loop, day: date) -> DayFacts:
    """The facts of the seven local days that end with `day`, as far as they have passed."""
    return _facts(loop, day, days=7, block_ms=6 * HOUR_MS)


def _facts(loop: Loop, day: date, days: int, block_ms: int) -> DayFacts:
    start = day_bounds(day - timedelta(days=days - 1), loop.zone)[0]
    end = min(day_bounds(day, loop.zone)[1], loop.clock.now())
    with loop.stores.begin() as tx:
        instances = tx.instances.list()
        shadows = [instance.id for instance in instances if instance.mode is Mode.SHADOW]
        counted = [i for i in instances if i.id != MANUAL and i.id not in shadows]
        return _Collection(loop, tx, counted, Span(start, end, (MANUAL, *shadows)), block_ms).facts(day)


@dataclass(frozen=True, slots=True)
class _Collection:
    """One reading of the journal: what is asked, of whom, in which transaction; phases are made of `block_ms`."""

    loop: Loop
    tx: Transaction
    instances: Sequence[StrategyInstance]
    span: Span
    block_ms: int

    def facts(self, day: date) -> DayFacts:
        connection, span = self.tx.connection, self.span
        texts = Texts(self.loop.language)
        bars = {series: self._bars(series) for series in self._series()}
        qualities = {series: quality(connection, series, span.start, span.end) for series in bars}
        reasons = self._reasons(qualities, texts)
        totals = groups(connection, span, self.loop.zone.key)
        whole, by_group = by_dimension(totals, self._capital())
        facts = DayFacts(
            day=day,
            start=span.start,
            end=span.end,
            total=whole,
            groups=by_group,
            best=best(connection, span),
            worst=worst(connection, span),
            equity=curve(connection, span),
            phases=self._phases(bars),
            missed=self._missed(bars),
            quality=sum((found.counts for found in qualities.values()), DataQuality()),
            judgeable=not reasons,
            quality_reasons=reasons,
            simulated=any(found.simulated for found in qualities.values()),
        )
        return replace(facts, facts=FactWriter(texts, self.loop.zone).numbered(facts, totals))

    def _series(self) -> list[Series]:
        return sorted({(instance.venue, instance.symbol) for instance in self.instances})

    def _capital(self) -> dict[str, Decimal]:
        return {instance.id: instance.budget for instance in self.instances}

    def _bars(self, series: Series) -> Bars:
        """The bars of the span, those that its first phase looks back on, and what has followed until now."""
        since = self.span.start - timedelta(milliseconds=WARM_UP_MS)
        return self.tx.bars.load(*series, MINUTE_MS, since, self.loop.clock.now())

    def _reasons(self, qualities: Mapping[Series, SeriesQuality], texts: Texts) -> list[str]:
        if not self.instances:
            return [texts.say("quality.no_instances")]
        counts = {"/".join(series): found.counts for series, found in qualities.items()}
        return reasons_against(counts, books(self.tx.connection, self.span), texts)

    def _phases(self, bars: Mapping[Series, Bars]) -> list[MarketPhase]:
        start_ms, end_ms = to_ms(self.span.start), to_ms(self.span.end)
        return [
            phase
            for (_, symbol), columns in bars.items()
            for phase in phases_of(symbol, columns, start_ms, end_ms, self.block_ms)
        ]

    def _missed(self, bars: Mapping[Series, Bars]) -> MissedOpportunities:
        scenes = {
            instance.id: Scene(bars[instance.venue, instance.symbol], Costs.of(self.loop.instruments[instance.id]))
            for instance in self.instances
            if instance.id in self.loop.instruments
        }
        return missed_opportunities(idle_signals(self.tx.connection, self.span), scenes)
