"""Reviews of days, weeks and losses."""

from flask import Response

from api.answers import answer, resource
from api.context import here
from api.models.loop import ReviewOut, ReviewPage, ReviewQuery
from api.paging import decode, page_out
from storage.queries import api_loop

api = resource("reviews", "What was written about a day, a week or a loss.")


@api.get("/api/reviews", responses={200: ReviewPage})
def list_reviews(query: ReviewQuery) -> Response:
    """Reviews, newest first; each says who wrote it and whether its numbers match ours."""
    after = decode(query.cursor, api_loop.NUMBERED_KEY)
    with here().stores.begin() as tx:
        page = api_loop.reviews_page(tx.connection, query.kind, query.day, after, query.limit)
    items = [ReviewOut.model_validate(row) for row in page.rows]
    return answer(ReviewPage.model_validate(page_out(page, items)))
