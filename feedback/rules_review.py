"""A review written by rules: the same shape as a model's, every number of it a fact that it cites."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from core.facts import DayFacts, Fact, Summary, TradeLine
from feedback.llm.answers import Item, ReviewAnswer
from feedback.texts import Texts

#: The dimensions in which gains and losses are looked for, in the order in which they are told.
_TOLD = ("instance", "exit_reason", "regime", "hour")
_NAMED = {"exit_reason", "regime"}


@dataclass(frozen=True, slots=True)
class RulesWriter:
    """Writes the review of `facts` for these instances."""

    facts: DayFacts
    instances: Sequence[str]
    texts: Texts

    def review(self) -> ReviewAnswer:
        """The whole review."""
        return ReviewAnswer(
            summary=[*self._summary(), self._item("review.by_rules")],
            success_factors=[*self._groups(gains=True), *self._trade("best")],
            failure_factors=[*self._groups(gains=False), *self._trade("worst")],
            strategy_evaluation={name: [self._instance(name)] for name in self.instances},
            missed_opportunities=list(self._missed()),
            tomorrow=list(self._markets()),
            risk_improvements=list(self._risks()),
        )

    def _summary(self) -> Iterator[Item]:
        total = self.facts.total
        if not self.facts.judgeable:
            yield self._item("review.unjudgeable", reason=" ".join(self.facts.quality_reasons)[:1000])
        if not total.trades:
            yield self._item("review.summary.quiet", "total.trades")
            return
        cited = ("total.trades", "total.net_pnl", "total.win_rate")
        words = {"trades": total.trades, "net": total.net_pnl, "win_rate": 100 * (total.win_rate or 0)}
        yield self._item("review.summary", *cited, **words)
        if total.net_pnl < 0 < total.gross_pnl:
            yield self._item(
                "review.fees_turned", "total.gross_pnl", "total.fees", gross=total.gross_pnl, fees=total.fees
            )

    def _groups(self, *, gains: bool) -> Iterator[Item]:
        """The group of each dimension that earned (or lost) the most, where a dimension has more than one."""
        for dimension in _TOLD:
            groups = self.facts.groups.get(dimension, {})
            ranked = sorted(groups.items(), key=lambda item: item[1].net_pnl, reverse=gains)
            if len(ranked) > 1 and (ranked[0][1].net_pnl > 0 if gains else ranked[0][1].net_pnl < 0):
                yield self._group(dimension, *ranked[0])

    def _group(self, dimension: str, name: str, summary: Summary) -> Item:
        return self._item(
            "review.group.gain" if summary.net_pnl > 0 else "review.group.loss",
            f"{dimension}.{name}.net_pnl",
            f"{dimension}.{name}.trades",
            dimension=self.texts.say(f"dimension.{dimension}"),
            name=self.texts.name(dimension, name) if dimension in _NAMED else name,
            net=summary.net_pnl,
            trades=summary.trades,
        )

    def _trade(self, end: str) -> Iterator[Item]:
        trades: Mapping[str, Sequence[TradeLine]] = {"best": self.facts.best, "worst": self.facts.worst}
        for trade in trades[end][:1]:
            if (trade.pnl > 0) == (end == "best"):
                exit_name = self.texts.name("exit_reason", trade.exit_reason)
                yield self._item(f"review.{end}", f"{end}.1", trade=trade.id, pnl=trade.pnl, exit=exit_name)

    def _instance(self, name: str) -> Item:
        summary = self.facts.groups.get("instance", {}).get(name)
        if summary is None:
            return self._item("review.instance.idle")
        cited = [f"instance.{name}.{what}" for what in ("net_pnl", "trades", "win_rate")]
        words = {"net": summary.net_pnl, "trades": summary.trades, "win_rate": 100 * (summary.win_rate or 0)}
        return self._item("review.instance", *cited, **words)

    def _missed(self) -> Iterator[Item]:
        missed = self.facts.missed
        if not missed.signals:
            yield self._item("review.missed.none")
            return
        yield self._item(
            "review.missed",
            *(f"missed.{what}" for what in ("signals", "paid", "lost", "undecided", "net")),
            signals=missed.signals,
            paid=missed.would_have_paid,
            lost=missed.would_have_lost,
            undecided=missed.undecided,
            net=100 * missed.net_fraction,
        )
        reason = max(missed.by_reason, key=lambda name: missed.by_reason[name])
        yield self._item("review.missed.reason", reason=self.texts.name("refusal", reason))

    def _markets(self) -> Iterator[Item]:
        """How each symbol's day ended: what the next one begins with."""
        last = {phase.symbol: (number, phase) for number, phase in enumerate(self.facts.phases, start=1)}
        for symbol, (number, phase) in list(last.items())[:10]:
            regime = self.texts.name("regime", phase.regime)
            yield self._item("tomorrow.market", f"phase.{symbol}.{number}", symbol=symbol, regime=regime)

    def _risks(self) -> Iterator[Item]:
        total, stops = self.facts.total, self.facts.groups.get("exit_reason", {}).get("stop")
        if total.max_drawdown and total.net_pnl < 0:
            yield self._item("review.drawdown", "total.max_drawdown", drawdown=total.max_drawdown)
        if stops and stops.net_pnl < 0 and 2 * stops.trades > total.trades:
            cited = ("exit_reason.stop.trades", "exit_reason.stop.net_pnl")
            yield self._item("review.stops", *cited, trades=stops.trades, net=stops.net_pnl)
        losers = {name: group for name, group in self.facts.groups.get("instance", {}).items() if group.net_pnl < 0}
        if len(losers) > 1:
            name, group = min(losers.items(), key=lambda item: item[1].net_pnl)
            yield self._item("review.concentration", f"instance.{name}.net_pnl", name=name, net=group.net_pnl)

    def _item(self, text: str, *keys: str, **words: object) -> Item:
        by_key: dict[str, Fact] = {fact.key: fact for fact in self.facts.facts}
        cited = [by_key[key].id for key in keys if key in by_key]
        return Item(text=self.texts.say(text, **words), facts=cited)
