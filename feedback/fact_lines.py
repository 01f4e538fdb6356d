"""The numbered lines F1, F2, … that a review cites: one number each, with its unit and the trades behind it."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from zoneinfo import ZoneInfo

from core.facts import DayFacts, Fact, Summary, TradeLine, Unit
from feedback.summaries import DIMENSIONS
from feedback.texts import Texts
from storage.queries.facts import GroupTotals

_NAMED = {"regime", "exit_reason"}


@dataclass(frozen=True, slots=True)
class FactWriter:
    """Writes the lines of one language; clock times in them are those of `zone`."""

    texts: Texts
    zone: ZoneInfo

    def numbered(self, facts: DayFacts, totals: Iterable[GroupTotals]) -> list[Fact]:
        """All lines of `facts` in the order of a report. `totals` name the trades behind each group."""
        evidence = {(total.dimension, total.name): total.trade_ids for total in totals}
        lines = [
            *self._whole(facts.total, evidence.get(("total", "all"), ())),
            *(line for dimension in DIMENSIONS for line in self._groups(dimension, facts.groups[dimension], evidence)),
            *self._trades("best", facts.best),
            *self._trades("worst", facts.worst),
            *self._phases(facts),
            *self._missed(facts),
            *self._quality(facts),
        ]
        return [replace(line, id=f"F{number}") for number, line in enumerate(lines, start=1)]

    def _whole(self, total: Summary, trade_ids: Sequence[str]) -> Iterator[Fact]:
        numbers: tuple[tuple[str, float | None, Unit], ...] = (
            ("trades", total.trades, "count"),
            ("wins", total.wins, "count"),
            ("losses", total.losses, "count"),
            ("win_rate", _percent(total.win_rate), "%"),
            ("gross_pnl", total.gross_pnl, "quote"),
            ("fees", total.fees, "quote"),
            ("funding", total.funding, "quote"),
            ("net_pnl", total.net_pnl, "quote"),
            ("return", _percent(total.return_fraction), "%"),
            ("profit_factor", total.profit_factor, "ratio"),
            ("expectancy", total.expectancy, "quote"),
            ("max_drawdown", total.max_drawdown, "quote"),
        )
        for name, value, unit in numbers:
            if value is not None:
                yield self._line(f"fact.{name}", f"total.{name}", value, unit, trade_ids)

    def _groups(
        self, dimension: str, groups: Mapping[str, Summary], evidence: Mapping[tuple[str, str], Sequence[str]]
    ) -> Iterator[Fact]:
        label = self.texts.say(f"dimension.{dimension}")
        for name, summary in groups.items():
            shown = self.texts.name(dimension, name) if dimension in _NAMED else name
            numbers: tuple[tuple[str, float | None, Unit], ...] = (
                ("trades", summary.trades, "count"),
                ("net_pnl", summary.net_pnl, "quote"),
                ("win_rate", _percent(summary.win_rate), "%"),
            )
            for what, value, unit in numbers:
                if value is not None:
                    key, trade_ids = f"{dimension}.{name}.{what}", evidence[dimension, name]
                    yield self._line(f"fact.group.{what}", key, value, unit, trade_ids, dimension=label, name=shown)

    def _trades(self, key: str, trades: Sequence[TradeLine]) -> Iterator[Fact]:
        for rank, trade in enumerate(trades, start=1):
            side = self.texts.say(f"side.{trade.side}")
            exit_name = self.texts.name("exit_reason", trade.exit_reason)
            words = {"rank": rank, "trade": trade.id, "side": side, "exit": exit_name}
            yield self._line(f"fact.{key}", f"{key}.{rank}", trade.pnl, "quote", (trade.id,), **words)

    def _phases(self, facts: DayFacts) -> Iterator[Fact]:
        for number, phase in enumerate(facts.phases, start=1):
            start, end = (f"{moment.astimezone(self.zone):%m-%d %H:%M}" for moment in (phase.start, phase.end))
            regime = self.texts.name("regime", phase.regime)
            words = {"symbol": phase.symbol, "start": start, "end": end, "regime": regime}
            key = f"phase.{phase.symbol}.{number}"
            yield self._line("fact.phase", key, 100 * phase.return_fraction, "%", (), **words)

    def _missed(self, facts: DayFacts) -> Iterator[Fact]:
        missed = facts.missed
        if missed.signals:
            yield self._line("fact.missed_signals", "missed.signals", missed.signals, "count")
            yield self._line("fact.missed_paid", "missed.paid", missed.would_have_paid, "count")
            yield self._line("fact.missed_lost", "missed.lost", missed.would_have_lost, "count")
            yield self._line("fact.missed_undecided", "missed.undecided", missed.undecided, "count")
            yield self._line("fact.missed_net", "missed.net", 100 * missed.net_fraction, "%")

    def _quality(self, facts: DayFacts) -> Iterator[Fact]:
        yield self._line("fact.missing_minutes", "quality.missing_minutes", facts.quality.missing_minutes, "minutes")
        yield self._line("fact.zero_volume", "quality.zero_volume", facts.quality.zero_volume_minutes, "minutes")

    def _line(
        self, text: str, key: str, value: float, unit: Unit, trade_ids: Sequence[str] = (), **words: object
    ) -> Fact:
        return Fact("", self.texts.say(text, value=value, **words), float(value), unit, tuple(trade_ids), key)


def _percent(fraction: float | None) -> float | None:
    return None if fraction is None else 100 * fraction
