"""Somebody else's simulation goes through the gate, and its cheats do not."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from feedback.gate.cases import judge_cases
from feedback.gate.gate import Gate

#: An honest moving-average cross whose costs and foresight can be cheated with.
PLUGIN = """
import numpy as np
import pandas as pd

def simulate(strategy, candles, params):
    close = candles["close"].to_numpy(dtype=float)
    fast = pd.Series(close).rolling(params["fast"]).mean().to_numpy()
    slow = pd.Series(close).rolling(24).mean().to_numpy()
    wish = np.where(fast > slow, 1.0, -1.0)
    if params.get("peek"):
        wish = np.concatenate([np.sign(np.diff(close)), [0.0]])
    if params.get("normalise"):
        wish = np.where(close > close.mean(), -1.0, 1.0)
    held = np.concatenate([[0.0], wish[:-1]])
    change = np.abs(np.diff(held, prepend=0.0))
    fee = 0.0 if params.get("mode") == 2 else params.get("fee", 0.0005)
    gain = held * np.concatenate([[0.0], np.diff(close) / close[:-1]]) - fee * change
    days = pd.to_datetime(candles["ts"], utc=True).dt.floor("D")
    table = pd.DataFrame({"day": days, "gain": gain, "trades": change > 0}).groupby("day").sum()
    return table["gain"], table["trades"]
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "plugin.py").write_text(PLUGIN)
    for number in range(2):
        rng = np.random.default_rng(number)
        close = 100 * np.exp(np.cumsum(0.004 * rng.standard_normal(24 * 150)))
        ends = np.concatenate([[100.0], close[:-1]])
        table = {"ts": pd.date_range("2025-01-01", periods=len(close), freq="h", tz="UTC"), "open": ends}
        table |= {"high": np.maximum(ends, close), "low": np.minimum(ends, close), "close": close, "volume": 1.0}
        pd.DataFrame(table).to_csv(tmp_path / f"c{number}.csv", index=False)
    return tmp_path


def _judge(folder: Path, candidate: dict[str, Any], **changes: Any) -> dict[str, Any]:
    line = {"case_id": "p", "strategy": "mine", "source": "llm", "n_trials": 1, "incumbent": {"fast": 6}}
    line |= {"candidate": candidate, "candles": ["c0.csv", "c1.csv"], "strategy_plugin": "plugin.py", "seen_days": 30}
    (folder / "cases.jsonl").write_text(json.dumps({**line, **changes}))
    (verdict,) = judge_cases(folder / "cases.jsonl", Gate())
    return verdict


def _check(verdict: dict[str, Any], name: str) -> Any:
    return next(check for check in verdict["checks"] if check["name"] == name)


def test_an_honest_simulation_is_judged_on_its_merits(folder: Path) -> None:
    verdict = _judge(folder, {"fast": 8})
    assert _check(verdict, "look_ahead")["ok"] is True
    assert _check(verdict, "fees")["ok"] is True
    assert verdict["n_days"] == 119
    assert verdict["n_trades"] > 100


@pytest.mark.parametrize("cheat", ["peek", "normalise"])
def test_a_candidate_that_knows_the_future_is_refused(folder: Path, cheat: str) -> None:
    verdict = _judge(folder, {"fast": 6, cheat: True})
    assert verdict["decision"] == "reject"
    assert "Looks ahead" in verdict["line"]


@pytest.mark.parametrize("cheat", [{"fee": 0.0}, {"mode": 2}])
def test_a_candidate_that_does_not_pay_is_refused(folder: Path, cheat: dict[str, Any]) -> None:
    verdict = _judge(folder, {"fast": 6, **cheat})
    assert verdict["decision"] == "reject"
    assert _check(verdict, "fees")["ok"] is False


@pytest.mark.parametrize(
    ("source", "why"),
    [
        ("raise OSError('gone')", "could not be loaded"),
        ("x = 1", "no function simulate"),
        ("def simulate(s, c, p):\n    raise KeyError('fast')", "KeyError"),
        ("def simulate(s, c, p):\n    return [1.0], [1]", "1 values of P&L for 150 days"),
        ("def simulate(s, c, p):\n    return 3", "TypeError"),
    ],
)
def test_a_broken_plugin_says_what_is_wrong(folder: Path, source: str, why: str) -> None:
    (folder / "plugin.py").write_text(source)
    verdict = _judge(folder, {"fast": 8})
    assert verdict["decision"] == "insufficient_data"
    assert why in verdict["line"]


def test_candles_say_too_little_about_quotes(folder: Path) -> None:
    assert _check(_judge(folder, {"fast": 8}, strategy="market_making"), "candles_only")["ok"] is False
