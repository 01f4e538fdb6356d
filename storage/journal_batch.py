"""What one or more steps of strategy instances leave behind: rows for the journal and the states that go with them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from core.trading import Decision, Fill, Order, Trade


@dataclass(frozen=True, slots=True)
class RunnerState:
    """Where an instance stands after the bar that closed at `bar_at`, so that it goes on from there after a restart.

    `summary` is for readers (position, equity, open quotes); `state` is the runner's own bytes.
    """

    instance_id: str
    bar_at: datetime
    version: int
    summary: Mapping[str, Any]
    state: bytes


@dataclass(frozen=True, slots=True)
class JournalBatch:
    """Rows and states that are stored together or not at all."""

    decisions: Sequence[Decision] = ()
    orders: Sequence[Order] = ()
    fills: Sequence[Fill] = ()
    trades: Sequence[Trade] = ()
    states: Sequence[RunnerState] = ()

    def __len__(self) -> int:
        """How many rows it writes."""
        return sum(len(rows) for rows in (self.decisions, self.orders, self.fills, self.trades, self.states))


def merged(batches: Sequence[JournalBatch]) -> JournalBatch:
    """All rows of `batches` in their order; of the states of an instance, the last."""
    states = {state.instance_id: state for batch in batches for state in batch.states}
    return JournalBatch(
        [row for batch in batches for row in batch.decisions],
        [row for batch in batches for row in batch.orders],
        [row for batch in batches for row in batch.fills],
        [row for batch in batches for row in batch.trades],
        list(states.values()),
    )
