"""On a market that hides nothing, what the miner drafts day by day hardly ever passes the gate."""

from collections import Counter
from collections.abc import Iterator
from datetime import timedelta

import pytest

from collectors.series import CandleSeries
from collectors.simulated import STARTING_VALUES, simulate
from core.clock import SimulatedClock, from_ms, local_day
from feedback.cycles import judge
from feedback.loop import Loop
from feedback.mining import draft_by_miner
from service.instances import seed, wanted_instances
from service.wiring import build_loop
from storage.embedded.runtime import StoreUrls
from tests.support.replaying import Stage

pytestmark = [pytest.mark.slow, pytest.mark.integration, pytest.mark.timeout(2 * 3600)]

SEEDS = range(1, 21)
HISTORY_DAYS, JUDGED_DAYS, EVERY = 120, 30, 2
MOST_PASSED = 0.05


@pytest.fixture(scope="module")
def stage(stores: StoreUrls, database_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    made = Stage(StoreUrls(database_url, stores.redis_url), tmp_path_factory.mktemp("stage"))
    yield made
    made.close()


def judged(stage: Stage, series: list[CandleSeries]) -> Counter[str]:
    """The decisions on the drafts of the last days: search, ledger and gate are the loop's own, nothing is traded."""
    first = from_ms(int(series[0].bars.time[0])) + timedelta(days=HISTORY_DAYS, hours=15, minutes=5)
    clock = SimulatedClock(first)
    with stage.session(clock, {}) as session:
        markets = [one.instrument for one in series]
        seed(session.stores, wanted_instances(session.settings.config, markets, STARTING_VALUES), first)
        for one in series:
            with session.stores.begin(durable=False) as tx:
                tx.bars.append(one.instrument.venue, one.instrument.symbol, one.bars, one.funding, simulated=True)
        loop = build_loop(session, clock=clock, markets={market.key: market for market in markets})
        for day in range(0, JUDGED_DAYS, EVERY):
            clock.move_to(first + timedelta(days=day))
            require_free_trading(loop)
            yesterday = local_day(clock.now(), loop.zone) - timedelta(days=1)
            judge(loop, draft_by_miner(loop, yesterday))
        with session.stores.begin() as tx:
            decisions = tx.connection.exec_driver_sql("SELECT decision FROM verdicts").scalars().all()
    return Counter(decisions)


def require_free_trading(loop: Loop) -> None:
    """With fees, trading less would be better, and the control would hide something after all."""
    assert {(i.maker_fee, i.taker_fee, i.slippage) for i in loop.instruments.values()} == {(0, 0, 0)}


def test_at_most_one_in_twenty_drafts_passes_where_nothing_can_be_learned(stage: Stage) -> None:
    decisions: Counter[str] = Counter()
    for number in SEEDS:
        of_seed = judged(stage, simulate(HISTORY_DAYS + JUDGED_DAYS, number, ["BTCUSDT", "ETHUSDT"], control=True))
        print(f"control market {number}: {dict(of_seed)}")
        decisions += of_seed
    print(f"all: {dict(decisions)}, passed {decisions['approve'] / decisions.total():.2%}")
    assert decisions.total() > len(SEEDS) * JUDGED_DAYS
    assert decisions["insufficient_data"] < decisions.total() / 2
    assert decisions["approve"] <= MOST_PASSED * decisions.total()


def test_the_control_market_is_traded_for_free(stage: Stage) -> None:
    series = simulate(3, 1, ["BTCUSDT"], control=True)
    lived = stage.live(series, from_ms(int(series[0].bars.time[0])) + timedelta(days=1))
    assert lived.document["trades"] > 0
    assert lived.document["fees"] == 0
    assert lived.value("SELECT count(*) FROM fills WHERE fee <> 0") == 0
