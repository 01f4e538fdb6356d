"""Output buffers of the compiled loop: fixed in size, drained and reused as often as a run needs."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from execution.desk import Desk
from execution.kernel.machine import machine
from execution.kernel.state import MAX_LOTS, Curve, Journal, Tape
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


def new_journal(rows: int = 4096, keep: bool = True) -> Journal:
    """Buffers for `rows` rows of each kind; without `keep` nothing is written to them."""
    size = rows + 2 * MAX_LOTS if keep else 1
    return Journal(
        np.zeros(size, dtype=FILL),
        np.zeros(size, dtype=TRADE),
        np.zeros(size, dtype=DECISION),
        np.zeros(3, dtype=np.int64),
        np.array([int(keep)]),
    )


def run(desk: Desk, tape: Tape, start: int, stop: int, curve: Curve, journal: Journal) -> Written:
    """Run the loop over [start, stop), draining the buffers whenever they fill up."""
    parts = list(_stretches(desk, tape, start, stop, curve, journal))
    if len(parts) == 1:
        return parts[0]
    return Written(
        np.concatenate([part.fills for part in parts]),
        np.concatenate([part.trades for part in parts]),
        np.concatenate([part.decisions for part in parts]),
    )


def _stretches(desk: Desk, tape: Tape, start: int, stop: int, curve: Curve, journal: Journal) -> Iterator[Written]:
    advance = machine()
    step = desk.strategy.compiled
    at = start
    while True:
        at = advance(step, at, stop, tape, desk.book, desk.frame, journal, curve)
        yield _drain(journal)
        if at >= stop:
            return


def _drain(journal: Journal) -> Written:
    fills, trades, decisions = journal.counts
    rows = Written(journal.fills[:fills].copy(), journal.trades[:trades].copy(), journal.decisions[:decisions].copy())
    journal.counts[:] = 0
    return rows
