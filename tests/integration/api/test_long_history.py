"""Reading a page of a long history touches an index and a few rows, wherever the page lies."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, event, text

from storage import partitions
from storage.queries import api_counts
from storage.queries.api_journal import Filter, trades_page
from storage.stores import Stores
from tests.support.rows import NOON, batch

pytestmark = pytest.mark.integration

TRADES = 30_000
#: The engine may look at a few more rows than a page has, in each month.
FEW = 1000

_COPIES = text("""
INSERT INTO trades (instance_id, seq, closed_at, strategy, venue, symbol, side, quantity, opened_at, entry_price,
    exit_price, gross_pnl, fees, funding, slippage, pnl, mae, mfe, bars_held, exit_reason, strength, regime,
    decision_seq, entry_version, exit_version, entry_context, exit_context, execution, source)
SELECT instance_id, seq + n, closed_at - n * interval '5 minutes', strategy, venue, symbol, side, quantity, opened_at,
    entry_price, exit_price, gross_pnl, fees, funding, slippage, pnl, mae, mfe, bars_held, exit_reason, strength,
    regime, decision_seq, entry_version, exit_version, entry_context, exit_context, execution, source
FROM trades, generate_series(1, :n) AS n WHERE seq = 1
""")


@pytest.fixture
def long(db: Stores) -> Stores:
    """A hundred days of trades, one every five minutes."""
    with db.begin() as tx:
        partitions.ensure_all(tx.connection, NOON - timedelta(days=120), NOON + timedelta(days=2))
        tx.journal.write(batch(1))
        tx.connection.execute(_COPIES, {"n": TRADES})
    with db.begin() as tx:
        tx.connection.execute(text("ANALYZE trades"))
    return db


@contextmanager
def explained(connection: Connection) -> Iterator[list[Any]]:
    """The plans of what is asked meanwhile, as carried out."""
    asked: list[tuple[str, Any]] = []

    def remember(_c: Any, _cursor: Any, statement: str, parameters: Any, *_: Any) -> None:
        asked.append((statement, parameters))

    plans: list[Any] = []
    event.listen(connection, "before_cursor_execute", remember)
    yield plans
    event.remove(connection, "before_cursor_execute", remember)
    for statement, parameters in asked:
        cursor = connection.connection.cursor()
        cursor.execute(f"EXPLAIN (ANALYZE, FORMAT JSON) {statement}", parameters)
        plans.append(cursor.fetchone()[0][0]["Plan"])


def nodes(plan: Any) -> Iterator[Any]:
    yield plan
    for inner in plan.get("Plans", ()):
        yield from nodes(inner)


@pytest.mark.parametrize("days", [0, 50, 99])
@pytest.mark.parametrize("equal", [{}, {"instance_id": "momentum_scalping.BTCUSDT"}])
def test_a_page_of_trades_reads_few_rows(long: Stores, days: int, equal: dict[str, str]) -> None:
    after = (NOON - timedelta(days=days), "momentum_scalping.BTCUSDT", 5) if days else None
    with long.begin() as tx, explained(tx.connection) as plans:
        assert len(trades_page(tx.connection, Filter(equal=equal), after, 50).rows) == 50
    found = list(nodes(plans[0]))
    assert max(node["Actual Rows"] * node["Actual Loops"] for node in found) < FEW
    assert not [n for n in found if n["Node Type"] == "Seq Scan" and n["Actual Rows"] > FEW]


def test_a_week_is_summed_without_reading_other_weeks(long: Stores) -> None:
    with long.begin() as tx, explained(tx.connection) as plans:
        assert api_counts.trade_sum(tx.connection, NOON - timedelta(days=7), NOON).trades == 7 * 288
    leaves = [node for node in nodes(plans[0]) if "Plans" not in node]
    read = sum(n["Actual Loops"] * (n["Actual Rows"] + n.get("Rows Removed by Filter", 0)) for n in leaves)
    assert read < 7 * 288 + FEW
