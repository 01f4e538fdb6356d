"""Output buffers of the compiled loop: fixed in size, drained and reused as often as a run needs."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from execution.desk import Desk
from execution.kernel.machine import machine
from execution.kernel.state import JOURNAL, Curve, Tape
from execution.records import DECISION, FILL, TRADE

Rows = np.ndarray[Any, np.dtype[np.void]]

NO_CURVE = Curve(
    np.zeros(0), np.zeros(0, dtype=np.int64), np.zeros(1, dtype=np.int64), np.zeros(0), np.zeros(0, dtype=np.int64)
)


@dataclass(frozen=True, slots=True)
class Written:
    """The rows that a stretch of bars produced."""

    fills: Rows
    trades: Rows
    decisions: Rows


def new_journal(keep: bool = True) -> Any:
    """Empty buffers; without `keep` the loop writes no rows."""
    journal = np.zeros(1, dtype=JOURNAL)
    journal["keep"] = int(keep)
    return journal


def run(desk: Desk, tape: Tape, start: int, stop: int, curve: Curve, journal: Any) -> Written:
    """Run the loop over [start, stop), draining the buffers whenever they fill up."""
    parts = list(_stretches(desk, tape, start, stop, curve, journal))
    if len(parts) == 1:
        return parts[0]
    return Written(
        _joined([part.fills for part in parts]),
        _joined([part.trades for part in parts]),
        _joined([part.decisions for part in parts]),
    )


def _joined(parts: list[Rows]) -> Rows:
    """Rows one after the other, copied as bytes: numpy copies records field by field, ten times slower."""
    rows: Rows = np.concatenate([part.view(np.uint8) for part in parts]).view(parts[0].dtype)
    return rows


def _stretches(desk: Desk, tape: Tape, start: int, stop: int, curve: Curve, journal: Any) -> Iterator[Written]:
    advance = machine()
    step = desk.strategy.compiled
    at = start
    while True:
        at = advance(step, at, stop, tape, desk.books, desk.frame, journal, curve)
        yield _drain(journal)
        if at >= stop:
            return


def _drain(journal: Any) -> Written:
    return Written(*[_take(journal, rows, count) for rows, count in _KINDS])


_KINDS = (("fills", "fill_count"), ("trades", "trade_count"), ("decisions", "decision_count"))
_NOTHING = {"fills": np.zeros(0, dtype=FILL), "trades": np.zeros(0, dtype=TRADE), "decisions": np.zeros(0, DECISION)}


def _take(journal: Any, rows: str, count: str) -> Rows:
    written = int(journal[count][0])
    if written == 0:
        return _NOTHING[rows]
    journal[count] = 0
    return _joined([journal[rows][0, :written]])
