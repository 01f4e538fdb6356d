"""One request and its answer in a provider's shape: statuses and bad bodies become typed failures here."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Generic, TypeVar

from pydantic import BaseModel, Field, ValidationError

from feedback.llm.client import CallFailed
from feedback.llm.post import Reply, post

Body = TypeVar("Body", bound=BaseModel)
#: A count of tokens as a provider states it; what no store can hold is no count.
Tokens = Annotated[int, Field(ge=0, le=2_000_000_000)]

_REASONS = {
    400: "bad_request",
    401: "bad_key",
    402: "no_balance",
    403: "forbidden",
    404: "not_found",
    413: "request_too_large",
    422: "bad_parameters",
    429: "rate_limited",
    503: "overloaded",
    529: "overloaded",
}
_RETRYABLE_4XX = {408, 409, 429}
#: A spending limit that the account's owner set answers 429 too, and waiting does not lift it.
_FINAL_429 = b"enforced_spend_limit_reached"


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where requests go; `trace_header` names the response header that carries the provider's request id."""

    url: str
    headers: Mapping[str, str]
    trace_header: str


@dataclass(frozen=True, slots=True)
class Exchanged(Generic[Body]):
    """The body of a 200 in its documented shape."""

    body: Body
    latency_ms: int
    trace_id: str


def exchange(endpoint: Endpoint, body: Mapping[str, Any], deadline_s: float, shape: type[Body]) -> Exchanged[Body]:
    """Send `body` and read the answer as `shape`; raises CallFailed."""
    reply = post(endpoint.url, endpoint.headers, body, deadline_s)
    trace_id = reply.headers.get(endpoint.trace_header, "")
    if reply.status != 200:
        raise _failure(reply, trace_id)
    try:
        return Exchanged(shape.model_validate(reply.document()), reply.latency_ms, trace_id)
    except (ValueError, ValidationError) as error:
        raise CallFailed(
            "malformed_body",
            http_status=reply.status,
            retryable=True,
            billed=True,
            latency_ms=reply.latency_ms,
            trace_id=trace_id,
        ) from error


def _failure(reply: Reply, trace_id: str) -> CallFailed:
    retryable = reply.status >= 500 or (reply.status in _RETRYABLE_4XX and _FINAL_429 not in reply.body)
    return CallFailed(
        _REASONS.get(reply.status, f"http_{reply.status}"),
        f"The language-model provider answered HTTP {reply.status}.",
        http_status=reply.status,
        retryable=retryable,
        retry_after_s=_retry_after(reply),
        latency_ms=reply.latency_ms,
        trace_id=trace_id,
    )


def _retry_after(reply: Reply) -> float | None:
    value = reply.headers.get("retry-after", "").strip()
    return float(value) if value.isascii() and value.isdigit() and len(value) < 7 else None
