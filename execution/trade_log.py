"""The trade log: what was decided, filled and closed, one line each, for people who follow a trader's file.

The lines go to the logger `tradeloop.trades`; where it leads is set up by the process (service.logs), else nowhere.
"""

import logging
from typing import Any

from core.trading import Decision, Fate, Fill, Trade
from storage.journal_batch import JournalBatch

NAME = "tradeloop.trades"
_log = logging.getLogger(NAME)


def tell(batch: JournalBatch) -> None:
    """Write a line for every decision (near misses left out), fill and trade of `batch`."""
    if not _log.isEnabledFor(logging.INFO):
        return
    for decision in batch.decisions:
        if decision.fate is not Fate.NEAR:
            _log.info("A signal met its fate.", extra=_decided(decision))
    for fill in batch.fills:
        _log.info("An order was filled.", extra=_filled(fill))
    for trade in batch.trades:
        _log.info("A trade was closed.", extra=_closed(trade))


def tell_manual(command: int | None, result: Any) -> None:
    """Write what became of a manual order."""
    _log.info("A manual order was settled.", extra={"action": "trade.manual", "command": command, "result": result})


def _decided(row: Decision) -> dict[str, Any]:
    return {
        "action": f"trade.{row.fate.name.lower()}",
        **_named(row),
        "time": row.at.isoformat(),
        "kind": row.kind.name.lower(),
        "side": row.side.name.lower(),
        "reason": row.reason.name.lower(),
        "price": str(row.price),
    }


def _filled(row: Fill) -> dict[str, Any]:
    return {
        "action": "trade.filled",
        **_named(row),
        "time": row.at.isoformat(),
        "side": row.side.name.lower(),
        "quantity": str(row.quantity),
        "price": str(row.price),
        "fee": str(row.fee),
    }


def _closed(row: Trade) -> dict[str, Any]:
    return {
        "action": "trade.closed",
        "instance": row.instance_id,
        "seq": row.seq,
        "version": row.exit_version,
        "time": row.closed_at.isoformat(),
        "side": row.side.name.lower(),
        "quantity": str(row.quantity),
        "exit_reason": row.exit_reason.name.lower(),
        "pnl": str(row.pnl),
    }


def _named(row: Decision | Fill) -> dict[str, Any]:
    return {"instance": row.instance_id, "seq": row.seq, "version": row.version}
