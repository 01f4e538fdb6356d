"""What people ask of the trader, taken exactly once from the commands table and answered with what became of it."""

from collections.abc import Callable, Mapping
from typing import Any

import structlog

from core.clock import Clock
from core.errors import InvalidInput, NotFound, TradeloopError
from core.trading import Policy
from execution.manual.order import KIND as MANUAL_ORDER
from execution.trader import Trader
from storage.repositories.commands import Command
from storage.stores import Stores, Transaction

log = structlog.get_logger()

#: What became of a command; None while it is still on its way.
Answer = Mapping[str, Any] | None
Handler = Callable[[Trader, Transaction, Command], Answer]


def take_commands(trader: Trader, stores: Stores, clock: Clock) -> int:
    """Take and carry out every waiting command; returns how many."""
    taken = 0
    while _take_one(trader, stores, clock):
        taken += 1
    return taken


def _take_one(trader: Trader, stores: Stores, clock: Clock) -> bool:
    """One command in one transaction: what it changes in Postgres and its answer are committed together."""
    with stores.begin() as tx:
        command = tx.commands.take(clock.now())
        if command is None:
            return False
        try:
            result = _handler(command.kind)(trader, tx, command)
        except TradeloopError as error:
            tx.commands.finish(command.id, "failed", {"error": str(error)}, clock.now())
        else:
            if result is not None:
                tx.commands.finish(command.id, "done", result, clock.now())
    log.info("A command was carried out.", action="command.taken", id=command.id, kind=command.kind)
    return True


def _handler(kind: str) -> Handler:
    if kind not in HANDLERS:
        raise InvalidInput(f"The trader does not know the command {kind!r}.", field="kind")
    return HANDLERS[kind]


def _start(trader: Trader, tx: Transaction, command: Command) -> Answer:
    return _switch(trader, tx, command, running=True)


def _stop(trader: Trader, tx: Transaction, command: Command) -> Answer:
    return _switch(trader, tx, command, running=False)


def _switch(trader: Trader, tx: Transaction, command: Command, *, running: bool) -> Answer:
    wanted = [command.instance_id] if command.instance_id else list(trader.runners)
    for instance_id in wanted:
        if instance_id not in trader.runners:
            raise NotFound(f"This trader does not run {instance_id!r}.", field="instance_id")
        tx.instances.set_running(instance_id, running)
        trader.set_running(instance_id, running)
    return {"running": running, "instances": wanted}


def _policy(_trader: Trader, tx: Transaction, command: Command) -> Answer:
    policy = Policy(command.payload["policy"])
    if command.instance_id is None:
        raise InvalidInput("A policy belongs to one instance.", field="instance_id")
    tx.instances.set_policy(command.instance_id, policy)
    return {"policy": str(policy)}


def _manual_order(trader: Trader, _tx: Transaction, command: Command) -> Answer:
    """Leave the order to the manual desk, which answers it when its bar has come."""
    wanted = f"{command.payload['venue']}/{command.payload['symbol']}"
    traded = {runner.market_key for runner in trader.runners.values()}
    if wanted not in traded:
        raise NotFound(f"This trader does not follow {wanted}; it follows {', '.join(sorted(traded))}.", field="symbol")
    return None


HANDLERS: Mapping[str, Handler] = {
    "start": _start,
    "stop": _stop,
    "policy": _policy,
    MANUAL_ORDER: _manual_order,
}
