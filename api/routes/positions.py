"""What instances hold and what they are worth, as their runners last said."""

from collections.abc import Mapping
from typing import Any

from flask import Response

from api.answers import answer, resource
from api.context import here
from api.models.state import BalanceList, BalanceOut, InstanceQuery, PositionList, PositionOut
from core.trading import MANUAL
from storage.queries import api_state
from storage.queries.api_pages import Row

api = resource("positions", "Open positions and paper balances.")


@api.get("/api/positions", responses={200: PositionList})
def positions(query: InstanceQuery) -> Response:
    """Open positions at the bar that each runner last saw, and those of people's own orders."""
    with here().stores.begin() as tx:
        rows = api_state.instances(tx.connection, query.instance_id)
        at, manual = api_state.manual_positions(tx.connection)
    items = [_position(row) for row in rows if holds(row)]
    if query.instance_id in (None, MANUAL):
        items += [PositionOut(instance_id=MANUAL, version=0, at=at, stop=None, target=None, **one) for one in manual]
    return answer(PositionList(items=items))


@api.get("/api/balances", responses={200: BalanceList})
def balances(query: InstanceQuery) -> Response:
    """Paper capital of each instance."""
    with here().stores.begin() as tx:
        rows = api_state.instances(tx.connection, query.instance_id)
    return answer(BalanceList(items=[_balance(row) for row in rows]))


def holds(row: Row) -> bool:
    """Whether the runner of this instance last said that it holds something."""
    return bool(row["summary"] and row["summary"]["quantity"])


def _position(row: Row) -> PositionOut:
    summary: Mapping[str, Any] = row["summary"]
    return PositionOut(
        instance_id=row["id"],
        venue=row["venue"],
        symbol=row["symbol"],
        quantity=summary["quantity"],
        entry_price=summary["entry_price"],
        stop=summary["stop"],
        target=summary["target"],
        version=summary["version"],
        at=row["bar_at"],
    )


def _balance(row: Row) -> BalanceOut:
    summary: Mapping[str, Any] = row["summary"] or {}
    return BalanceOut(
        instance_id=row["id"],
        budget=row["budget"],
        equity=summary.get("equity"),
        at=row["bar_at"],
    )
