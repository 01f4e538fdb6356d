"""tradeloop.toml is checked to the last field, and says which one is wrong."""

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from core.errors import InvalidInput
from core.market import Instrument
from core.trading import Mode, Policy
from service.accounts import account_of
from service.config_file import parse_config
from service.instances import wanted_instances

BITCOIN = Instrument("simulated_usdm", "BTCUSDT", price_step=Decimal("0.1"), quantity_step=Decimal("0.001"))
ETHER = Instrument("simulated_usdm", "ETHUSDT", price_step=Decimal("0.01"), quantity_step=Decimal("0.001"))


@pytest.mark.parametrize(
    ("document", "field"),
    [
        ({"risks": {}}, "risks"),
        ({"risk": {"max_daily_loss": 0}}, "risk.max_daily_loss"),
        ({"risk": {"max_daily_loss": "a lot"}}, "risk.max_daily_loss"),
        ({"risk": {"risk_fraction": 0.5}}, "risk.risk_fraction"),
        ({"llm": {"daily_cap_usd": -1}}, "llm.daily_cap_usd"),
        ({"instances": [{"strategy": "momentum_scalping"}]}, "instances.0.symbol"),
        ({"instances": [{"strategy": "a", "symbol": "B", "mode": "real"}]}, "instances.0.mode"),
        ({"instances": [{"strategy": "a", "symbol": "B", "budget": 0}]}, "instances.0.budget"),
        ({"instances": [{"strategy": "a", "symbol": "B", "id": "a b"}]}, "instances.0.id"),
        ({"instruments": {"BTCUSDT": {"taker_fee": -0.1}}}, "instruments.BTCUSDT.taker_fee"),
    ],
)
def test_the_first_wrong_field_is_named_with_its_file(document: dict[str, Any], field: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        parse_config(document, Path("/etc/tradeloop.toml"))
    assert refused.value.field == field
    assert "/etc/tradeloop.toml" in str(refused.value)


def test_an_empty_file_runs_both_strategies_on_every_market_with_limits() -> None:
    config = parse_config({}, None)
    wanted = wanted_instances(config, [BITCOIN, ETHER], {})
    assert [instance.id for instance, _ in wanted] == [
        f"{strategy}.{symbol}"
        for symbol in ("BTCUSDT", "ETHUSDT")
        for strategy in ("momentum_scalping", "market_making")
    ]
    assert {instance.policy for instance, _ in wanted} == {Policy.REVIEW}
    limits = account_of(Decimal(10_000), config.risk).limits
    assert (limits.max_daily_loss, limits.max_drawdown, limits.max_consecutive_losses) == (0.03, 0.25, 8)


def test_an_instance_of_the_file_has_its_own_name_budget_policy_and_values() -> None:
    section = {
        "id": "fast",
        "strategy": "momentum_scalping",
        "symbol": "ETHUSDT",
        "budget": "2500.50",
        "policy": "observe",
        "mode": "shadow",
        "parameters": {"stop_loss": 0.009},
    }
    ((instance, values),) = wanted_instances(parse_config({"instances": [section]}, None), [BITCOIN, ETHER], {})
    assert (instance.id, instance.symbol, instance.budget) == ("fast", "ETHUSDT", Decimal("2500.50"))
    assert (instance.policy, instance.mode) == (Policy.OBSERVE, Mode.SHADOW)
    assert values["stop_loss"] == 0.009


def test_plugins_are_found_beside_the_file() -> None:
    config = parse_config({"strategies": ["mine.py", "/opt/theirs.py"]}, Path("/srv/tradeloop.toml"))
    assert config.strategies == (Path("/srv/mine.py"), Path("/opt/theirs.py"))
