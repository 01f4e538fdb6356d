"""What the commands do with --candles, --end and --params before the real work."""

import json
from datetime import UTC, date, datetime
from pathlib import Path

import numpy as np
import pytest

from collectors.simulated import simulate
from core.clock import to_ms
from core.errors import InvalidInput, OutOfBounds, UnknownName
from service.candles import load_series, read_values, refuse_unknown_values, until_moment, values_for
from service.settings import load_settings
from strategies import registry

MOMENTUM, MAKING = registry.get("momentum_scalping"), registry.get("market_making")
ROWS = 3 * 1440


def candles(folder: Path, venue: str = "binance_spot", start: datetime = datetime(2024, 1, 1, tzinfo=UTC)) -> Path:
    """Three days of flat minutes as CSV."""
    path = folder / venue / "BTCUSDT" / "1m" / "days.csv"
    path.parent.mkdir(parents=True)
    first = to_ms(start)
    rows = [f"{first + 60_000 * n},100,101,99,100,5" for n in range(ROWS)]
    path.write_text("\n".join(["timestamp,open,high,low,close,volume", *rows]))
    return path


def test_the_end_is_half_open_and_in_utc(tmp_path: Path) -> None:
    (series,) = load_series([candles(tmp_path)], [], [], load_settings(tmp_path, {}), date(2024, 1, 2))
    assert len(series.bars) == 1440
    assert series.bars.time[-1] == to_ms(datetime(2024, 1, 1, 23, 59, tzinfo=UTC))
    assert series.instrument.key == "binance_spot/BTCUSDT"


def test_an_end_before_the_first_candle_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="no candles before the end") as refused:
        load_series([candles(tmp_path)], [], [], load_settings(tmp_path, {}), date(2024, 1, 1))
    assert refused.value.field == "end"


def test_funding_after_the_end_is_not_known_yet() -> None:
    (series,) = simulate(2, 1, ["BTCUSDT"])
    end_ms = int(series.bars.time[0]) + 86_400_000
    cut = until_moment(series, end_ms)
    assert series.funding is not None
    assert cut.funding is not None
    assert len(cut.funding.time) == np.count_nonzero(series.funding.time < end_ms) < len(series.funding.time)


def test_the_rules_of_the_settings_reach_the_instrument(tmp_path: Path) -> None:
    (tmp_path / "tradeloop.toml").write_text('[instruments."binance_spot/BTCUSDT"]\ntaker_fee = "0.00123"\n')
    (series,) = load_series([candles(tmp_path)], [], [], load_settings(tmp_path, {}), None)
    assert str(series.instrument.taker_fee) == "0.00123"


def test_values_may_be_plain_or_by_strategy() -> None:
    plain = {"entry_threshold": 0.004, "spread_threshold": 0.003}
    assert values_for(MOMENTUM, plain)["entry_threshold"] == 0.004
    assert values_for(MAKING, plain)["spread_threshold"] == 0.003
    own = {"momentum_scalping": {"entry_threshold": 0.005}, "entry_threshold": 0.004}
    assert values_for(MOMENTUM, own) == MOMENTUM.declaration.complete({"entry_threshold": 0.005})


def test_what_is_not_given_has_its_default() -> None:
    assert values_for(MOMENTUM, {}) == MOMENTUM.declaration.defaults()


@pytest.mark.parametrize("value", [0.9, -1, float("nan"), "0.004", True])
def test_a_value_out_of_bounds_or_of_another_type_is_refused(value: object) -> None:
    with pytest.raises((OutOfBounds, InvalidInput)):
        values_for(MOMENTUM, {"entry_threshold": value})


def test_names_of_other_strategies_are_no_mistake_and_misspelt_ones_are() -> None:
    refuse_unknown_values({"entry_threshold": 1, "spread_threshold": 1, "market_making": {}}, [MOMENTUM, MAKING])
    with pytest.raises(UnknownName, match="Did you mean 'stop_loss'"):
        refuse_unknown_values({"stop_los": 0.1}, [MOMENTUM])


def test_an_unknown_name_inside_a_strategys_own_values_is_refused() -> None:
    with pytest.raises(UnknownName, match="Did you mean 'stop_loss'"):
        values_for(MOMENTUM, {"momentum_scalping": {"stop_los": 0.1}})


@pytest.mark.parametrize("text", ["{", "[1, 2]", "3", ""])
def test_a_file_without_an_object_is_refused(tmp_path: Path, text: str) -> None:
    file = tmp_path / "values.json"
    file.write_text(text)
    with pytest.raises(InvalidInput) as refused:
        read_values(file)
    assert refused.value.field == "params"


def test_no_file_means_no_values(tmp_path: Path) -> None:
    assert read_values(None) == {}
    file = tmp_path / "values.json"
    file.write_text(json.dumps({"stop_loss": 0.01}))
    assert read_values(file) == {"stop_loss": 0.01}
