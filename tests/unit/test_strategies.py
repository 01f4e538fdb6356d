"""The contract of a strategy: one plain function, declared names, a user's own file, code that is never stale."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from core.errors import InvalidInput, UnknownName
from execution.backtest import backtest
from execution.marketdata import MarketData
from strategies import compiled, registry
from strategies.frame import BAR, POSITION, WANT
from tests.unit.markets import PERPETUAL, account, wild_market

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("name", ["market_making", "momentum_scalping"])
def test_every_parameter_says_what_it_means_and_stays_in_bounds(name: str) -> None:
    strategy = registry.get(name)
    for parameter in strategy.declaration.parameters:
        assert parameter.help
        assert parameter.unit
        assert parameter.check(parameter.default) == parameter.default
        assert parameter.check(parameter.low) == parameter.low
    assert {"market_making": "spread_threshold", "momentum_scalping": "entry_threshold"}[name] in strategy.declaration


def test_a_step_runs_uncompiled_for_debugging() -> None:
    strategy = registry.get("momentum_scalping")
    records = {
        "bar": BAR,
        "feature": strategy.feature_record,
        "context": strategy.context_record,
        "position": POSITION,
        "parameter": strategy.parameter_record,
        "memory": strategy.memory_record,
        "want": WANT,
    }
    frame = {name: np.zeros(1, dtype=dtype).view(np.recarray)[0] for name, dtype in records.items()}
    for name, value in strategy.declaration.defaults().items():
        setattr(frame["parameter"], name, value)
    frame["bar"].close = 100.0
    frame["feature"].return_15 = 0.012
    frame["feature"].volume_zscore_60 = 3.0
    frame["position"].bars_flat = 1000.0
    strategy.step(**frame)
    assert (frame["want"].side, frame["want"].strength) == (1.0, 2.0)
    assert frame["want"].stop == pytest.approx(99.2)


def test_a_users_own_file_becomes_a_strategy() -> None:
    strategy = registry.load(ROOT / "examples" / "my_strategy.py")
    assert registry.get("my_strategy") is strategy
    assert len(backtest(strategy, MarketData(PERPETUAL, wild_market()), {}, account()).trades) > 5


def test_a_file_that_is_no_strategy_names_what_it_lacks(tmp_path: Path) -> None:
    file = tmp_path / "half.py"
    file.write_text("TITLE = 'Half'\nKIND = 'directional'\n")
    with pytest.raises(InvalidInput, match="PARAMETERS"):
        registry.load(file)
    with pytest.raises(InvalidInput, match="no strategy file"):
        registry.load(tmp_path / "none.py")


def test_a_step_that_writes_to_what_it_may_only_read_is_refused(tmp_path: Path) -> None:
    text = (ROOT / "examples" / "my_strategy.py").read_text()
    for line in ("bar.close = 1.0", "parameter.stop_loss *= 2.0", "feature.volatility_60 = 0.0"):
        file = tmp_path / "greedy.py"
        file.write_text(text + f"    {line}\n")
        with pytest.raises(InvalidInput, match="want and memory only"):
            registry.load(file)


def test_unknown_names_are_refused_with_the_nearest() -> None:
    with pytest.raises(UnknownName, match="market_making"):
        registry.get("market_makin")


RUN = """
import sys
from pathlib import Path
from strategies import compiled, registry
compiled.use_cache_folder(Path(sys.argv[2]) if sys.argv[2] else None)
from execution.backtest import backtest
from execution.marketdata import MarketData
from tests.unit.markets import PERPETUAL, account, wild_market
result = backtest(registry.load(sys.argv[1]), MarketData(PERPETUAL, wild_market(bars=1500)), {}, account())
print(result.final_equity)
"""


def equity_of(strategy: Path, cache: Path | None, folder: Path) -> float:
    done = subprocess.run(
        [sys.executable, "-c", RUN, str(strategy), str(cache or "")],
        env={**os.environ, "PYTHONPATH": f"{ROOT}{os.pathsep}{folder}"},
        capture_output=True,
        text=True,
        check=True,
        cwd=folder,
    )
    return float(done.stdout)


@pytest.fixture
def own(tmp_path: Path) -> Path:
    text = (ROOT / "examples" / "my_strategy.py").read_text()
    text = text.replace("from typing", "from outside import reach\nfrom typing")
    (tmp_path / "own.py").write_text(text.replace("parameter.stop_loss)", "reach(parameter.stop_loss))"))
    write_helper(tmp_path, "1.0")
    return tmp_path


def write_helper(folder: Path, factor: str) -> None:
    source = f"from strategies.compiled import helper\n\n\n@helper\ndef reach(loss):\n    return loss * {factor}\n"
    (folder / "outside.py").write_text(source)
    os.utime(folder / "outside.py", (0, 0))


@pytest.mark.slow
def test_editing_a_function_that_a_cached_step_calls_changes_the_next_run(own: Path) -> None:
    cache = own / "cache"
    before = equity_of(own / "own.py", cache, own)
    assert any(cache.rglob("*.nbi"))
    assert equity_of(own / "own.py", cache, own) == before
    write_helper(own, "0.5")
    after = equity_of(own / "own.py", cache, own)
    assert after != before
    assert after == equity_of(own / "own.py", None, own)


def test_the_digest_of_a_step_covers_the_functions_it_calls(own: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(own)
    step = registry.load(own / "own.py").step
    before = compiled.source_digest(step)
    write_helper(own, "0.5")
    assert compiled.source_digest(step) != before
    assert compiled.source_digest(eval("lambda bar: None")) is None


def test_a_cache_folder_that_cannot_be_written_is_done_without(tmp_path: Path) -> None:
    def addition(a: float, b: float) -> float:
        return a + b

    blocked = tmp_path / "file"
    blocked.write_text("")
    compiled.use_cache_folder(blocked / "cache")
    try:
        with compiled.cache_for(addition) as cached:
            assert not cached
    finally:
        compiled.use_cache_folder(compiled.DEFAULT_CACHE)
