"""Figures for Prometheus."""

from flask import Response

from api import exposition
from api.answers import resource
from api.context import here

api = resource("metrics", "Figures for Prometheus.")


@api.get("/metrics", responses={200: {"content": {"text/plain": {"schema": {"type": "string"}}}}})
def metrics() -> Response:
    """Trading, loop, jobs, model cost and backlog in the text format of Prometheus."""
    return Response(exposition.render(here()), content_type=exposition.CONTENT_TYPE)
