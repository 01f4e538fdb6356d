"""The figures of /metrics, read from Postgres when asked, so that every API process says the same."""

from collections.abc import Iterator, Mapping
from datetime import timedelta

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from prometheus_client.metrics_core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from api.context import ApiContext
from storage.queries import api_counts, api_loop

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
        context, now = self._context, self._context.now()
        with context.stores.begin() as tx:
            trades = api_counts.trade_sum(tx.connection, now - DAY, now)
            models = api_counts.model_use(tx.connection, now - DAY, now)
            yield _gauge("trades_day", "Trades closed in the last 24 h", trades.trades)
            yield _gauge("net_pnl_day", "P&L after fees of the last 24 h, quote currency", float(trades.pnl))
            yield _gauge("llm_calls_day", "Model calls of the last 24 h", models.calls)
            yield _gauge("llm_failed_day", "Model calls of the last 24 h that failed", models.failed)
            yield _gauge("llm_cost_usd_day", "Model cost of the last 24 h, USD", float(models.cost_usd))
            yield _by("proposals", "Proposals by status", "status", api_counts.proposals_by_status(tx.connection))
            yield _by("commands", "Commands by status", "status", api_counts.commands_by_status(tx.connection))
            yield _jobs(tx.jobs.counts())
            yield _gauge("unacknowledged_versions", "Sent, not read back", api_counts.unacknowledged(tx.connection))
            yield _gauge("open_incidents", "Incidents that last", len(api_loop.open_incidents(tx.connection)))
        yield _gauge("kill_switch", "1 while entries are stopped", int(context.kill_switch.state() is not None))


def _gauge(name: str, text: str, value: float) -> Metric:
    return GaugeMetricFamily(f"tradeloop_{name}", text, value=value)


def _by(name: str, text: str, label: str, values: Mapping[str, int]) -> Metric:
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
