"""One JSON POST that ends at its wall-clock deadline.

A read timeout bounds the silence between two chunks, and a queueing provider breaks that silence with blank lines
for as long as it likes. Only a deadline over the whole exchange stops it: the request runs in an event loop of its
own, which cancels it and closes the connection.
"""

import asyncio
import json
import time
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from ssl import SSLContext
from typing import Any

import httpx

from feedback.llm.client import CallFailed

CONNECT_S = 10.0
SILENCE_S = 60.0
MAX_BODY_BYTES = 4_000_000


@dataclass(frozen=True, slots=True)
class Reply:
    """An HTTP answer as it came, of any status."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    latency_ms: int

    def document(self) -> dict[str, Any]:
        """The body as a JSON object; raises ValueError when it is not one."""
        try:
            document = json.loads(self.body)
        except RecursionError:
            raise ValueError("The body is nested too deeply.") from None
        if not isinstance(document, dict):
            raise ValueError("The body is not a JSON object.")  # noqa: TRY004 (one error for all bad bodies)
        return document


def post(url: str, headers: Mapping[str, str], body: Mapping[str, Any], deadline_s: float) -> Reply:
    """POST `body` as JSON to `url`. Must not be called from a running event loop.

    Raises CallFailed: `deadline`, `silence`, `connect`, `broken` (the connection ended early) or `body_too_large`.
    """
    started = time.monotonic()

    def failed(reason: str, *, retryable: bool, billed: bool) -> CallFailed:
        return CallFailed(reason, retryable=retryable, billed=billed, latency_ms=_since(started))

    try:
        status, answered, content = asyncio.run(_exchange(url, headers, body, deadline_s))
    except TimeoutError:
        raise failed("deadline", retryable=False, billed=True) from None
    except (httpx.ConnectError, httpx.ConnectTimeout) as error:
        raise failed("connect", retryable=True, billed=False) from error
    except httpx.TimeoutException as error:
        raise failed("silence", retryable=True, billed=True) from error
    except httpx.InvalidURL as error:
        raise failed("invalid_url", retryable=False, billed=False) from error
    except httpx.RequestError as error:
        raise failed("broken", retryable=True, billed=True) from error
    return Reply(status, answered, content, _since(started))


async def _exchange(
    url: str, headers: Mapping[str, str], body: Mapping[str, Any], deadline_s: float
) -> tuple[int, Mapping[str, str], bytes]:
    timeout = httpx.Timeout(SILENCE_S, connect=CONNECT_S)
    async with (
        asyncio.timeout(deadline_s),
        httpx.AsyncClient(timeout=timeout, verify=_tls(), trust_env=False) as http,
        http.stream("POST", url, headers=dict(headers), json=body) as response,
    ):
        return response.status_code, response.headers, await _bounded(response)


async def _bounded(response: httpx.Response) -> bytes:
    content = bytearray()
    async for chunk in response.aiter_bytes():
        content += chunk
        if len(content) > MAX_BODY_BYTES:
            raise CallFailed("body_too_large", http_status=response.status_code, billed=True)
    return bytes(content)


@cache
def _tls() -> SSLContext:
    """The trusted certificates, read once: that takes longer than a request on loopback."""
    return httpx.create_ssl_context(trust_env=False)


def _since(started: float) -> int:
    return round((time.monotonic() - started) * 1000)
