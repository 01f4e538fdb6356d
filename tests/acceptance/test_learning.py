"""The loop learns where something can be learned, on recorded and on simulated markets, and judges on unseen days."""

import math
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from core.parameters import digest_of
from service.session import open_home
from storage.embedded.home import Home
from storage.stores import Transaction
from tests.support.commandline import Measured, measured
from tests.support.recorded import recorded

pytestmark = [pytest.mark.slow, pytest.mark.integration, pytest.mark.timeout(3600)]


@contextmanager
def reading(home: Home) -> Iterator[Transaction]:
    with open_home(home.path) as session, session.stores.begin() as tx:
        yield tx


def rows(tx: Transaction, statement: str, **bound: Any) -> list[sa.Row[Any]]:
    return list(tx.connection.execute(sa.text(statement), bound))


@pytest.mark.recorded
def test_a_month_after_eight_months_of_history_is_judged_on_unseen_days(home: Home) -> None:
    files: list[Path] = [
        file for symbol in ("BTCUSDT", "ETHUSDT") for file in sorted(recorded("binance_spot", symbol, "1m").iterdir())
    ]
    replayed = measured(
        "replay", "--home", home.path, "--start", "2023-09-01", "--end", "2023-10-01", "--candles", *files
    )
    print(f"\nSeptember 2023 with eight months of history: {replayed.line}")
    print(replayed.document["proposals"])
    with reading(home) as tx:
        judged = rows(
            tx,
            """SELECT p.seen_start, p.seen_end, p.created_at, v.decision, (v.document ->> 'n_days')::int AS n_days
            FROM proposals p JOIN verdicts v ON v.proposal_id = p.id""",
        )
    assert replayed.document["jobs"]["daily_review"] == {"due": 30, "done": 30, "missed": 0, "failed": 0}
    assert len(judged) >= 30
    assert all(row.seen_end <= row.created_at for row in judged)
    assert all((row.seen_end - row.seen_start).days >= 30 for row in judged)
    assert {row.decision for row in judged} - {"insufficient_data"}
    for row in judged:
        history = (row.seen_end.date() - row.seen_end.date().replace(month=1, day=1)).days
        assert 200 <= row.n_days <= history - 29, "only the days before the proposer's window count"


@pytest.fixture(params=[11, 12])
def simulated(home: Home, request: pytest.FixtureRequest) -> Measured:
    """260 simulated days, of which the loop lives through the last seven weeks."""
    words = ("--simulated", "260", "--seed", str(request.param), "--start", "2025-08-01")
    return measured("replay", *words, "--approve", "passed", "--home", home.path)


def test_on_a_market_that_hides_better_values_a_change_passes_and_the_next_trade_shows_it(
    simulated: Measured, home: Home
) -> None:
    print(f"\n260 simulated days, 48 of them lived: {simulated.line}, {simulated.document['proposals']}")
    assert simulated.document["applied"] >= 1
    assert simulated.document["proposals"]["probation"] >= 1
    with reading(home) as tx:
        applied = rows(tx, "SELECT * FROM parameter_applications WHERE version > 1 ORDER BY instance_id, version")
        for one in applied:
            values = tx.parameters.at(one.instance_id, one.version).values
            assert one.acknowledged_digest == one.digest == digest_of(dict(values))
            assert one.first_trade_at >= one.acknowledged_at
            require_shown(tx, one.instance_id, one.version)
    assert any(one.instance_id.startswith("momentum_scalping.") for one in applied)


def require_shown(tx: Transaction, instance_id: str, version: int) -> None:
    """Every trade since the proof carries the version; a momentum trade has its distances as well."""
    entries = rows(
        tx,
        """SELECT t.entry_version, d.price, d.context -> 'wanted' AS wanted
        FROM trades t JOIN parameter_applications a ON a.instance_id = t.instance_id AND a.version = :version
        LEFT JOIN decisions d ON d.instance_id = t.instance_id AND d.seq = t.decision_seq
        WHERE t.instance_id = :instance AND t.opened_at > a.acknowledged_at""",
        instance=instance_id,
        version=version,
    )
    values = tx.parameters.at(instance_id, version).values
    assert {entry.entry_version for entry in entries} == {version}
    if instance_id.startswith("momentum_scalping."):
        for entry in entries:
            for distance, parameter in (("stop", "stop_loss"), ("target", "take_profit")):
                shown = abs(1.0 - entry.wanted[distance] / float(entry.price))
                assert math.isclose(shown, values[parameter], abs_tol=2e-6)
