"""HTTP statuses of language-model providers as typed failures: which may be retried, and when."""

from feedback.llm.client import CallFailed
from feedback.llm.post import Reply

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


def failure_of(reply: Reply, trace_id: str) -> CallFailed | None:
    """The failure that the status of `reply` means, or None for 200."""
    if reply.status == 200:
        return None
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


def malformed(reply: Reply, trace_id: str) -> CallFailed:
    """A 200 whose body is not the documented shape: seen under load, and charged for all the same."""
    return CallFailed(
        "malformed_body",
        http_status=reply.status,
        retryable=True,
        billed=True,
        latency_ms=reply.latency_ms,
        trace_id=trace_id,
    )


def _retry_after(reply: Reply) -> float | None:
    value = reply.headers.get("retry-after", "").strip()
    return float(value) if value.isascii() and value.isdigit() and len(value) < 7 else None
