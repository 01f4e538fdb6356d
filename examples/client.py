"""A small client of Tradeloop's API: `pip install httpx`, then copy this file. It uses nothing but HTTP.

with Tradeloop("http://127.0.0.1:8000", key) as tradeloop:
    for proposal in tradeloop.proposals(status="awaiting_review"):
        tradeloop.approve(proposal, note="Looks right.")
    print(tradeloop.outcome(tradeloop.buy("binance_usdm", "BTCUSDT", "0.01")))
"""

import time
from collections.abc import Iterator, Mapping
from types import TracebackType
from typing import Any, Self
from uuid import uuid4

import httpx

Document = Mapping[str, Any]

#: What may be tried again: too many requests, or a store that did not answer.
PASSING = frozenset({429, 503})
TRIES = 4


class TradeloopError(Exception):
    """What the API refused: `status` and `code` are stable, the message says what to do."""

    def __init__(self, status: int, code: str, message: str, field: str | None) -> None:
        super().__init__(message)
        self.status, self.code, self.field = status, code, field


class Tradeloop:
    """One connection with one key. Safe to repeat: every write carries an idempotency key of its own."""

    def __init__(self, url: str, key: str, *, transport: httpx.BaseTransport | None = None) -> None:
        carried = {"Authorization": f"Bearer {key}"}
        self._http = httpx.Client(base_url=url, headers=carried, transport=transport, timeout=30.0)
        self._known: dict[str, tuple[str, Document]] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._http.close()

    def insights(self) -> Document:
        """latest_analysis, suggested_adjustments, pattern_alerts, risk_warnings and performance_prediction."""
        return self._read("/api/ai-insights")

    def status(self) -> Document:
        """What runs, what waits, and whether the kill switch is on."""
        return self._read("/api/status")

    def strategies(self) -> list[Document]:
        """Instances with the version they were given and the one they say they run."""
        return list(self._read("/api/strategies")["items"])

    def proposals(self, **filters: str) -> Iterator[Document]:
        """Proposals, newest first; filter by `status` and `instance_id`."""
        return self._pages("/api/proposals", filters)

    def trades(self, **filters: str) -> Iterator[Document]:
        """Closed trades, newest first; filter by `instance_id`, `symbol`, `start`, `end` and others."""
        return self._pages("/api/trades", filters)

    def approve(self, proposal: Document, note: str = "") -> Document:
        """Apply exactly the diff that `proposal` shows; TradeloopError 409 when it has moved on."""
        return self._decide("approve", proposal, note)

    def decline(self, proposal: Document, note: str = "") -> Document:
        return self._decide("decline", proposal, note)

    def change(self, instance_id: str, values: Mapping[str, float], reason: str) -> Document:
        """Enter an own change: it becomes a proposal that the gate judges."""
        return self._write(f"/api/strategies/{instance_id}/parameters", {"values": dict(values), "reason": reason})

    def roll_back(self, instance_id: str, to_version: int, note: str = "") -> Document:
        return self._write(f"/api/strategies/{instance_id}/rollback", {"to_version": to_version, "note": note})

    def start(self, instance_id: str | None = None) -> Document:
        """Start one instance, or all of them, on paper; answers with a command."""
        return self._write("/api/trading/start", {"mode": "paper", "instance_id": instance_id})

    def stop(self, instance_id: str | None = None, note: str = "") -> Document:
        return self._write("/api/trading/stop", {"instance_id": instance_id, "note": note})

    def buy(self, venue: str, symbol: str, quantity: str) -> Document:
        """Buy by hand, on paper; answers with a command."""
        return self._write("/api/orders/manual-buy", {"venue": venue, "symbol": symbol, "quantity": quantity})

    def sell(self, venue: str, symbol: str, quantity: str) -> Document:
        return self._write("/api/orders/manual-sell", {"venue": venue, "symbol": symbol, "quantity": quantity})

    def outcome(self, command: Document, timeout: float = 180.0) -> Document:
        """Wait until the trader has answered a command; TimeoutError if it does not."""
        end = time.monotonic() + timeout
        while (found := self._read(str(command["url"])))["status"] not in ("done", "failed"):
            if time.monotonic() > end:
                raise TimeoutError(f"Command {command['id']} is still {found['status']}.")
            time.sleep(1.0)
        return found

    def journal(self, trade: Document) -> str:
        """Journal a closed trade of a bot that runs elsewhere; its id here. Sending it again changes nothing."""
        return str(self._write("/api/trades", trade)["id"])

    def feedback(self, text: str, instance_id: str | None = None) -> str:
        """Leave a note for the next review; its id."""
        return str(self._write("/api/ai-feedback", {"text": text, "instance_id": instance_id})["id"])

    def pull_kill_switch(self, reason: str, *, flatten: bool = False) -> Document:
        """Stop all entries at once; every key may."""
        return self._write("/api/kill-switch/activate", {"reason": reason, "flatten": flatten})

    def release_kill_switch(self) -> Document:
        return self._write("/api/kill-switch/deactivate", {"confirm": "deactivate"})

    def _decide(self, action: str, proposal: Document, note: str) -> Document:
        return self._write(f"/api/proposals/{proposal['id']}/{action}", {"digest": proposal["digest"], "note": note})

    def _pages(self, path: str, filters: Mapping[str, str]) -> Iterator[Document]:
        query = dict(filters)
        while True:
            page = self._read(path, query)
            yield from page["items"]
            if page["next"] is None:
                return
            query["cursor"] = page["next"]

    def _read(self, path: str, query: Mapping[str, str] | None = None) -> Document:
        """A reading; what has not changed since the last time is not sent again (ETag, 304)."""
        request = self._http.build_request("GET", path, params=dict(query or {}))
        tag, known = self._known.get(str(request.url), ("", {}))
        if tag:
            request.headers["If-None-Match"] = tag
        answered = self._send(request)
        if answered.status_code == 304:
            return known
        found: Document = answered.json()
        if "ETag" in answered.headers and not query:
            self._known[str(request.url)] = (answered.headers["ETag"], found)
        return found

    def _write(self, path: str, body: Document) -> Document:
        headers = {"Idempotency-Key": str(uuid4())}
        made: Document = self._send(self._http.build_request("POST", path, json=dict(body), headers=headers)).json()
        return made

    def _send(self, request: httpx.Request) -> httpx.Response:
        for wait in range(TRIES):
            answered = self._http.send(request)
            if answered.status_code not in PASSING or wait == TRIES - 1:
                break
            time.sleep(float(answered.headers.get("Retry-After", 2**wait)))
        if answered.is_error:
            error = answered.json()["error"]
            raise TradeloopError(answered.status_code, error["code"], error["message"], error["field"])
        return answered
