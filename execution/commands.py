"""What people ask of the trader, taken exactly once from the commands table and answered with what became of it."""

from collections.abc import Callable, Mapping
from typing import Any

import structlog

from core.clock import Clock
from core.errors import InvalidInput, NotFound, TradeloopError
from core.trading import Policy
from execution.trader import Trader
from storage.repositories.commands import Command
from storage.stores import Stores, Transaction

log = structlog.get_logger()

Handler = Callable[[Trader, Transaction, Command], Mapping[str, Any]]


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
            tx.commands.finish(command.id, "done", dict(result), clock.now())
    log.info("A command was carried out.", action="command.taken", id=command.id, kind=command.kind)
    return True


def _handler(kind: str) -> Handler:
    if kind not in HANDLERS:
        raise InvalidInput(f"The trader does not know the command {kind!r}.", field="kind")
    return HANDLERS[kind]


def _start(trader: Trader, tx: Transaction, command: Command) -> Mapping[str, Any]:
    return _switch(trader, tx, command, running=True)


def _stop(trader: Trader, tx: Transaction, command: Command) -> Mapping[str, Any]:
    return _switch(trader, tx, command, running=False)


def _switch(trader: Trader, tx: Transaction, command: Command, *, running: bool) -> Mapping[str, Any]:
    wanted = [command.instance_id] if command.instance_id else list(trader.runners)
    for instance_id in wanted:
        if instance_id not in trader.runners:
            raise NotFound(f"This trader does not run {instance_id!r}.", field="instance_id")
        tx.instances.set_running(instance_id, running)
        trader.set_running(instance_id, running)
    return {"running": running, "instances": wanted}


def _policy(_trader: Trader, tx: Transaction, command: Command) -> Mapping[str, Any]:
    policy = Policy(command.payload["policy"])
    if command.instance_id is None:
        raise InvalidInput("A policy belongs to one instance.", field="instance_id")
    tx.instances.set_policy(command.instance_id, policy)
    return {"policy": str(policy)}


def _manual_order(_trader: Trader, _tx: Transaction, _command: Command) -> Mapping[str, Any]:
    raise InvalidInput("Manual orders are not executed by this version.", field="kind")


HANDLERS: Mapping[str, Handler] = {
    "start": _start,
    "stop": _stop,
    "policy": _policy,
    "manual_order": _manual_order,
}
