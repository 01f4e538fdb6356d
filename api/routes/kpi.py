"""The scorecard: only what is measured; what is not yet says why."""

from collections.abc import Iterator
from datetime import timedelta

from flask import Response

from api.answers import answer, resource
from api.context import here
from api.models.state import KpiList, KpiOut
from feedback.scorecard import Scorecard, scorecard
from storage.queries import api_counts

api = resource("kpi", "Key figures as measured.")

MONTH = timedelta(days=30)
WEEK = timedelta(days=7)

#: Name, unit, span and the reason why there is no figure yet.
NOT_MEASURED = (("advisor_latency", "ms", "7 days", "No advisor is asked before an order."),)


@api.get("/api/kpi", responses={200: KpiList})
def kpi() -> Response:
    """The user's key figures; null with a reason where nothing was measured."""
    return answer(KpiList(items=[*_measured(), *_unmeasured()]))


def _measured() -> Iterator[KpiOut]:
    context, now = here(), here().now()
    with context.stores.begin() as tx:
        models = api_counts.model_use(tx.connection, now - MONTH, now)
        trades = api_counts.trade_sum(tx.connection, now - WEEK, now)
        found, held = api_counts.patterns_found(tx.connection, now - WEEK)
        card = scorecard(tx, now)
    yield from _learned(card)
    yield KpiOut(name="model_cost", value=float(models.cost_usd), unit="USD", span="30 days")
    yield KpiOut(name="model_calls", value=models.calls, unit="count", span="30 days")
    yield KpiOut(name="trades", value=trades.trades, unit="count", span="7 days")
    yield KpiOut(
        name="net_pnl",
        value=float(trades.pnl) if trades.trades else None,
        unit="quote",
        reason=None if trades.trades else "No trade was closed.",
        span="7 days",
    )
    yield KpiOut(
        name="patterns_that_held",
        value=held if found else None,
        unit="count",
        reason=None if found else "No pattern was searched for.",
        span="7 days",
    )


def _learned(card: Scorecard) -> Iterator[KpiOut]:
    """Whether the changes helped, from the twins."""
    yield KpiOut(
        name="applied_changes_that_helped",
        value=card.applied.share,
        unit="share",
        reason=None if card.applied.judged else "No applied change has 84 paired days beside its twin.",
        span="84 days each",
    )
    yield KpiOut(
        name="improvement_per_week",
        value=card.uplift_per_week,
        unit="share of capital",
        reason=None if card.uplift_per_week is not None else "No twin of the first parameters has a paired week.",
        span="since the first twin",
    )


def _unmeasured() -> Iterator[KpiOut]:
    for name, unit, span, reason in NOT_MEASURED:
        yield KpiOut(name=name, value=None, unit=unit, span=span, reason=reason)
