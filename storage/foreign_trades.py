"""Trades that no instance of ours stands behind: those of bots that run elsewhere, and those of a person's own hand."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

from sqlalchemy import Connection, RowMapping, func, insert, select, text

from core.errors import Conflict
from core.trading import MANUAL, Trade
from storage.schema import strategy_instances, trades

_LOCK = text("SELECT pg_advisory_xact_lock(hashtextextended(:instance, 0))")
_COMPARED = ("strategy", "venue", "symbol", "side", "quantity", "entry_price", "exit_price", "closed_at", "pnl")


@dataclass(frozen=True, slots=True)
class Market:
    """What a foreign trade says of its strategy; no instance of ours stands behind it."""

    strategy: str
    venue: str
    symbol: str


def add(connection: Connection, trade: Trade, market: Market, client_trade_id: str) -> tuple[int, bool]:
    """Journal `trade` under the next number of its instance; return the number and whether it is new.

    The number in `trade` is not used. Raises Conflict for an instance that runs here, and for a known client trade id
    with other content.
    """
    _require_foreign(connection, trade.instance_id)
    connection.execute(_LOCK, {"instance": trade.instance_id})
    row = {**_row(trade, market), "client_trade_id": client_trade_id}
    known = _known(connection, trade.instance_id, client_trade_id)
    if known is not None:
        _require_equal(dict(known), row)
        return int(known["seq"]), False
    highest = select(func.coalesce(func.max(trades.c.seq), 0)).where(trades.c.instance_id == trade.instance_id)
    row["seq"] = connection.execute(highest).scalar_one() + 1
    connection.execute(insert(trades).values(row))
    return row["seq"], True


def add_manual(connection: Connection, trade: Trade, market: Market) -> None:
    """Journal a trade of the manual desk, which counts its own numbers."""
    connection.execute(insert(trades).values(_row(trade, market)))


def _row(trade: Trade, market: Market) -> dict[str, Any]:
    return {f.name: getattr(part, f.name) for part in (trade, market) for f in fields(part)}


def _known(connection: Connection, instance_id: str, client_trade_id: str) -> RowMapping | None:
    ours = (trades.c.instance_id == instance_id) & (trades.c.client_trade_id == client_trade_id)
    return connection.execute(select(trades).where(ours)).mappings().first()


def _require_foreign(connection: Connection, instance_id: str) -> None:
    own = select(strategy_instances.c.id).where(strategy_instances.c.id == instance_id)
    if instance_id == MANUAL or connection.execute(own).first() is not None:
        raise Conflict(f"{instance_id} runs here and journals itself.", field="instance_id", remedy="Use another name.")


def _require_equal(known: Mapping[str, Any], sent: Mapping[str, Any]) -> None:
    different = next((name for name in _COMPARED if known[name] != sent[name]), None)
    if different is not None:
        raise Conflict(
            f"That client_trade_id is journaled with another {different}.",
            field="client_trade_id",
            remedy="Give each trade an id of its own.",
        )
