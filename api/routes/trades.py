"""Closed trades: read them, or journal those of bots that run elsewhere."""

from flask import Response

from api import ingest
from api.answers import answer, resource
from api.auth.principal import principal
from api.context import here
from api.models.journal import TradeDetail, TradeIn, TradeOut, TradePage, TradePath, TradeQuery, TradeStored
from api.paging import decode, page_out
from core.errors import NotFound
from core.trading import ExitReason, Side
from storage.queries import api_journal

api = resource("trades", "Closed round trips with everything that was known around them.")

SIDES = {"long": Side.BUY, "short": Side.SELL}
LARGEST_SEQ = 2**63 - 1


@api.get("/api/trades", responses={200: TradePage})
def list_trades(query: TradeQuery) -> Response:
    """Trades, newest first; `start` and `end` cut by the time they were closed."""
    after = decode(query.cursor, api_journal.TRADE_KEY)
    with here().stores.begin() as tx:
        page = api_journal.trades_page(tx.connection, _filter(query), after, query.limit)
    items = [TradeOut.model_validate(row) for row in page.rows]
    return answer(TradePage.model_validate(page_out(page, items)))


@api.get("/api/trades/<trade_id>", responses={200: TradeDetail})
def one_trade(path: TradePath) -> Response:
    """One trade with its context at entry and exit (in the URL its `#` is written %23)."""
    instance_id, _, number = path.trade_id.rpartition("#")
    row = None
    if number.isascii() and number.isdigit() and int(number) <= LARGEST_SEQ:
        with here().stores.begin() as tx:
            row = api_journal.trade(tx.connection, instance_id, int(number))
    if row is None:
        raise NotFound(f"There is no trade {path.trade_id}.", field="trade_id")
    return answer(TradeDetail.model_validate(row))


@api.post("/api/trades", responses={201: TradeStored, 200: TradeStored})
def add_trade(body: TradeIn) -> Response:
    """Journal a closed trade; sending the same client_trade_id again changes nothing."""
    trade_id, stored = ingest.store(here(), body, principal().actor)
    return answer(TradeStored(id=trade_id, stored=stored), 201 if stored else 200)


def _filter(query: TradeQuery) -> api_journal.Filter:
    equal = {
        "instance_id": query.instance_id,
        "strategy": query.strategy,
        "symbol": query.symbol,
        "side": SIDES[query.side] if query.side else None,
        "regime": query.regime,
        "exit_reason": ExitReason[query.exit_reason.upper()] if query.exit_reason else None,
        "entry_version": query.version,
    }
    return api_journal.Filter(query.start, query.end, equal)
