"""The manual desk: people's market orders on paper, filled at the next bar's open.

Everything is read from and written to Postgres in one transaction per call (rows, what is held, the command's answer),
so that a process that dies repeats nothing and forgets nothing. While Postgres is away orders wait for a later bar.
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from decimal import Decimal

import structlog

from core.clock import Clock, from_ms
from core.market import Bars, Instrument
from core.trading import ExitReason, RefusalReason, Side
from execution.account import Account
from execution.manual.books import Books
from execution.manual.lots import held
from execution.manual.order import KIND, Execution, ManualOrder, execute, too_small
from execution.safety import KillState, KillSwitch
from execution.trade_log import tell_manual
from storage.stores import Stores, Transaction

log = structlog.get_logger()

#: An order that no bar has met for so long is refused: its market stands still, or nobody watched.
LONGEST_WAIT = timedelta(minutes=10)


class ManualDesk:
    """Fills on the markets of `instruments`; `account` bounds the notional of a position and the share of a bar."""

    def __init__(
        self,
        stores: Stores,
        instruments: Mapping[str, Instrument],
        account: Account,
        kill_switch: KillSwitch,
        clock: Clock,
    ) -> None:
        self._stores = stores
        self._instruments = instruments
        self._account = account
        self._kill_switch = kill_switch
        self._clock = clock

    def meet(self, fresh: Mapping[str, Bars]) -> int:
        """Let the waiting orders meet new bars; returns how many found their fate."""
        if not any(map(len, fresh.values())):
            return 0
        killed = self._kill_switch.state()
        with self._stores.begin() as tx:
            orders = [ManualOrder.of(command) for command in tx.commands.unanswered() if command.kind == KIND]
            if not orders and (killed is None or not killed.flatten):
                return 0
            books = Books(tx)
            met = list(_meetings([*orders, *self._closing(books, fresh, killed)], fresh))
            for order, bar in met:
                self._settle(tx, books, order, bar, killed)
            if met:
                books.keep(self._clock.now())
        return len(met)

    def _closing(self, books: Books, fresh: Mapping[str, Bars], killed: KillState | None) -> Iterator[ManualOrder]:
        """Orders that close everything held, when the kill switch asks for it."""
        if killed is None or not killed.flatten:
            return
        for market, lots in books.lots.items():
            size, bars = held(lots), fresh.get(market)
            if size and bars is not None and len(bars):
                side, at = Side.SELL if size > 0 else Side.BUY, from_ms(int(bars.time[0]))
                yield ManualOrder(market, side, abs(size), at, killed.actor, exit_reason=ExitReason.FLATTEN)

    def _settle(self, tx: Transaction, books: Books, order: ManualOrder, bar: Bars, killed: KillState | None) -> None:
        instrument = self._instruments[order.market]
        filled = execute(order, instrument, float(bar.open[0]), float(bar.volume[0]), self._account.volume_share)
        opened_at = from_ms(int(bar.time[0]))
        reason = self._refusal(books, order, filled, killed)
        if opened_at - order.at > LONGEST_WAIT:
            reason = RefusalReason.STALE
        if reason is RefusalReason.NONE:
            result = books.fill(order, filled, instrument, opened_at)
        elif order.command is None:
            return
        else:
            result = books.refuse(order, filled, reason)
        if order.command is not None:
            tx.commands.finish(order.command, "failed" if reason else "done", result, self._clock.now())
        tell_manual(order.command, result)
        log.info("A manual order met its bar.", action="manual.settled", command=order.command, result=result)

    def _refusal(self, books: Books, order: ManualOrder, filled: Execution, killed: KillState | None) -> RefusalReason:
        """Why the order may not be filled. What only closes passes the kill switch and the limits."""
        instrument = self._instruments[order.market]
        if filled.quantity <= 0:
            return RefusalReason.NO_VOLUME if order.quantity >= instrument.quantity_step else RefusalReason.TOO_SMALL
        if too_small(filled, instrument):
            return RefusalReason.TOO_SMALL
        before = books.position(order.market)
        after = before + int(order.side) * filled.quantity
        if abs(after) <= abs(before) and after * before >= 0:
            return RefusalReason.NONE
        return self._entry_refusal(instrument, after, filled.price, killed)

    def _entry_refusal(
        self, instrument: Instrument, after: Decimal, price: Decimal, killed: KillState | None
    ) -> RefusalReason:
        if killed is not None:
            return RefusalReason.KILL_SWITCH
        if after < 0 and not instrument.perpetual:
            return RefusalReason.NO_SHORTS
        most = min(self._account.limits.max_notional or math.inf, self._account.capital)
        return RefusalReason.MAX_NOTIONAL if float(abs(after) * price) > most else RefusalReason.NONE


def _meetings(orders: Sequence[ManualOrder], fresh: Mapping[str, Bars]) -> Iterator[tuple[ManualOrder, Bars]]:
    for order in orders:
        bars = fresh.get(order.market)
        bar = order.bar_in(bars) if bars is not None else None
        if bar is not None:
            yield order, bar
