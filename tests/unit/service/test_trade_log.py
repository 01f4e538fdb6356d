"""The trader's own file: a JSON line for what was decided, filled and closed, without secrets."""

import json
import logging
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from core.trading import Fate, RefusalReason
from execution.trade_log import NAME, tell, tell_manual
from service.logs import REDACTED, open_trade_log
from storage.journal_batch import JournalBatch
from tests.support.rows import batch, decision


@pytest.fixture
def file(tmp_path: Path) -> Iterator[Path]:
    path = tmp_path / "logs" / "trades.log"
    open_trade_log(path, ["canary-of-the-settings"])
    yield path
    trades = logging.getLogger(NAME)
    for handler in trades.handlers:
        handler.close()
    trades.handlers, trades.propagate, trades.level = [], True, logging.NOTSET


def lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text().splitlines()]


def test_a_batch_leaves_a_line_for_each_decision_fill_and_trade(file: Path) -> None:
    tell(batch(1))
    found = lines(file)
    assert [line["action"] for line in found] == ["trade.executed", "trade.filled", "trade.closed"]
    assert {line["instance"] for line in found} == {"momentum_scalping.BTCUSDT"}
    assert found[2]["pnl"] == "0.5385"
    assert found[1]["time"] == "2026-11-02T12:01:00+00:00"


def test_a_refusal_says_why_and_a_near_miss_says_nothing(file: Path) -> None:
    refused = replace(decision(1), fate=Fate.REFUSED, reason=RefusalReason.KILL_SWITCH)
    tell(JournalBatch(decisions=[refused, replace(decision(2), fate=Fate.NEAR)]))
    assert [(line["action"], line["reason"]) for line in lines(file)] == [("trade.refused", "kill_switch")]


def test_secrets_do_not_reach_the_file(file: Path) -> None:
    tell_manual(1, {"note": "canary-of-the-settings"})
    assert lines(file)[0]["result"] == {"note": REDACTED}
