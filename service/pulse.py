"""How far a trader in this process has come, for a monitor that shall not wait for Postgres to hear of it."""

from datetime import datetime

from core.clock import from_ms
from execution.trader import Trader
from feedback.loop import Pulse


def pulse_of(trader: Trader) -> Pulse:
    """The pulse of a trader's own runners."""
    return Pulse(feed_at=lambda series: _feed_at(trader, series), bar_at=lambda instance: _bar_at(trader, instance))


def _feed_at(trader: Trader, series: str) -> datetime | None:
    opens = [r.last_bar_ms for r in trader.runners.values() if r.market_key == series and r.last_bar_ms is not None]
    return from_ms(max(opens)) if opens else None


def _bar_at(trader: Trader, instance_id: str) -> datetime | None:
    runner = trader.runners.get(instance_id)
    return runner.closed_at if runner else None
