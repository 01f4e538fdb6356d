"""What Prometheus sees, and that the example dashboard asks for nothing else."""

import json
import re
from pathlib import Path

import pytest

from core.clock import SimulatedClock
from core.learning import ProposalStatus
from storage.stores import Stores
from tests.integration.storage.test_reviews import REVIEW
from tests.support.api import Caller, spoken
from tests.support.rows import NOON, batch, proposal

pytestmark = pytest.mark.integration

DASHBOARD = Path(__file__).parents[3] / "docs" / "grafana.json"
BTC = "momentum_scalping.BTCUSDT"


@pytest.fixture
def busy(db: Stores) -> Stores:
    """A home with something of everything: rows, a state, a proposal that waits, a command, a job, a review."""
    with db.begin() as tx:
        tx.journal.write(spoken(batch(1, 2)))
        tx.proposals.add(proposal("p-1"))
        tx.proposals.move("p-1", ProposalStatus.AWAITING_REVIEW, NOON)
        tx.proposals.add(proposal("p-2"))
        tx.reviews.add(REVIEW)
        tx.commands.add("stop", None, {}, "test", None, NOON)
    return db


def families(reader: Caller) -> set[str]:
    text = reader.get("/metrics").get_data(as_text=True)
    return set(re.findall(r"^# TYPE (\w+) ", text, re.MULTILINE))


def test_the_figures_are_those_of_the_stores(reader: Caller, busy: Stores) -> None:
    text = reader.get("/metrics").get_data(as_text=True)
    for line in (
        "tradeloop_trades_day 2.0",
        "tradeloop_net_pnl_day 1.077",
        'tradeloop_decisions_day{fate="executed"} 2.0',
        f'tradeloop_equity{{instance="{BTC}"}} 10012.5',
        f'tradeloop_position{{instance="{BTC}"}} -0.25',
        f'tradeloop_bar_age_seconds{{instance="{BTC}"}} 3480.0',
        'tradeloop_queue_depth{queue="commands"} 1.0',
        'tradeloop_queue_depth{queue="drafts"} 1.0',
        'tradeloop_queue_depth{queue="decisions"} 1.0',
        'tradeloop_queue_depth{queue="messages"} 0.0',
        "tradeloop_kill_switch 0.0",
    ):
        assert line in text.splitlines(), line


def test_every_figure_of_the_dashboard_exists(reader: Caller, busy: Stores, clock: SimulatedClock) -> None:
    asked = set(re.findall(r"tradeloop_\w+", " ".join(_expressions())))
    assert families(reader) == asked


def _expressions() -> list[str]:
    document = json.loads(DASHBOARD.read_text())
    return [target["expr"] for panel in document["panels"] for target in panel["targets"]]
