"""The present: positions, balances, profit and loss, status and the scorecard."""

from datetime import date

from pydantic import Field

from api.models.base import Moment, Money, Name, Number, Out, Query
from api.models.control import KillSwitchOut


class InstanceQuery(Query):
    instance_id: Name | None = None


class PositionOut(Out):
    """`quantity` is signed; `stop` and `target` are null where none rests. `at` is the close of the last bar seen."""

    instance_id: str
    venue: str
    symbol: str
    quantity: Number
    entry_price: Money | None
    stop: Money | None
    target: Money | None
    version: int
    at: Moment


class PositionList(Out):
    items: list[PositionOut]


class OpenOrderOut(Out):
    """An order that protects an open position."""

    instance_id: str
    symbol: str
    side: str
    kind: str
    quantity: Number
    price: Money


class OpenOrderList(Out):
    """`quotes` counts the resting quotes of market makers: they are replaced too often to be listed."""

    items: list[OpenOrderOut]
    quotes: dict[str, int]


class BalanceOut(Out):
    """Paper capital of an instance: its budget and its equity now (null before its first bar)."""

    instance_id: str
    budget: Money
    equity: Money | None
    at: Moment | None


class BalanceList(Out):
    items: list[BalanceOut]


class PnlQuery(Query):
    """Local days [start, end]; the last 30 days by default, at most 400."""

    start: date | None = None
    end: date | None = None
    instance_id: Name | None = None


class PnlRow(Out):
    day: date
    instance_id: str
    trades: int
    wins: int
    gross_pnl: Money
    fees: Money
    funding: Money
    net_pnl: Money


class PnlOut(Out):
    timezone: str
    start: date
    end: date
    trades: int
    fees: Money
    funding: Money
    net_pnl: Money
    items: list[PnlRow]


class JobOut(Out):
    due: int
    done: int
    missed: int
    failed: int


class StatusOut(Out):
    """What runs here and what waits. `simulated` numbers are not money."""

    now: Moment
    version: str
    feed: str
    simulated: bool
    read_only: bool
    timezone: str
    kill_switch: KillSwitchOut
    instances: dict[str, bool] = Field(description="running, per instance")
    jobs: dict[str, JobOut]
    proposals: dict[str, int]
    commands: dict[str, int]
    unacknowledged_versions: int
    open_incidents: int


class KpiOut(Out):
    """One measured figure, or null with the reason why there is none."""

    name: str
    value: float | None
    unit: str
    reason: str | None = None
    span: str


class KpiList(Out):
    items: list[KpiOut]


class HealthOut(Out):
    status: str
    version: str
