"""How fast the API reads: `python -m benchmarks.api [--trades N]`. One server process of its own, in a temporary home.

Each route is asked in turn over connections that stay open, a second at a time, beside a static JSON route behind the
same key and the same limiter; medians of the rounds are compared, so that a busy machine slows all of them alike.
"""

import multiprocessing
import tempfile
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from functools import partial
from multiprocessing.queues import Queue
from pathlib import Path
from statistics import median

import click
import httpx
from flask import Response
from sqlalchemy import text

from api.auth import access, guard
from api.serve import make_server
from core.clock import SimulatedClock
from core.learning import ProposalStatus
from storage import migrate, partitions
from storage.embedded.home import Home
from storage.embedded.runtime import StoreUrls
from storage.embedded.servers import EmbeddedServers
from storage.stores import Stores
from strategies import registry
from tests.support.api import application
from tests.support.rows import NOON, batch, instance, proposal

CLIENTS = 4
STATIC = "/static-json"
ROUTES = {"static JSON": STATIC, "insights": "/api/ai-insights", "trades": "/api/trades", "Today": "/"}
NOW = NOON + timedelta(hours=1)

_MANY = text("""
INSERT INTO trades (instance_id, seq, closed_at, strategy, venue, symbol, side, quantity, opened_at, entry_price,
    exit_price, gross_pnl, fees, funding, slippage, pnl, mae, mfe, bars_held, exit_reason, strength, regime,
    decision_seq, entry_version, exit_version, entry_context, exit_context, execution, source)
SELECT instance_id, seq + n, closed_at - n * interval '25 seconds', strategy, venue, symbol, side, quantity,
    opened_at - n * interval '25 seconds', entry_price, exit_price, gross_pnl, fees, funding, slippage, pnl, mae, mfe,
    bars_held, exit_reason, strength, regime, decision_seq, entry_version, exit_version, entry_context, exit_context,
    execution, source
FROM trades, generate_series(1, :n) AS n WHERE seq = 1
""")


@click.command()
@click.option("--trades", type=click.IntRange(0, 1_000_000), default=1_000, show_default=True, help="Stored trades.")
@click.option("--rounds", type=click.IntRange(1, 20), default=3, show_default=True, help="Seconds for each route.")
def main(trades: int, rounds: int) -> None:
    """Print requests per second, the 99th percentile and the rate beside the static route."""
    with tempfile.TemporaryDirectory(prefix="tradeloop-bench-") as folder:
        servers = EmbeddedServers(Home(Path(folder) / "home"))
        urls = servers.start()
        try:
            key = _seed(urls, trades)
            _measure(urls, Path(folder), key, rounds)
        finally:
            servers.stop()


def _seed(urls: StoreUrls, count: int) -> str:
    """A home with one instance, a proposal that waits and `count` trades; returns a key with scope read."""
    migrate.upgrade(urls.database_url)
    stores = Stores(urls.database_url, urls.redis_url)
    with stores.begin() as tx:
        partitions.ensure_all(tx.connection, NOON - timedelta(days=300), NOON + timedelta(days=2))
        tx.instances.seed(instance(), registry.get("momentum_scalping").declaration.defaults(), NOON)
        tx.proposals.add(proposal("p-1"))
        tx.proposals.move("p-1", ProposalStatus.AWAITING_REVIEW, NOON)
        tx.journal.write(batch(1))
        tx.connection.execute(_MANY, {"n": count})
        key = tx.keys.create("bench", ["read"], NOON)[1]
    with stores.begin() as tx:
        tx.connection.execute(text("ANALYZE trades"))
    stores.close()
    return key


def _serve(urls: StoreUrls, folder: Path, port: "Queue[int]") -> None:
    app = application(Stores(urls.database_url, urls.redis_url), SimulatedClock(NOW), folder)
    app.add_url_rule(STATIC, "bench", lambda: Response('{"ok": true}', mimetype="application/json"))
    guard.SCOPES = {**access.SCOPES, f"GET {STATIC}": "read"}
    server = make_server(app, "127.0.0.1", 0)
    port.put(server.effective_port)
    server.run()


def _measure(urls: StoreUrls, folder: Path, key: str, rounds: int) -> None:
    spawn = multiprocessing.get_context("spawn")
    port = spawn.Queue()
    server = spawn.Process(target=_serve, args=(urls, folder, port), daemon=True)
    server.start()
    base = f"http://127.0.0.1:{port.get(timeout=60)}"
    try:
        with ThreadPoolExecutor(CLIENTS) as pool:
            clients = [_client(base, key) for _ in range(CLIENTS)]
            _report({name: [] for name in ROUTES}, pool, clients, rounds)
    finally:
        server.terminate()
        server.join()


def _client(base: str, key: str) -> httpx.Client:
    return httpx.Client(base_url=base, headers={"Authorization": f"Bearer {key}"}, trust_env=False, timeout=30)


def _report(
    times: dict[str, list[list[float]]], pool: ThreadPoolExecutor, clients: Sequence[httpx.Client], rounds: int
) -> None:
    for path in ROUTES.values():
        list(pool.map(partial(_ask, path=path, seconds=0.3), clients))
    for _ in range(rounds):
        for name, path in ROUTES.items():
            asked = pool.map(partial(_ask, path=path, seconds=1.0), clients)
            times[name].append([one for each in asked for one in each])
    rates = {name: median(len(one) for one in found) for name, found in times.items()}
    for name, found in times.items():
        every = sorted(one for round_ in found for one in round_)
        late = every[int(len(every) * 0.99)]
        share = rates[name] / rates["static JSON"]
        click.echo(f"{name:<12} {rates[name]:7.0f} requests/s   p99 {late * 1e3:6.1f} ms   {share:.2f}")


def _ask(client: httpx.Client, path: str, seconds: float) -> list[float]:
    """Ask for so many seconds; returns how long each answer took."""
    took, end = [], time.perf_counter() + seconds
    while (started := time.perf_counter()) < end:
        client.get(path).raise_for_status()
        took.append(time.perf_counter() - started)
    return took


if __name__ == "__main__":
    main()
