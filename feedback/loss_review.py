"""The loss review: the worst losing trades of the last hours, explained in one batched call; the lessons join the
next review. Without a model, or without a loss, there is nothing to do. Its budget is its own."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from core.clock import MINUTE_MS, local_day
from core.facts import Fact
from core.learning import Review
from core.market import Bars
from feedback.llm.answers import LossReviewAnswer
from feedback.llm.loss_review import LosingTrade, loss_review_request, losses_validator
from feedback.llm.reconcile import check_losses
from feedback.llm.session import ask
from feedback.loop import Loop
from storage.llm_ledger import LlmLedger
from storage.queries.losses import LostTrade, reviewed_losses, worst_losses
from storage.stores import Transaction

WINDOW = timedelta(hours=10)
BATCH = 8
#: Bars shown before the entry and after the exit.
AROUND = timedelta(minutes=10)
MAX_BARS = 40


def run(loop: Loop, at: datetime) -> str:
    """Explain what has been lost since the last look; returns one line that says what was done."""
    if not loop.model.configured:
        return "no language model"
    with loop.stores.begin() as tx:
        reviewed = reviewed_losses(tx.connection, at - 2 * WINDOW)
        lost = worst_losses(tx.connection, at - WINDOW, at, reviewed, BATCH)
        told = _numbered([_facts(trade, _bars(tx, trade, at)) for trade in lost])
    if not lost:
        return "no losing trade to look at"
    return _review(loop, at, lost, told)


def _review(loop: Loop, at: datetime, lost: Sequence[LostTrade], told: Sequence[LosingTrade]) -> str:
    request = loss_review_request(told, f"loss_review {at:%Y-%m-%dT%H:%M}", loop.language)
    outcome = ask(
        loop.model.client,
        LlmLedger(loop.stores),
        loop.model.budget,
        request,
        losses_validator(told),
        repair=True,
        pause=loop.model.pause,
    )
    if outcome.value is None:
        return f"{len(lost)} losing trades wait: {outcome.status}"
    facts = [fact for trade in told for fact in trade.facts]
    checked = check_losses(outcome.value, facts)
    review = Review(
        kind="loss",
        day=local_day(at, loop.zone),
        at=at,
        origin="llm",
        content={"losses": _by_trade_id(outcome.value, lost)},
        facts={"trades": [trade.line.id for trade in lost], "lines": [fact.line for fact in facts]},
        reconciled=checked.reconciles,
        discrepancies=checked.discrepancies,
        llm_call_ids=outcome.call_ids,
    )
    with loop.stores.begin() as tx:
        tx.reviews.add(review)
    return f"{len(lost)} losing trades explained"


def _by_trade_id(answer: LossReviewAnswer, lost: Sequence[LostTrade]) -> list[dict[str, object]]:
    """The losses with the journal's ids in place of the labels of the prompt."""
    ids = {_label(number): trade.line.id for number, trade in enumerate(lost)}
    return [{**loss.model_dump(), "trade": ids[loss.trade]} for loss in answer.losses]


def _label(number: int) -> str:
    return f"T{number + 1}"


def _numbered(trades: Sequence[Sequence[Fact]]) -> list[LosingTrade]:
    """Facts with ids that are unique in the batch."""
    told, count = [], 0
    for number, facts in enumerate(trades):
        named = [
            Fact(f"F{count + place}", f.text, f.value, f.unit, f.trade_ids, f.key) for place, f in enumerate(facts, 1)
        ]
        told.append(LosingTrade(_label(number), named))
        count += len(facts)
    return told


def _facts(trade: LostTrade, bars: Bars) -> list[Fact]:
    """What is known of one losing trade, in plain English terms: the prompt's language is the answer's alone."""
    line, ids = trade.line, (trade.line.id,)
    facts = [
        Fact("", f"{line.instance_id} {line.side}, P&L after fees {line.pnl:+,.2f}", line.pnl, "quote", ids),
        Fact("", f"entry price {line.entry_price:g}", line.entry_price, "price", ids),
        Fact("", f"exit price {line.exit_price:g} ({line.exit_reason})", line.exit_price, "price", ids),
        Fact("", f"held {trade.bars_held} minutes", float(trade.bars_held), "minutes", ids),
        Fact("", f"fees {line.fees:,.2f}", line.fees, "quote", ids),
        Fact("", f"largest move against it {100 * trade.mae:.2f} %", 100 * trade.mae, "%", ids),
        Fact("", f"largest move in its favour {100 * trade.mfe:.2f} %", 100 * trade.mfe, "%", ids),
        Fact("", f"signal strength {trade.strength:.2f} of its threshold", trade.strength, "ratio", ids),
        Fact("", f"market regime at entry: {line.regime}", None, "", ids),
    ]
    return facts + [Fact("", text, None, "", ids) for text in _bar_lines(bars)]


def _bar_lines(bars: Bars) -> list[str]:
    """Closes around the trade, thinned to MAX_BARS, in rows of ten."""
    if not len(bars):
        return ["bars around it: none stored"]
    step = -(-len(bars) // MAX_BARS)
    closes = [f"{close:g}" for close in bars.close[::step]]
    rows = [" ".join(closes[start : start + 10]) for start in range(0, len(closes), 10)]
    return [f"closes every {step} min from {AROUND // timedelta(minutes=1)} min before entry: {row}" for row in rows]


def _bars(tx: Transaction, trade: LostTrade, at: datetime) -> Bars:
    until = min(trade.line.closed_at + AROUND, at)
    return tx.bars.load(trade.venue, trade.line.symbol, MINUTE_MS, trade.line.opened_at - AROUND, until)
