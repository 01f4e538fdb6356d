"""A strategy that does what its parameters say, at the bars they say: a puppet for tests of the engine."""

from typing import Any

from core.parameters import Declaration, Parameter
from strategies.contract import Strategy


def _number(name: str, default: float = 0.0) -> Parameter:
    return Parameter(name, default, -1e9, 1e9, 1e-6, "", name)


def step(bar: Any, feature: Any, context: Any, position: Any, parameter: Any, memory: Any, want: Any) -> None:
    """Counts the bars that it sees (the first bar of a market is never shown) and acts at two of them."""
    memory.count += 1.0
    if parameter.enter_at in (0.0, memory.count):
        want.strength = parameter.strength
    if memory.count == parameter.enter_at:
        want.side = parameter.side
        want.stop = parameter.stop
        if parameter.target > 0.0:
            want.target = parameter.target
    if memory.count == parameter.exit_at:
        want.exit = 4.0
    if memory.count == parameter.quote_at:
        want.refresh = 1.0
        want.layers = 1.0
        want.bid_price[0] = parameter.bid
        want.ask_price[0] = parameter.ask
        want.bid_notional[0] = parameter.notional
        want.ask_notional[0] = parameter.notional


SCRIPTED = Strategy(
    name="scripted",
    title="Scripted",
    kind="directional",
    declaration=Declaration(
        (
            _number("enter_at"),
            _number("exit_at"),
            _number("quote_at"),
            _number("side", 1.0),
            _number("stop"),
            _number("target"),
            _number("strength"),
            _number("bid", 1.0),
            _number("ask", 1.0),
            _number("notional"),
        )
    ),
    features=("return_1",),
    context=(),
    memory=("count",),
    step=step,
)
