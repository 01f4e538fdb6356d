"""The figures of /metrics, read from Postgres when asked, so that every API process says the same."""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from prometheus_client.metrics_core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from api.context import ApiContext
from storage.queries import api_counts, api_loop, api_state
from storage.stores import Transaction

CONTENT_TYPE = CONTENT_TYPE_LATEST
DAY = timedelta(days=1)


def render(context: ApiContext) -> bytes:
    """The whole exposition."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Figures(context))
    return generate_latest(registry)


class _Figures(Collector):
    def __init__(self, context: ApiContext) -> None:
        self._context = context

    def collect(self) -> Iterator[Metric]:
        now = self._context.now()
        with self._context.stores.begin() as tx:
            yield from _trading(tx, now)
            yield from _loop(tx, now)
            yield from _models(tx, now)
            yield _jobs(tx.jobs.counts())
            yield _by("queue_depth", "What waits, by queue", "queue", api_counts.queues(tx.connection))
            yield _by("commands", "Commands by status", "status", api_counts.commands_by_status(tx.connection))
            yield _gauge("open_incidents", "Incidents that last", len(api_loop.open_incidents(tx.connection)))
        yield _gauge("kill_switch", "1 while entries are stopped", int(self._context.kill_switch.state() is not None))


def _trading(tx: Transaction, now: datetime) -> Iterator[Metric]:
    connection = tx.connection
    closed = api_counts.trade_sum(connection, now - DAY, now)
    fates = api_counts.decisions_by_fate(connection, now - DAY, now)
    yield _gauge("trades_day", "Trades closed in the last 24 h", closed.trades)
    yield _gauge("net_pnl_day", "P&L after fees of the last 24 h, quote currency", float(closed.pnl))
    yield _by("decisions_day", "Signals of the last 24 h by what became of them", "fate", fates)
    rows = api_state.instances(connection)
    said = {row["id"]: row["summary"] for row in rows if row["summary"]}
    ages = {row["id"]: (now - row["bar_at"]).total_seconds() for row in rows if row["bar_at"]}
    yield _by("running", "1 while an instance may enter", "instance", {row["id"]: int(row["running"]) for row in rows})
    yield _by("equity", "Cash and position, quote currency", "instance", _each(said, "equity"))
    yield _by("position", "Signed position, base units", "instance", _each(said, "quantity"))
    yield _by("bar_age_seconds", "Since the close of the last bar read", "instance", ages)


def _loop(tx: Transaction, now: datetime) -> Iterator[Metric]:
    connection = tx.connection
    reviewed = api_counts.last_review(connection)
    yield _by("proposals", "Proposals by status", "status", api_counts.proposals_by_status(connection))
    yield _gauge("unacknowledged_versions", "Sent, not read back", api_counts.unacknowledged(connection))
    if reviewed is not None:
        yield _gauge("review_age_seconds", "Since the last daily review", (now - reviewed).total_seconds())


def _models(tx: Transaction, now: datetime) -> Iterator[Metric]:
    used = api_counts.model_use(tx.connection, now - DAY, now)
    yield _gauge("llm_calls_day", "Model calls of the last 24 h", used.calls)
    yield _gauge("llm_failed_day", "Model calls of the last 24 h that failed", used.failed)
    yield _gauge("llm_cost_usd_day", "Model cost of the last 24 h, USD", float(used.cost_usd))


def _each(said: Mapping[str, Mapping[str, Any]], name: str) -> dict[str, float]:
    return {instance: summary[name] for instance, summary in said.items() if name in summary}


def _gauge(name: str, text: str, value: float) -> Metric:
    return GaugeMetricFamily(f"tradeloop_{name}", text, value=value)


def _by(name: str, text: str, label: str, values: Mapping[str, float]) -> Metric:
    family = GaugeMetricFamily(f"tradeloop_{name}", text, labels=[label])
    for key, value in sorted(values.items()):
        family.add_metric([key], value)
    return family


def _jobs(counts: Mapping[str, Mapping[str, int]]) -> Metric:
    family = GaugeMetricFamily("tradeloop_job_runs", "Job runs by result", labels=["job", "result"])
    for job, results in sorted(counts.items()):
        for result, value in sorted(results.items()):
            family.add_metric([job, result], value)
    return family
