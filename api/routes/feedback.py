"""People's notes for the next review."""

from flask import Response

from api.answers import answer, resource
from api.auth.principal import principal
from api.context import here
from api.models.base import PageQuery
from api.models.loop import FeedbackBody, FeedbackOut, FeedbackPage, FeedbackStored
from api.notes import add_note
from api.paging import decode, page_out
from storage.queries import api_loop

api = resource("feedback", "Notes of people, read by the next review.")


@api.post("/api/ai-feedback", responses={202: FeedbackStored})
def add_feedback(body: FeedbackBody) -> Response:
    """Store a note before answering; the next review quotes it with this id and says what it changed."""
    note = add_note(
        here(),
        principal().actor,
        body.text,
        instance_id=body.instance_id,
        trade_id=body.trade_id,
        expires_at=body.expires_at,
    )
    return answer(FeedbackStored(id=note.id), 202)


@api.get("/api/ai-feedback", responses={200: FeedbackPage})
def list_feedback(query: PageQuery) -> Response:
    """Notes, newest first, with the reviews that read them."""
    with here().stores.begin() as tx:
        page = api_loop.feedback_page(tx.connection, decode(query.cursor, api_loop.FEEDBACK_KEY), query.limit)
    items = [FeedbackOut.model_validate(row) for row in page.rows]
    return answer(FeedbackPage.model_validate(page_out(page, items)))
