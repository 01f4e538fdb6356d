"""Start, stop and manual orders: commands that the trader takes."""

from flask import Response

from api import commanding
from api.answers import resource
from api.context import here
from api.models.control import CommandAccepted, KeyHeader, ManualOrderBody, StartBody, StopBody
from core.errors import Conflict
from core.trading import MANUAL

api = resource("trading", "Start and stop instances, send orders by hand.")


@api.post("/api/trading/start", responses={202: CommandAccepted})
def start(body: StartBody, header: KeyHeader) -> Response:
    """Start one instance, or all; live trading answers 409 until its gate exists."""
    if body.mode == "live":
        raise Conflict("Live trading cannot be started: its gate does not exist yet.", field="mode")
    _require_instance(body.instance_id)
    return commanding.accept("start", body.instance_id, {"mode": body.mode}, header.idempotency_key)


@api.post("/api/trading/stop", responses={202: CommandAccepted})
def stop(body: StopBody, header: KeyHeader) -> Response:
    """Stop one instance, or all: open positions stay protected, no new ones are taken."""
    _require_instance(body.instance_id)
    return commanding.accept("stop", body.instance_id, {"note": body.note}, header.idempotency_key)


@api.post("/api/orders/manual-buy", responses={202: CommandAccepted})
def manual_buy(body: ManualOrderBody, header: KeyHeader) -> Response:
    """Buy at the market, on paper, for the instance `manual`."""
    return _manual("buy", body, header)


@api.post("/api/orders/manual-sell", responses={202: CommandAccepted})
def manual_sell(body: ManualOrderBody, header: KeyHeader) -> Response:
    """Sell at the market, on paper, for the instance `manual`."""
    return _manual("sell", body, header)


def _manual(side: str, body: ManualOrderBody, header: KeyHeader) -> Response:
    payload = {"side": side, **body.model_dump(mode="json")}
    return commanding.accept("manual_order", MANUAL, payload, header.idempotency_key)


def _require_instance(instance_id: str | None) -> None:
    if instance_id is not None:
        with here().stores.begin() as tx:
            tx.instances.get(instance_id)
