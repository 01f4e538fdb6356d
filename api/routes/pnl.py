"""Profit and loss per local day and instance."""

from datetime import date, timedelta

from flask import Response

from api.answers import answer, resource
from api.context import here
from api.models.state import PnlOut, PnlQuery, PnlRow
from core.clock import day_bounds, local_day
from core.errors import InvalidInput
from core.trading import MANUAL
from storage.queries import api_state

api = resource("pnl", "Profit and loss of closed trades.")

USUAL_DAYS = 30
LONGEST = timedelta(days=400)
FIRST_DAY, LAST_DAY = date(1971, 1, 1), date(2199, 12, 31)


@api.get("/api/pnl", responses={200: PnlOut})
def pnl(query: PnlQuery) -> Response:
    """Sums of the trades closed on each local day; both days included. The totals leave manual orders out."""
    context = here()
    zone = context.config.timezone
    first, last = _span(query, local_day(context.now(), zone))
    start, end = day_bounds(first, zone)[0], day_bounds(last, zone)[1]
    with context.stores.begin() as tx:
        rows = api_state.pnl_by_day(tx.connection, start, end, zone.key, query.instance_id)
    items = [PnlRow.model_validate(row) for row in rows]
    counted = [item for item in items if query.instance_id or item.instance_id != MANUAL]
    return answer(
        PnlOut(
            timezone=zone.key,
            start=first,
            end=last,
            trades=sum(item.trades for item in counted),
            fees=sum(item.fees for item in counted),
            funding=sum(item.funding for item in counted),
            net_pnl=sum(item.net_pnl for item in counted),
            items=items,
        )
    )


def _span(query: PnlQuery, today: date) -> tuple[date, date]:
    last = query.end or today
    if not FIRST_DAY < last < LAST_DAY:
        raise InvalidInput("That day is out of reach.", field="end")
    first = query.start or last - timedelta(days=USUAL_DAYS - 1)
    if not timedelta(0) <= last - first <= LONGEST:
        raise InvalidInput(
            "start must lie before end, at most 400 days.", field="start", remedy="Ask for a shorter span."
        )
    return first, last
