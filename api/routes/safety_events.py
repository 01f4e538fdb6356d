"""Incidents, from their first sign to their end."""

from flask import Response

from api.answers import answer, resource
from api.context import here
from api.models.loop import SafetyEventOut, SafetyPage, SafetyQuery
from api.paging import decode, page_out
from storage.queries import api_loop

api = resource("safety events", "Warnings and incidents.")


@api.get("/api/safety-events", responses={200: SafetyPage})
def list_safety_events(query: SafetyQuery) -> Response:
    """Incidents, newest first; `open=true` keeps those that last."""
    after = decode(query.cursor, api_loop.NUMBERED_KEY)
    with here().stores.begin() as tx:
        page = api_loop.safety_page(tx.connection, query.open, after, query.limit)
    items = [SafetyEventOut.model_validate(row) for row in page.rows]
    return answer(SafetyPage.model_validate(page_out(page, items)))
