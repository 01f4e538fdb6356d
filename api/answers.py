"""How routes answer: a model becomes JSON, a page becomes items and the way on."""

from typing import Any

from flask import Response, request
from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models.tag import Tag
from pydantic import BaseModel

from api.models.base import ErrorOut

ERRORS: dict[str | int, Any] = dict.fromkeys((400, 401, 403, 404, 409, 413, 415, 422, 429, 500, 503), ErrorOut)


def revalidate(response: Response) -> Response:
    """Give readings an ETag, so that what has not changed is answered with 304 and no body."""
    if request.method in ("GET", "HEAD") and response.status_code == 200 and response.mimetype == "application/json":
        response.add_etag()
        response.make_conditional(request)
    return response


def answer(model: BaseModel, status: int = 200) -> Response:
    return Response(model.model_dump_json(by_alias=True), status=status, mimetype="application/json")


def resource(name: str, text: str) -> APIBlueprint:
    """A blueprint for one resource: keys or sessions, errors as JSON, its own heading in the OpenAPI document."""
    return APIBlueprint(
        name,
        __name__,
        abp_tags=[Tag(name=name, description=text)],
        abp_security=[{"key": []}, {"session": []}],
        abp_responses=ERRORS,
    )
