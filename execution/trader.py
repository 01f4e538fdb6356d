"""The trader: bars to the runners, rows to the journal, parameters in and their proof out.

The same object lives in the trading process and in a replay; they differ in who feeds it and in how often states are
kept. Nothing here waits for a model or a person.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol

import structlog

from core.clock import Clock
from core.errors import Unavailable
from core.market import Bars, FundingRates
from core.parameters import ParameterSet
from core.trading import RefusalReason, Trade
from execution import trade_log
from execution.runner import InstanceRunner, Readback
from execution.safety import KillSwitch
from storage.journal_batch import JournalBatch
from storage.stores import Stores

log = structlog.get_logger()


class Journal(Protocol):
    """Takes batches without holding up the caller; `away` says that the store did not answer the last time."""

    def submit(self, batch: JournalBatch) -> None: ...

    @property
    def away(self) -> bool: ...


class Published(Protocol):
    """Parameter sets as they are published; never waits longer than `timeout` seconds."""

    def poll(self, timeout: float) -> Sequence[ParameterSet]: ...


@dataclass(frozen=True, slots=True)
class MarketSlice:
    """New bars of one market with the settlements known by their end, and the book where the feed has one."""

    bars: Bars
    funding: FundingRates | None = None
    book: Mapping[str, Any] | None = None


class Trader:
    """Owns the runners. `on_market` is called with closed bars, `poll_parameters` between them."""

    def __init__(
        self,
        runners: Iterable[InstanceRunner],
        stores: Stores,
        journal: Journal,
        published: Published,
        kill_switch: KillSwitch,
        clock: Clock,
    ) -> None:
        self.runners = {runner.instance.id: runner for runner in runners}
        self._stopped = {i for i, runner in self.runners.items() if not runner.instance.running}
        self._stores = stores
        self._journal = journal
        self._published = published
        self._kill_switch = kill_switch
        self._clock = clock
        self._offered = {i: runner.engine.applied_version for i, runner in self.runners.items()}
        self._proofs: list[Readback] = []
        self._first_trades: list[Trade] = []
        self._traded_versions = {i: runner.engine.applied_version for i, runner in self.runners.items()}

    def on_market(
        self, market: Mapping[str, MarketSlice], *, keep_states: bool = True, refuse: RefusalReason | None = None
    ) -> int:
        """Advance every runner whose market has new bars; returns the number of rows written.

        `refuse` keeps entries out whatever else allows them (bars that passed while nobody watched).
        """
        self._set_controls(refuse)
        batches = [
            self._advanced(runner, fresh, keep_states)
            for runner in self.runners.values()
            if (fresh := _fresh(runner, market.get(runner.market_key))) is not None
        ]
        for batch in batches:
            self._journal.submit(batch)
            trade_log.tell(batch)
            self._first_trades += [t for t in batch.trades if t.entry_version > self._traded_versions[t.instance_id]]
        return sum(len(batch) for batch in batches)

    def keep_states(self) -> None:
        """Put every runner's state to the journal now."""
        states = [runner.state() for runner in self.runners.values() if runner.last_bar_ms is not None]
        self._journal.submit(JournalBatch(states=states))

    def poll_parameters(self, timeout: float = 0.0) -> int:
        """Take what was published since the last call; returns how many sets were offered to their engines."""
        published = [p for p in self._published.poll(timeout) if p.instance_id in self.runners]
        for parameters in published:
            self.runners[parameters.instance_id].offer(parameters)
            self._offered[parameters.instance_id] = parameters.version
        return len(published)

    def has_been_offered(self, parameters: ParameterSet) -> bool:
        """Whether this version, or a later one, has reached its engine."""
        return self._offered.get(parameters.instance_id, 0) >= parameters.version

    def settle(self) -> list[Readback]:
        """Write down, for each version that took effect, the digest of the values its step reads, and its first trade.

        Raises Unavailable when Postgres is away; nothing is forgotten until it was written.
        """
        self._proofs += [proof for runner in self.runners.values() if (proof := runner.readback()) is not None]
        if not self._proofs and not self._first_trades:
            return []
        now = self._clock.now()
        with self._stores.begin() as tx:
            for proof in self._proofs:
                tx.parameters.acknowledge(proof.instance_id, proof.version, proof.digest, now)
            for trade in self._first_trades:
                tx.parameters.first_trade(trade.instance_id, trade.entry_version, trade.opened_at, trade.seq)
        return self._settled()

    def _settled(self) -> list[Readback]:
        """Forget what was written; tell Redis and the log."""
        proofs, self._proofs = self._proofs, []
        for trade in self._first_trades:
            self._traded_versions[trade.instance_id] = trade.entry_version
        self._first_trades = []
        for proof in proofs:
            self._tell_redis(proof)
            log.info(
                "The strategy reads these parameters.",
                action="parameters.read_back",
                instance=proof.instance_id,
                version=proof.version,
                digest=proof.digest[:12],
            )
        return proofs

    def _tell_redis(self, proof: Readback) -> None:
        try:
            self._stores.hot.acknowledge(proof.instance_id, proof.version, proof.digest, self._clock.now())
        except Unavailable as error:
            log.warning(
                "Redis did not take an acknowledgement; Postgres has it.",
                action="parameters.ack_not_mirrored",
                instance=proof.instance_id,
                error=str(error),
            )

    def set_running(self, instance_id: str, running: bool) -> None:
        """Start or stop one instance's entries; exits go on."""
        (self._stopped.discard if running else self._stopped.add)(instance_id)

    def _set_controls(self, refuse: RefusalReason | None) -> None:
        killed = self._kill_switch.state()
        away = self._journal.away
        for instance_id, runner in self.runners.items():
            controls = runner.engine.controls
            controls.refuse_entries(refuse or self._refusal(instance_id, killed is not None, away))
            controls.flatten = killed is not None and killed.flatten

    def _refusal(self, instance_id: str, killed: bool, away: bool) -> RefusalReason:
        if killed:
            return RefusalReason.KILL_SWITCH
        if away:
            return RefusalReason.STORE_DOWN
        return RefusalReason.STOPPED if instance_id in self._stopped else RefusalReason.NONE

    def _advanced(self, runner: InstanceRunner, market: MarketSlice, keep_state: bool) -> JournalBatch:
        batch = runner.advance(market.bars, market.funding, market.book)
        if not keep_state:
            return batch
        return JournalBatch(batch.decisions, batch.orders, batch.fills, batch.trades, [runner.state()])


def _fresh(runner: InstanceRunner, market: MarketSlice | None) -> MarketSlice | None:
    """What of `market` this runner has not lived yet; None when there is nothing."""
    if market is None or not len(market.bars):
        return None
    if runner.last_bar_ms is None or market.bars.time[0] > runner.last_bar_ms:
        return market
    later = market.bars.between(runner.last_bar_ms + 1, int(market.bars.time[-1]) + 1)
    return replace(market, bars=later) if len(later) else None
