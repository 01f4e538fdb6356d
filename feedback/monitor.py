"""The five-minute look at everything: a list of small checks over one reading, incidents out of what they find."""

import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from core.parameters import APPLIES_ORDER
from core.ports import Severity
from execution.account import Account
from feedback.delivery import retry
from feedback.incidents import Alarm, settle
from feedback.llm.budget import BudgetState
from feedback.loop import Loop
from feedback.texts import Texts
from storage.llm_ledger import LlmLedger
from storage.queries.watch import InstanceView, UnprovenVersion, Watched, watched

FEED_SILENCE = timedelta(minutes=5)
STRATEGY_SILENCE = timedelta(minutes=10)
LOOK_BACK = timedelta(days=2)
READ_BACK = timedelta(minutes=2)
#: A loss or fall is near its limit from the first share on, until it is below the second.
NEAR_LIMIT = 0.8
FAR_AGAIN = 0.6
FREE_DISK_GB = 1.0


@dataclass(frozen=True, slots=True)
class Reading:
    """What the checks look at. `budget` is None without a language model, `free_gb` is the disk of the home."""

    loop: Loop
    at: datetime
    state: Watched
    budget: BudgetState | None
    free_gb: float
    texts: Texts

    def local(self, moment: datetime | None) -> str:
        """A moment as people read it."""
        return f"{moment.astimezone(self.loop.zone):%m-%d %H:%M}" if moment else self.texts.say("message.no_value")


Check = Callable[[Reading], Iterator[Alarm]]


def run(loop: Loop, at: datetime) -> str:
    """Look at the state of `at`, open and close incidents, and send again what did not arrive."""
    reading = _read(loop, at)
    alarms = [alarm for check in CHECKS.values() for alarm in check(reading)]
    began = settle(loop, KINDS, alarms, reading.state.incidents)
    arrived = retry(loop) if reading.state.undelivered else 0
    return f"{len(alarms)} alarms, {len(began)} new, {arrived} messages sent again"


def daily_loss(reading: Reading) -> Iterator[Alarm]:
    """Today's loss (since UTC midnight, as the engine counts) against its limit."""
    for view, account in _with_accounts(reading):
        limit = account.limits.max_daily_loss * account.capital
        yield from _near_limit(reading, "daily_loss", view, "loss", -view.day_pnl, limit)


def drawdown(reading: Reading) -> Iterator[Alarm]:
    """The fall from the peak of all days against its limit, where an instance has one."""
    for view, account in _with_accounts(reading):
        if account.limits.max_drawdown is not None:
            limit = account.limits.max_drawdown * account.capital
            yield from _near_limit(reading, "drawdown", view, "drawdown", view.pnl_peak - view.pnl_level, limit)


def feed(reading: Reading) -> Iterator[Alarm]:
    """A symbol whose bars have stopped coming."""
    newest = {view.series: view.feed_at for view in reading.state.instances}
    for series, feed_at in newest.items():
        if feed_at is None or reading.at - feed_at > FEED_SILENCE:
            text = reading.texts.say("monitor.feed", series=series, since=reading.local(feed_at))
            yield Alarm("feed", series, "warning", text)


def strategy(reading: Reading) -> Iterator[Alarm]:
    """An instance that no longer reads its bars although they come."""
    for view in reading.state.instances:
        comes = view.feed_at is not None and reading.at - view.feed_at <= FEED_SILENCE
        if comes and (view.bar_at is None or reading.at - view.bar_at > STRATEGY_SILENCE):
            text = reading.texts.say("monitor.strategy", instance=view.id, since=reading.local(view.bar_at))
            yield Alarm("strategy", view.id, "critical", text, view.id)


def unacknowledged(reading: Reading) -> Iterator[Alarm]:
    """A published version that nobody has read back. Where it has to wait for a moment, that is said and no fault."""
    for version in reading.state.unproven:
        moment = _moment_of(reading, version)
        words = {"instance": version.instance_id, "version": version.version}
        if moment in ("flat", "restart"):
            text = reading.texts.say("rollout.waits", moment=reading.texts.say(f"rollout.{moment}"), **words)
        else:
            text = reading.texts.say("monitor.unacknowledged", since=reading.local(version.sent_at), **words)
        severity: Severity = "info" if moment in ("flat", "restart") else "warning"
        yield Alarm("unacknowledged", f"{version.instance_id}@{version.version}", severity, text, version.instance_id)


def jobs(reading: Reading) -> Iterator[Alarm]:
    """The last failed or missed run of each job, until a later one is done."""
    last = {trouble.job: trouble for trouble in reading.state.jobs}
    for trouble in last.values():
        status = reading.texts.say(f"monitor.job.{trouble.status}")
        scheduled = reading.local(trouble.scheduled_at)
        text = reading.texts.say("monitor.job", job=trouble.job, scheduled=scheduled, status=status)
        yield Alarm("job", trouble.job, "warning", text)


def budget(reading: Reading) -> Iterator[Alarm]:
    """The language-model budget of the day or month is used up."""
    state = reading.budget
    if state is not None and state.used >= 1:
        words = {"day": state.day_spent, "day_cap": state.day_cap, "month": state.month_spent, "cap": state.month_cap}
        yield Alarm("budget", "llm", "warning", reading.texts.say("monitor.budget", **words))


def disk(reading: Reading) -> Iterator[Alarm]:
    """Too little disk under the home."""
    if reading.free_gb < FREE_DISK_GB:
        yield Alarm("disk", "home", "critical", reading.texts.say("monitor.disk", free=reading.free_gb))


#: The checks by the kind of incident that they find.
CHECKS: dict[str, Check] = {
    "daily_loss": daily_loss,
    "drawdown": drawdown,
    "feed": feed,
    "strategy": strategy,
    "unacknowledged": unacknowledged,
    "job": jobs,
    "budget": budget,
    "disk": disk,
}
KINDS = {*CHECKS, "daily_loss_limit", "drawdown_limit"}


def _read(loop: Loop, at: datetime) -> Reading:
    with loop.stores.begin() as tx:
        stored = watched(tx.connection, at, LOOK_BACK, READ_BACK)
    state = loop.pulse.on(stored) if loop.pulse else stored
    spent = loop.model.budget.state(LlmLedger(loop.stores), "daily_review") if loop.model.configured else None
    return Reading(loop, at, state, spent, shutil.disk_usage(loop.home).free / 1e9, Texts(loop.language))


def _with_accounts(reading: Reading) -> Iterator[tuple[InstanceView, Account]]:
    for view in reading.state.instances:
        if view.id in reading.loop.accounts:
            yield view, reading.loop.accounts[view.id]


def _near_limit(
    reading: Reading, kind: str, view: InstanceView, name: str, value: float, limit: float
) -> Iterator[Alarm]:
    words = {"instance": view.id, name: value, "limit": limit, "share": 100 * value / limit}
    text = reading.texts.say(f"monitor.{kind}", **words)
    near = Alarm(kind, view.id, "warning", text, view.id)
    is_open = any(incident.incident == near.incident for incident in reading.state.incidents)
    if value >= (FAR_AGAIN if is_open else NEAR_LIMIT) * limit:
        yield near
    if value >= limit:
        yield Alarm(f"{kind}_limit", view.id, "critical", text, view.id)


def _moment_of(reading: Reading, version: UnprovenVersion) -> str:
    """The latest moment at which one of the changed parameters takes effect."""
    declaration = reading.loop.declarations.get(version.instance_id)
    if declaration is None:
        return APPLIES_ORDER[0]
    moments = [declaration[name].applies for name in version.changed if name in declaration]
    return max(moments, key=APPLIES_ORDER.index, default=APPLIES_ORDER[0])
