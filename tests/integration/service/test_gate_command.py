"""One candidate by the command line: judged with the memory of its home."""

import json
import logging
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import structlog
from click.testing import CliRunner

from collectors.simulated import STARTING_VALUES, simulate
from core.learning import ProposalStatus
from service.commands import gate
from storage.stores import Stores
from strategies import registry

pytestmark = pytest.mark.integration

DECLARATION = registry.get("momentum_scalping").declaration
INCUMBENT = DECLARATION.complete(STARTING_VALUES["momentum_scalping"])

Judge = Callable[..., Any]


@pytest.fixture(scope="module")
def candles(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A hundred days of one simulated symbol as a Parquet file."""
    (series,) = simulate(100, 11, ["AAAUSDT"])
    folder = tmp_path_factory.mktemp("candles") / "binance_spot" / "AAAUSDT" / "1m"
    folder.mkdir(parents=True)
    names = ("open", "high", "low", "close", "volume")
    columns = {name: getattr(series.bars, name) for name in names}
    pd.DataFrame({"timestamp": series.bars.time.astype(np.int64), **columns}).to_parquet(folder / "a.parquet")
    return folder


@pytest.fixture
def judge(database_url: str, redis_url: str, candles: Path, tmp_path: Path) -> Iterator[Judge]:
    """Judges values of the candidate, in the same home each time unless told otherwise."""
    environment = {"TRADELOOP_DATABASE_URL": database_url, "TRADELOOP_REDIS_URL": redis_url}

    def call(*, home: bool = True, **after: float) -> Any:
        for name, values in (("incumbent", INCUMBENT), ("candidate", after)):
            (tmp_path / f"{name}.json").write_text(json.dumps(values))
        words = ["--strategy", "momentum_scalping", "--candles", str(candles), "--json"]
        words += ["--incumbent", str(tmp_path / "incumbent.json"), "--candidate", str(tmp_path / "candidate.json")]
        words += ["--home", str(tmp_path / "home")] if home else []
        result = CliRunner(env=environment).invoke(gate.command, words, catch_exceptions=False)
        assert result.exit_code == 0, result.output
        return json.loads(result.stdout)

    handlers = logging.getLogger().handlers
    yield call
    structlog.reset_defaults()
    logging.getLogger().handlers = handlers


def _failed(verdict: Any) -> list[str]:
    return [check["name"] for check in verdict["checks"] if check["ok"] is False]


def test_a_home_remembers_what_was_asked_and_a_changed_last_digit_does_not_help(
    judge: Judge, database_url: str, redis_url: str
) -> None:
    first = judge(stop_loss=0.0075)
    assert "retest" not in _failed(first)
    again = judge(stop_loss=0.007)
    assert again["decision"] == "reject"
    assert _failed(again)[0] == "retest"
    other = judge(take_profit=0.0095)
    assert "retest" not in _failed(other)
    stores = Stores(database_url, redis_url)
    with stores.begin() as tx:
        stored = {one.id: one for one in tx.proposals.list(instance_id="momentum_scalping.AAAUSDT")}
        assert set(stored) == {one["proposal"] for one in (first, again, other)}
        assert stored[again["proposal"]].status is ProposalStatus.REFUSED
        kept = tx.proposals.verdict(again["proposal"])
    stores.close()
    assert kept is not None
    assert kept["line"] == again["line"]


def test_without_a_home_there_is_no_memory(judge: Judge) -> None:
    first, again = (judge(home=False, stop_loss=0.0075) for _ in range(2))
    assert {k: v for k, v in first.items() if k != "proposal"} == {k: v for k, v in again.items() if k != "proposal"}
    assert next(check for check in again["checks"] if check["name"] == "retest")["ok"] is None


def test_a_value_out_of_bounds_is_a_verdict_and_not_an_error(judge: Judge) -> None:
    refused = judge(home=False, stop_loss=3.0)
    assert refused["decision"] == "reject"
    assert "outside" in refused["line"]
