"""Signals and what became of them: why it traded, and why it did not."""

from flask import Response

from api.answers import answer, resource
from api.context import here
from api.models.journal import DecisionOut, DecisionPage, DecisionQuery, SymbolPath
from api.paging import decode, page_out
from core.trading import DecisionKind, Fate
from storage.queries import api_journal

api = resource("decisions", "Every signal with its fate and reason.")


@api.get("/api/decisions", responses={200: DecisionPage})
def list_decisions(query: DecisionQuery) -> Response:
    """Decisions, newest first."""
    return _page(query, None)


@api.get("/api/decisions/<symbol>", responses={200: DecisionPage})
def decisions_of_symbol(path: SymbolPath, query: DecisionQuery) -> Response:
    """Decisions of the instances on one symbol, newest first."""
    return _page(query, path.symbol)


def _page(query: DecisionQuery, symbol: str | None) -> Response:
    equal = {
        "instance_id": query.instance_id,
        "fate": Fate[query.fate.upper()] if query.fate else None,
        "kind": DecisionKind[query.kind.upper()] if query.kind else None,
    }
    wanted = api_journal.Filter(query.start, query.end, equal)
    after = decode(query.cursor, api_journal.EVENT_KEY)
    with here().stores.begin() as tx:
        page = api_journal.decisions_page(tx.connection, wanted, after, query.limit, symbol)
    items = [DecisionOut.model_validate(row) for row in page.rows]
    return answer(DecisionPage.model_validate(page_out(page, items)))
