"""The user's five keys."""

from flask import Response

from api.answers import resource
from api.config import Language
from api.context import here
from api.models.loop import InsightsOut
from feedback.insights import current
from storage.queries.insight_marks import insight_marks
from storage.stores import Transaction

api = resource("insights", "What the loop found and suggests.")


@api.get("/api/ai-insights", responses={200: InsightsOut})
def insights() -> Response:
    """The latest analysis, suggested adjustments, patterns, warnings and prediction."""
    context = here()
    with context.stores.begin() as tx:
        text = context.insights.get(insight_marks(tx.connection), lambda: _made(tx, context.config.language))
    return Response(text, mimetype="application/json")


def _made(tx: Transaction, language: Language) -> str:
    return InsightsOut.model_validate(current(tx, language)).model_dump_json()
