"""Patterns in the trades, with their evidence."""

from flask import Response

from api.answers import answer, resource
from api.context import here
from api.models.loop import PatternOut, PatternPage, PatternQuery
from api.paging import decode, page_out
from storage.queries import api_loop

api = resource("patterns", "Rules found in the trades, and whether they held.")


@api.get("/api/patterns", responses={200: PatternPage})
def list_patterns(query: PatternQuery) -> Response:
    """Patterns, newest first."""
    after = decode(query.cursor, api_loop.NUMBERED_KEY)
    with here().stores.begin() as tx:
        page = api_loop.patterns_page(tx.connection, query.holds, after, query.limit)
    items = [PatternOut.model_validate(row) for row in page.rows]
    return answer(PatternPage.model_validate(page_out(page, items)))
