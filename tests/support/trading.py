"""A trader for tests of what people ask of it: one instance, no bars, nothing published."""

from collections.abc import Sequence

from core.clock import Clock
from core.market import Instrument
from core.parameters import ParameterSet
from execution.runner import InstanceRunner
from execution.safety import KillSwitch
from execution.trader import Trader
from storage.journal_batch import JournalBatch
from storage.stores import Stores
from strategies import registry
from tests.support.rows import instance
from tests.unit.markets import PERPETUAL, account

BTC = Instrument("binance_usdm", "BTCUSDT", PERPETUAL.price_step, PERPETUAL.quantity_step)


class Idle:
    """The journal and the subscription of a trader that trades nothing."""

    away = False

    def submit(self, batch: JournalBatch) -> None:
        raise AssertionError(batch)

    def poll(self, timeout: float) -> Sequence[ParameterSet]:
        return ()


def idle_trader(stores: Stores, clock: Clock, switch: KillSwitch) -> Trader:
    """Runs the instance of tests.support.rows with the values of its first version."""
    strategy = registry.get(instance().strategy)
    parameters = ParameterSet(instance().id, 1, strategy.declaration.defaults(), "seed")
    runner = InstanceRunner(instance(), strategy, BTC, account(), parameters)
    return Trader([runner], stores, Idle(), Idle(), switch, clock)
