"""The one place where an error becomes an HTTP status and `{"error": {"code", "message", "field"}}`."""

import logging
import re
from collections.abc import Mapping
from datetime import timedelta
from http import HTTPStatus
from math import ceil
from typing import NoReturn

from flask import Flask, Response, jsonify, redirect, request
from pydantic import ValidationError
from werkzeug.exceptions import HTTPException, InternalServerError
from werkzeug.wrappers import Response as BaseResponse

from core import errors

log = logging.getLogger(__name__)


class Unauthorized(errors.TradeloopError):
    """This needs an API key or a session."""

    code = "unauthorized"
    who = "caller"


class TooMany(errors.TradeloopError):
    """You ask too often."""

    code = "too_many"
    permanent = False
    who = "caller"

    def __init__(self, message: str = "", *, retry_after: timedelta = timedelta(minutes=1)) -> None:
        super().__init__(message, remedy="Try again later.")
        self.retry_after = retry_after


STATUSES: Mapping[type[errors.TradeloopError], int] = {
    errors.TradeloopError: 500,
    Unauthorized: 401,
    TooMany: 429,
    errors.InvalidInput: 422,
    errors.UnknownName: 422,
    errors.OutOfBounds: 422,
    errors.NotFound: 404,
    errors.Conflict: 409,
    errors.DigestMoved: 409,
    errors.BaseMoved: 409,
    errors.IllegalMove: 409,
    errors.Forbidden: 403,
    errors.BadData: 500,
    errors.HomeInUse: 409,
    errors.BudgetExhausted: 429,
    errors.AnswerRejected: 502,
    errors.Unavailable: 503,
}


LONGEST_FIELD = 100


def status_of(error: errors.TradeloopError) -> int:
    """The status of the nearest mapped class of `error`."""
    return next(STATUSES[kind] for kind in type(error).__mro__ if kind in STATUSES)


def error_response(status: int, code: str, message: str, field: str | None = None) -> Response:
    response = jsonify(error={"code": code, "message": message, "field": field})
    response.status_code = status
    if status == HTTPStatus.UNAUTHORIZED:
        response.headers["WWW-Authenticate"] = 'Bearer realm="tradeloop"'
    if status == HTTPStatus.SERVICE_UNAVAILABLE:
        response.headers["Retry-After"] = "2"
    return response


def refuse_validation(error: ValidationError) -> NoReturn:
    """Raise the first finding of pydantic as our own error; the caller's value is never repeated."""
    first = error.errors(include_url=False, include_input=False, include_context=False)[0]
    place = ".".join(str(part) for part in first["loc"])[:LONGEST_FIELD]
    more = f" ({error.error_count() - 1} more.)" if error.error_count() > 1 else ""
    raise errors.InvalidInput(f"{place or 'body'}: {first['msg']}.{more}", field=place or None) from error


def register(app: Flask) -> None:
    """Make `app` answer every error as JSON."""
    app.register_error_handler(errors.TradeloopError, _tradeloop_error)
    app.register_error_handler(HTTPException, _http_error)


def _tradeloop_error(error: errors.TradeloopError) -> BaseResponse:
    if isinstance(error, Unauthorized) and "text/html" in request.headers.get("Accept", ""):
        return redirect("/login", HTTPStatus.SEE_OTHER)
    status = status_of(error)
    if status < HTTPStatus.INTERNAL_SERVER_ERROR:
        response = error_response(status, error.code, str(error), error.field)
        if isinstance(error, TooMany):
            response.headers["Retry-After"] = str(ceil(error.retry_after.total_seconds()))
        return response
    log.error("A request failed: %s", error, extra={"action": "api.failed", "code": error.code})
    return error_response(status, error.code, (type(error).__doc__ or "").strip())


def _http_error(error: HTTPException) -> Response:
    status = error.code or 500
    if isinstance(error, InternalServerError):
        return error_response(status, "internal", "Something went wrong here; the log has the details.")
    code = re.sub(r"\W+", "_", (error.name or "error").lower())
    response = error_response(status, code, error.description or error.name)
    for name, value in error.get_headers():
        if name.lower() not in {"content-type", "content-length"}:
            response.headers[name] = value
    return response
