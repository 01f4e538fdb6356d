"""How fast the stores write and read: `python -m benchmarks.storage`. Starts servers of its own in a temporary home."""

import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import click
import numpy as np

from core.clock import MINUTE_MS, from_ms, to_ms
from core.market import Bars
from core.parameters import ParameterSet
from storage import migrate, partitions
from storage.columns import Columns
from storage.embedded.home import Home
from storage.embedded.servers import EmbeddedServers
from storage.journal_batch import JournalBatch
from storage.journal_writer import JournalWriter
from storage.repositories.jobs import JobRun
from storage.stores import Stores
from tests.support.rows import NOON, VALUES, batch, instance

BATCHES = 10_000
JOBS = 17_000
BARS = 260 * 1440
CONTEXT = {f"feature_{number}": 1.0 / (number + 3) for number in range(25)}
SERIES = ("binance_usdm", "BTCUSDT")


@click.command()
def main() -> None:
    """Print rows per second; a journal batch is a decision, an order, a fill, a trade and the state, with contexts of
    25 numbers."""
    with tempfile.TemporaryDirectory(prefix="tradeloop-bench-") as folder:
        servers = EmbeddedServers(Home(Path(folder) / "home"))
        urls = servers.start()
        try:
            _timed("migrate an empty database", 1, lambda: migrate.upgrade(urls.database_url))
            stores = Stores(urls.database_url, urls.redis_url)
            with stores.begin() as tx:
                tx.instances.seed(instance(), VALUES, NOON)
                partitions.ensure_all(tx.connection, NOON - timedelta(days=300), NOON + timedelta(days=10))
            _journal(stores)
            _jobs(stores)
            _bars(stores, Columns(Path(folder)))
            _hot(stores)
            stores.close()
        finally:
            servers.stop()


def _journal(stores: Stores) -> None:
    batches = [_rich(number) for number in range(1, BATCHES + 1)]
    writer = JournalWriter(stores, durable=False, limit=20_000)

    def write() -> None:
        for each in batches:
            writer.submit(each)
        writer.flush(600)

    _timed("journal rows through the writer, not durable", 4 * BATCHES, write)
    writer.close()
    durable = [_rich(number) for number in range(BATCHES + 1, BATCHES + 101)]
    _timed("durable transactions of one batch", len(durable), lambda: [_written(stores, each) for each in durable])


def _rich(number: int) -> JournalBatch:
    made = batch(number)
    decisions = [replace(row, context=CONTEXT) for row in made.decisions]
    trades = [replace(row, entry_context=CONTEXT, exit_context=CONTEXT) for row in made.trades]
    return replace(made, decisions=decisions, trades=trades)


def _written(stores: Stores, each: JournalBatch) -> None:
    with stores.begin() as tx:
        tx.journal.write(each)


def _jobs(stores: Stores) -> None:
    times = [NOON + timedelta(minutes=number) for number in range(JOBS)]
    runs = [JobRun("monitor", moment, "done", 1, NOON, NOON) for moment in times]

    def record() -> None:
        with stores.begin(durable=False) as tx:
            tx.jobs.record(runs)

    _timed("job runs recorded at once", JOBS, record)
    some = times[:1000]
    _timed("job runs claimed and finished, not durable", len(some), lambda: [_run(stores, moment) for moment in some])


def _run(stores: Stores, moment: datetime) -> None:
    with stores.begin(durable=False) as tx:
        tx.jobs.claim("report", moment, NOON, timedelta(minutes=5))
    with stores.begin(durable=False) as tx:
        tx.jobs.finish("report", moment, "done", "", NOON)


def _bars(stores: Stores, columns: Columns) -> None:
    times = to_ms(NOON) + np.arange(-BARS, 0, dtype=np.int64) * MINUTE_MS
    opened, high, low, close, volume = np.random.default_rng(1).lognormal(10, 0.01, (5, BARS))
    bars = Bars(times, opened, high, low, close, volume)

    def append() -> None:
        with stores.begin(durable=False) as tx:
            tx.bars.append(*SERIES, bars)

    def load() -> None:
        with stores.begin() as tx:
            tx.bars.load(*SERIES, MINUTE_MS, from_ms(int(times[0])), NOON)

    def sync() -> None:
        with stores.begin() as tx:
            columns.sync(tx, *SERIES, MINUTE_MS)

    for what, work in (("appended", append), ("appended again", append), ("loaded", load), ("synced to files", sync)):
        _timed(f"bars {what}", BARS, work)
    _timed("series mapped from files", 1, lambda: columns.open(*SERIES, MINUTE_MS))


def _hot(stores: Stores) -> None:
    subscription = stores.hot.subscription(["bench"])
    subscription.poll(0.1)
    waits = []
    for version in range(1, 501):
        began = time.perf_counter()
        stores.hot.publish(ParameterSet("bench", version, CONTEXT, "bench"))
        subscription.poll(1.0)
        waits.append(time.perf_counter() - began)
    subscription.close()
    middle, most = np.percentile(waits, [50, 99]) * 1000
    click.echo(f"{'published and heard':<45} p50 {middle:.2f} ms, p99 {most:.2f} ms")


def _timed(what: str, count: int, work: Callable[[], object]) -> None:
    began = time.perf_counter()
    work()
    seconds = time.perf_counter() - began
    click.echo(f"{what:<45} {count / seconds:>12,.0f} /s  ({seconds:.2f} s)")


if __name__ == "__main__":
    main()
