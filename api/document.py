"""What the OpenAPI document says beyond the models: examples, 304 on readings, the key for sending again on writes."""

from collections.abc import Mapping
from typing import Any

from api.auth.access import ALWAYS_TAKEN
from api.idempotency import HEADER

BTC = "momentum_scalping.BTCUSDT"
_DIGEST = "5f70bf18a086007016e948b04aed3b82103a36bea41755b6cddfaf10ace3c6ef"
_ORDER = {"venue": "binance_usdm", "symbol": "BTCUSDT", "quantity": "0.01", "note": "By hand."}
_DECISION = {"digest": _DIGEST, "note": "Looks right to me."}

#: A body for every write that takes one.
EXAMPLES: Mapping[str, Mapping[str, Any]] = {
    "/api/auth/login": {"password": "correct horse battery staple"},
    "/api/ai-feedback": {"text": "Too many entries in the last hour of the day.", "instance_id": BTC},
    "/api/proposals/{proposal_id}/approve": _DECISION,
    "/api/proposals/{proposal_id}/decline": _DECISION,
    "/api/proposals/{proposal_id}/override": _DECISION,
    "/api/strategies/{instance_id}/parameters": {"values": {"stop_loss": 0.012}, "reason": "Room for the noise."},
    "/api/strategies/{instance_id}/rollback": {"to_version": 1, "note": "It lost more."},
    "/api/strategies/{instance_id}/policy": {"policy": "review"},
    "/api/trading/start": {"mode": "paper", "instance_id": BTC},
    "/api/trading/stop": {"instance_id": BTC, "note": "Maintenance."},
    "/api/orders/manual-buy": _ORDER,
    "/api/orders/manual-sell": _ORDER,
    "/api/kill-switch/activate": {"reason": "The feed looks wrong.", "flatten": False},
    "/api/kill-switch/deactivate": {"confirm": "deactivate", "note": "The feed is back."},
    "/api/trades": {
        "client_trade_id": "bot-7/1",
        "instance_id": "elsewhere.bot7",
        "strategy": "grid",
        "venue": "binance_usdm",
        "symbol": "BTCUSDT",
        "side": "short",
        "quantity": "0.5",
        "entry_price": "100",
        "exit_price": "90",
        "opened_at": "2026-11-02T00:00:00Z",
        "closed_at": "2026-11-02T01:00:00Z",
        "fees": "0.25",
    },
}

_SEND_AGAIN = {
    "name": HEADER,
    "in": "header",
    "required": False,
    "description": "For a day, the same key with the same request gets the first answer again.",
    "schema": {"type": "string", "minLength": 1, "maxLength": 128, "pattern": r"^[\x21-\x7e]+$"},
}
_UNCHANGED = {"description": "Nothing has changed since the answer whose ETag was sent as If-None-Match."}


def completed(document: dict[str, Any]) -> dict[str, Any]:
    """The document with all of it; changed in place."""
    for path, operations in document["paths"].items():
        if "get" in operations and "application/json" in _success(operations["get"]):
            operations["get"]["responses"]["304"] = _UNCHANGED
        if "post" in operations:
            _complete_write(path, operations["post"])
    return document


def _complete_write(path: str, write: dict[str, Any]) -> None:
    if path in EXAMPLES:
        write["requestBody"]["content"]["application/json"]["example"] = EXAMPLES[path]
    if f"POST {path}" not in ALWAYS_TAKEN:
        others = [one for one in write.get("parameters", ()) if one["name"] != HEADER]
        write["parameters"] = [*others, _SEND_AGAIN]


def _success(operation: Mapping[str, Any]) -> Mapping[str, Any]:
    content: Mapping[str, Any] = operation["responses"].get("200", {}).get("content", {})
    return content
