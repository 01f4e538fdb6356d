"""The hard budget: money is set aside in the ledger before a request is sent, and settled after it."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from threading import Lock
from zoneinfo import ZoneInfo

from core.clock import Clock, SystemClock, day_bounds, local_day
from core.errors import BudgetExhausted
from feedback.llm.client import Purpose
from feedback.llm.ledger import CallLedger, OpenCall


@dataclass(frozen=True, slots=True)
class Caps:
    """Limits in USD per request, job run, day and month.

    The loss review runs often, so `loss_share` of the day and the month is its own, in both directions: it never
    spends more, and nobody else spends that part. `loss_calls_per_day` bounds its requests.
    """

    call: Decimal = Decimal("0.25")
    job: Decimal = Decimal("0.25")
    day: Decimal = Decimal(1)
    month: Decimal = Decimal(20)
    loss_share: Decimal = Decimal("0.2")
    loss_calls_per_day: int = 12

    def share(self, purpose: Purpose) -> Decimal:
        return self.loss_share if purpose == "loss_review" else 1 - self.loss_share


@dataclass(frozen=True, slots=True)
class BudgetState:
    """What the purposes that share a pot have spent and may spend, in USD, for the monitor and the dashboard."""

    day_spent: Decimal
    day_cap: Decimal
    month_spent: Decimal
    month_cap: Decimal

    @property
    def used(self) -> float:
        """The larger used fraction of the two: 1 and more is exhausted, as is a cap of nothing from the start."""
        pots = ((self.day_spent, self.day_cap), (self.month_spent, self.month_cap))
        return float(max(spent / cap if cap else Decimal(1) for spent, cap in pots))


@dataclass(slots=True)
class Budget:
    """Caps over calendar days and months of `zone`.

    The threads of a process reserve one after the other; a second process can at most overshoot by one request.
    """

    caps: Caps = field(default_factory=Caps)
    clock: Clock = field(default_factory=SystemClock)
    zone: ZoneInfo = field(default_factory=lambda: ZoneInfo("UTC"))
    _lock: Lock = field(default_factory=Lock, repr=False)

    def reserve(self, ledger: CallLedger, call: OpenCall) -> int:
        """Open `call` in the ledger and return its id; raises BudgetExhausted, before any row, if a cap would break."""
        with self._lock:
            excess = next(self._excesses(ledger, call), None)
            if excess:
                raise BudgetExhausted(excess, field="llm_budget", remedy="Raise the cap or wait for the next period.")
            return ledger.open(call)

    def state(self, ledger: CallLedger, purpose: Purpose) -> BudgetState:
        """The state of the pot that `purpose` draws on."""
        day, month = self._periods()
        share = self.caps.share(purpose)
        return BudgetState(
            day_spent=_spent_by_pot(ledger, day, purpose),
            day_cap=self.caps.day * share,
            month_spent=_spent_by_pot(ledger, month, purpose),
            month_cap=self.caps.month * share,
        )

    def _excesses(self, ledger: CallLedger, call: OpenCall) -> Iterator[str]:
        day, month = self._periods()
        pot = self.state(ledger, call.purpose)
        limits = (
            ("request", Decimal(0), self.caps.call),
            ("job", ledger.spent(month, job_id=call.job_id), self.caps.job),
            ("day", pot.day_spent, pot.day_cap),
            ("month", pot.month_spent, pot.month_cap),
        )
        for name, spent, cap in limits:
            if spent + call.reserved_usd > cap:
                yield f"This request may cost ${call.reserved_usd:.4f}; ${spent:.4f} of ${cap} per {name} is spent."
        if call.purpose == "loss_review" and ledger.count(day, "loss_review") >= self.caps.loss_calls_per_day:
            yield f"The loss review has made its {self.caps.loss_calls_per_day} requests of the day."

    def _periods(self) -> tuple[datetime, datetime]:
        today = local_day(self.clock.now(), self.zone)
        return day_bounds(today, self.zone)[0], day_bounds(today.replace(day=1), self.zone)[0]


def _spent_by_pot(ledger: CallLedger, since: datetime, purpose: Purpose) -> Decimal:
    """What the pot of `purpose` has spent: the loss review has one of its own, all others share one."""
    by_losses = ledger.spent(since, "loss_review")
    return by_losses if purpose == "loss_review" else ledger.spent(since) - by_losses
