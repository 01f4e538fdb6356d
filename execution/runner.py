"""One running instance: bars in, journal rows and a resumable state out.

The rows of a call and the state after it belong together: commit both in one transaction and a killed process repeats
nothing and loses nothing.
"""

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np

from core.clock import from_ms
from core.errors import BadData
from core.market import Bars, Floats, FundingRates, Instrument
from core.parameters import APPLIES_ORDER, AppliesAt, ParameterSet
from core.trading import StrategyInstance
from execution.account import Account
from execution.engine import Engine, Output
from execution.journaling import Context, Known, Scribe, context_of
from storage.journal_batch import JournalBatch, RunnerState
from strategies.contract import Strategy
from strategies.features import FEATURE_NAMES

_HEAD = b"tradeloop-runner-1\n"


@dataclass(frozen=True, slots=True)
class Readback:
    """What the strategy's step really reads: version and digest, taken from its own memory."""

    instance_id: str
    version: int
    digest: str


class InstanceRunner:
    """Drives one instance's engine and writes its rows. Not thread-safe: one loop owns it."""

    def __init__(
        self,
        instance: StrategyInstance,
        strategy: Strategy,
        instrument: Instrument,
        account: Account,
        parameters: ParameterSet,
        *,
        source: str = "paper",
    ) -> None:
        self.instance = instance
        self.engine = Engine(strategy, instrument, account, parameters.values, parameters.version)
        self._scribe = Scribe(instance.id, instrument, source)
        self._declaration = strategy.declaration
        self._entry_contexts: dict[int, Context] = {}
        self._known = Known(np.empty(0, dtype=np.int64), np.empty((len(FEATURE_NAMES), 0)))
        self._reported: tuple[int, str] | None = None
        self.last_bar_ms: int | None = None

    @property
    def market_key(self) -> str:
        return f"{self.instance.venue}/{self.instance.symbol}"

    def warm_up(self, history: Bars) -> None:
        """Feed bars that are history: features learn from them, nothing is traded."""
        if len(history):
            self.engine.warm_up(history)
            self._remember(history, np.array([[self.engine.features[name]] for name in FEATURE_NAMES]))

    def offer(self, parameters: ParameterSet) -> None:
        """Hand a published set to the engine; it takes effect at the latest moment that any changed parameter asks."""
        if parameters.version != self.engine.applied_version:
            self.engine.set_parameters(parameters.values, parameters.version, self._moment(parameters.values))

    def advance(
        self, bars: Bars, funding: FundingRates | None = None, book: Mapping[str, Any] | None = None
    ) -> JournalBatch:
        """Process bars and return what they left behind, without the state (see `state`)."""
        before = self._known
        output = self.engine.advance(bars, funding)
        features = output.features.T
        self._remember(bars, features)
        known = Known(
            np.concatenate([before.closes[-1:], bars.time + bars.bar_ms]),
            np.concatenate([before.rows[:, -1:], features], axis=1),
        )
        return self._written(output, known, book)

    def readback(self) -> Readback | None:
        """The proof of a version, once after it took effect (and once after a start)."""
        current = (self.engine.applied_version, self.engine.applied_digest)
        if current == self._reported:
            return None
        self._reported = current
        return Readback(self.instance.id, *current)

    def state(self) -> RunnerState:
        """Where the instance stands after its last bar; raises BadData before the first."""
        if self.last_bar_ms is None:
            raise BadData(f"{self.instance.id} has seen no bar yet.")
        head = {"entry_contexts": self._entry_contexts, "bar": self.last_bar_ms, "closes": self._known.closes.tolist()}
        rows = np.ascontiguousarray(self._known.rows).tobytes()
        parts = [json.dumps(head).encode(), len(rows).to_bytes(8, "big") + rows + self.engine.snapshot()]
        return RunnerState(
            instance_id=self.instance.id,
            bar_at=from_ms(int(self._known.closes[-1])),
            version=self.engine.applied_version,
            summary=self.summary(),
            state=_HEAD + b"\n".join(parts),
        )

    def restore(self, state: RunnerState) -> None:
        """Go on from a stored state; raises BadData when it belongs to another strategy or version of the code."""
        if not state.state.startswith(_HEAD):
            raise BadData(f"The stored state of {self.instance.id} cannot be read.", field="state")
        head, _, rest = state.state[len(_HEAD) :].partition(b"\n")
        document = json.loads(head)
        size = int.from_bytes(rest[:8], "big")
        rows = np.frombuffer(rest[8 : 8 + size]).reshape(len(FEATURE_NAMES), -1)
        self.engine.restore(rest[8 + size :])
        self._known = Known(np.array(document["closes"], dtype=np.int64), rows)
        self._entry_contexts = {int(seq): context for seq, context in document["entry_contexts"].items()}
        self.last_bar_ms = document["bar"]

    def summary(self) -> dict[str, Any]:
        """The state in words for readers: money in quote currency, fractions of the entry price."""
        position = self.engine.position
        return {
            "equity": round(self.engine.equity, 8),
            "budget": float(self.engine.account.capital),
            "quantity": position.quantity,
            "entry_price": _or_none(position.entry_price),
            "stop": _or_none(position.stop),
            "target": _or_none(position.target),
            "open_quotes": position.quotes,
            "version": self.engine.applied_version,
            "entries_allowed": self.engine.controls.entries_allowed,
        }

    @property
    def closed_at(self) -> datetime | None:
        """The close of the last bar; None before the first."""
        return from_ms(int(self._known.closes[-1])) if len(self._known.closes) else None

    def _remember(self, bars: Bars, features: Floats) -> None:
        self._known = Known(bars.time[-1:] + bars.bar_ms, features[:, -1:])
        self.last_bar_ms = int(bars.time[-1])

    def _moment(self, values: Mapping[str, float]) -> AppliesAt:
        now = self.engine.applied_values
        changed = [self._declaration[name].applies for name, value in values.items() if value != now.get(name)]
        return max(changed, key=APPLIES_ORDER.index, default="next_bar")

    def _written(self, output: Output, known: Known, book: Mapping[str, Any] | None) -> JournalBatch:
        scribe = self._scribe
        moments = {int(t) for t in (*output.decisions["time"], *output.fills["time"])}
        contexts = {moment: context_of(known.at(moment), book) for moment in moments}
        self._note_entries(output.fills, contexts)
        batch = JournalBatch(
            decisions=list(scribe.decisions(output.decisions, contexts)),
            orders=list(scribe.orders(output.fills)),
            fills=list(scribe.fills(output.fills)),
            trades=list(scribe.trades(output.trades, self._entry_contexts, contexts)),
        )
        self._forget_closed(output)
        return batch

    def _note_entries(self, fills: np.ndarray[Any, np.dtype[Any]], contexts: Mapping[int, Context]) -> None:
        for fill in fills:
            self._entry_contexts[int(fill["seq"])] = contexts[int(fill["time"])]

    def _forget_closed(self, output: Output) -> None:
        """Lots close oldest first: entries before the last matched one are gone, all are when the position is flat."""
        if self.engine.position.lots == 0:
            self._entry_contexts.clear()
        elif len(output.trades):
            oldest = int(output.trades["entry_fill"][-1])
            self._entry_contexts = {seq: known for seq, known in self._entry_contexts.items() if seq >= oldest}


def _or_none(value: float) -> float | None:
    return None if math.isnan(value) else value
