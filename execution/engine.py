"""A running strategy: fed with bars as they come, it answers with fills, trades and decisions."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from core.errors import BadData, InvalidInput
from core.market import Bars, Floats, FundingRates, Instrument
from core.parameters import APPLIES_ORDER, AppliesAt, digest_of
from core.trading import RefusalReason
from execution.account import Account
from execution.buffers import Rows, new_journal, run
from execution.desk import Desk
from execution.kernel.codes import AT_RESTART
from execution.kernel.state import Curve
from execution.marketdata import candles_of, context_columns, tape_of
from strategies.contract import Strategy
from strategies.features import FEATURE_NAMES, FeatureStream

_SNAPSHOT = b"tradeloop-engine-1\n"


@dataclass(frozen=True, slots=True)
class Output:
    """What a call to `advance` produced: rows (see execution.records), equity and quotes placed per bar.

    `features` holds every feature after each bar, shape [bars, len(FEATURE_NAMES)].
    """

    fills: Rows
    trades: Rows
    decisions: Rows
    equity: Floats
    counts: np.ndarray[Any, np.dtype[np.int64]]
    features: Floats


@dataclass(frozen=True, slots=True)
class Position:
    """The open position: signed quantity in base units, average entry price (NaN when flat), protective prices."""

    quantity: float
    entry_price: float
    stop: float
    target: float
    lots: int
    quotes: int


class Controls:
    """Switches that the owner sets between calls; they are not part of a snapshot."""

    def __init__(self, record: Any) -> None:
        self._record = record

    @property
    def entries_allowed(self) -> bool:
        return int(self._record["entry_refusal"]) == 0

    @entries_allowed.setter
    def entries_allowed(self, allowed: bool) -> None:
        self.refuse_entries(RefusalReason.NONE if allowed else RefusalReason.STOPPED)

    def refuse_entries(self, reason: RefusalReason) -> None:
        """Refuse every entry with `reason` from now on; RefusalReason.NONE allows them again."""
        self._record["entry_refusal"] = int(reason)

    @property
    def flatten(self) -> bool:
        return bool(self._record["flatten"])

    @flatten.setter
    def flatten(self, wanted: bool) -> None:
        self._record["flatten"] = int(wanted)


class Engine:
    """One strategy instance on one instrument. Feeding bars one by one or in any pieces gives the same results.

    `values` are checked against the declaration (InvalidInput, OutOfBounds); `version` marks every row they produce.
    """

    def __init__(
        self,
        strategy: Strategy,
        instrument: Instrument,
        account: Account,
        values: Mapping[str, Any],
        version: int = 1,
    ) -> None:
        self.strategy = strategy
        self.instrument = instrument
        self.account = account
        self._desk = Desk(strategy, instrument, account, values, version)
        self._stream = FeatureStream()
        self._columns = [FEATURE_NAMES.index(name) for name in strategy.features]
        self._journal = new_journal()
        self.controls = Controls(self._desk.controls)

    def warm_up(self, bars: Bars) -> None:
        """Take history in for the features; nothing is traded."""
        self._check(bars)
        if len(bars):
            self._stream.advance(bars)
            self._state["time"] = bars.time[-1]

    def advance(
        self, bars: Bars, funding: FundingRates | None = None, context: dict[str, Floats] | None = None
    ) -> Output:
        """Process further bars; a bar that is not later than the last one raises BadData.

        `funding` may hold any settlements known so far: each is settled once. `context` has one value per bar.
        """
        self._check(bars)
        known = self._stream.advance(bars)
        features = np.ascontiguousarray(known[:, self._columns])
        columns = context_columns(self.strategy.context, context, len(bars))
        curve = Curve(np.empty(len(bars)), np.empty(len(bars), dtype=np.int64), *_NO_DAYS)
        rows = run(
            self._desk, tape_of(candles_of(bars), features, columns, funding), 0, len(bars), curve, self._journal
        )
        return Output(rows.fills, rows.trades, rows.decisions, curve.equity, curve.quotes, known)

    def set_parameters(self, values: Mapping[str, Any], version: int, applies: AppliesAt) -> None:
        """Stage a checked parameter set: it takes effect at the step of the first bar at which `applies` holds.

        next_bar: the next bar; next_order: no order pending and no quote resting; flat: also no position; restart: when
        a snapshot is restored into a new engine. A later call replaces a staged set.
        """
        staged = self.strategy.vector(values)
        self._desk.staged[: len(staged)] = staged
        self._state["staged_version"] = version
        self._state["staged_mode"] = APPLIES_ORDER.index(applies) + 1

    def continue_from(self, *, decisions: int, fills: int, trades: int) -> None:
        """Go on counting rows behind these sequence numbers: for an engine that starts flat in an old journal."""
        self._state["decision_seq"] = decisions
        self._state["fill_seq"] = fills
        self._state["trade_seq"] = trades

    @property
    def applied_version(self) -> int:
        return int(self._state["version"])

    @property
    def applied_values(self) -> dict[str, float]:
        """The values that the step's record holds now, read back from its memory."""
        return dict(zip(self.strategy.declaration, self._desk.parameters.tolist(), strict=False))

    @property
    def applied_digest(self) -> str:
        """The digest of `applied_values`; equals ParameterSet.digest of the same values."""
        return digest_of(self.applied_values)

    @property
    def position(self) -> Position:
        state = self._state
        return Position(
            quantity=float(state["quantity"]),
            entry_price=float(state["entry_price"]),
            stop=float(state["stop"]),
            target=float(state["target"]),
            lots=int(state["lot_count"]),
            quotes=int(state["quote_count"]),
        )

    @property
    def equity(self) -> float:
        """Cash and position at the last close, quote currency."""
        return float(self._state["equity"])

    @property
    def features(self) -> dict[str, float]:
        """All features after the last bar; NaN while warming up."""
        return dict(zip(FEATURE_NAMES, self._stream.latest.tolist(), strict=True))

    def snapshot(self) -> bytes:
        """The whole state; an engine restored from it goes on bit for bit."""
        return _SNAPSHOT + b"".join(array.tobytes() for array in self._kept())

    def restore(self, snapshot: bytes) -> None:
        """Take over a snapshot of the same strategy (else BadData), parameters included.

        A set staged for restart takes effect here. Set other parameters afterwards with `set_parameters`.
        """
        kept = self._kept()
        if not snapshot.startswith(_SNAPSHOT) or len(snapshot) != len(_SNAPSHOT) + sum(a.nbytes for a in kept):
            raise BadData("The snapshot does not belong to this strategy and engine.", field="snapshot")
        offset = len(_SNAPSHOT)
        for array in kept:
            array.reshape(-1)[:] = np.frombuffer(snapshot, array.dtype, array.size, offset)
            offset += array.nbytes
        if int(self._state["staged_mode"]) == AT_RESTART:
            self._desk.parameters[:] = self._desk.staged
            self._state["version"] = self._state["staged_version"]
            self._state["staged_mode"] = 0

    @property
    def _state(self) -> Any:
        return self._desk.engine

    def _kept(self) -> tuple[np.ndarray[Any, np.dtype[Any]], ...]:
        return (*self._desk.kept, *self._stream.kept)

    def _check(self, bars: Bars) -> None:
        if bars.bar_ms != self._desk.rules["bar_ms"]:
            if self._state["time"] != 0:
                raise InvalidInput("An engine keeps one timeframe.", field="bar_ms")
            self._desk.rules["bar_ms"] = bars.bar_ms
        if len(bars) and bars.time[0] <= self._state["time"]:
            raise BadData(f"A bar at {bars.time[0]} is not later than the last one.", field="time")


_NO_DAYS = (np.zeros(1, dtype=np.int64), np.zeros(0), np.zeros(0, dtype=np.int64))
