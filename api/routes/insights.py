"""The user's five keys."""

from flask import Response

from api.answers import answer, resource
from api.context import here
from api.models.loop import InsightsOut
from feedback.insights import current

api = resource("insights", "What the loop found and suggests.")


@api.get("/api/ai-insights", responses={200: InsightsOut})
def insights() -> Response:
    """The latest analysis, suggested adjustments, patterns, warnings and prediction."""
    context = here()
    with context.stores.begin() as tx:
        return answer(InsightsOut.model_validate(current(tx, context.config.language)))
