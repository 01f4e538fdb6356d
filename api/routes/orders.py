"""Orders as the broker received them, and those that still rest."""

from collections.abc import Iterator

from flask import Response

from api.answers import answer, resource
from api.context import here
from api.models.journal import OrderOut, OrderPage, SpanQuery
from api.models.state import InstanceQuery, OpenOrderList, OpenOrderOut
from api.paging import decode, page_out
from api.routes.positions import holds
from core.trading import OrderKind
from storage.queries import api_journal, api_state
from storage.queries.api_pages import Row

api = resource("orders", "Orders; a refresh of quotes is not an order row, a filled quote is.")


@api.get("/api/orders", responses={200: OrderPage})
def list_orders(query: SpanQuery) -> Response:
    """Orders, newest first."""
    wanted = api_journal.Filter(query.start, query.end, {"instance_id": query.instance_id})
    after = decode(query.cursor, api_journal.EVENT_KEY)
    with here().stores.begin() as tx:
        page = api_journal.orders_page(tx.connection, wanted, after, query.limit)
    items = [OrderOut.model_validate(row) for row in page.rows]
    return answer(OrderPage.model_validate(page_out(page, items)))


@api.get("/api/orders/open", responses={200: OpenOrderList})
def open_orders(query: InstanceQuery) -> Response:
    """Orders that rest in the book now, as the runners last said."""
    with here().stores.begin() as tx:
        rows = api_state.instances(tx.connection, query.instance_id)
    items = [order for row in rows if holds(row) for order in _protection(row)]
    quotes = {row["id"]: row["summary"]["open_quotes"] for row in rows if row["summary"]}
    return answer(OpenOrderList(items=items, quotes=quotes))


def _protection(row: Row) -> Iterator[OpenOrderOut]:
    """The stop and the target that rest for an open position."""
    quantity = row["summary"]["quantity"]
    for kind in (OrderKind.STOP, OrderKind.TARGET):
        price = row["summary"][kind]
        if price is not None:
            yield OpenOrderOut(
                instance_id=row["id"],
                symbol=row["symbol"],
                side="sell" if quantity > 0 else "buy",
                kind=kind,
                quantity=abs(quantity),
                price=price,
            )
