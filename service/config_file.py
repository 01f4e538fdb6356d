"""`tradeloop.toml`: what runs, with which budget and limits. It seeds an instance once; then Postgres wins."""

from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from core.errors import InvalidInput
from core.trading import Mode, Policy


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class RiskSection(_Section):
    """Limits that no proposal can reach. Fractions are of an instance's budget."""

    risk_fraction: float = Field(0.01, gt=0, le=0.1)
    max_notional_fraction: float = Field(1.0, gt=0, le=10)
    max_daily_loss: float = Field(0.03, gt=0, le=1)
    max_drawdown: float = Field(0.25, gt=0, le=1)
    max_consecutive_losses: int = Field(8, ge=1)
    pause_bars: int = Field(240, ge=1)
    max_orders_per_hour: int = Field(60, ge=1)
    volume_share: float = Field(0.1, gt=0, le=1)


class LlmSection(_Section):
    """Spending caps in USD; hard stops, not warnings."""

    daily_cap_usd: Decimal = Field(Decimal(1), ge=0)
    monthly_cap_usd: Decimal = Field(Decimal(20), ge=0)
    job_cap_usd: Decimal = Field(Decimal("0.25"), ge=0)


class InstrumentSection(_Section):
    """Overrides of one symbol's trading rules."""

    price_step: Decimal | None = Field(None, ge=0)
    quantity_step: Decimal | None = Field(None, ge=0)
    min_quantity: Decimal | None = Field(None, ge=0)
    min_notional: Decimal | None = Field(None, ge=0)
    maker_fee: Decimal | None = None
    taker_fee: Decimal | None = Field(None, ge=0)
    slippage: Decimal | None = Field(None, ge=0)


class InstanceSection(_Section):
    """One strategy instance to seed."""

    strategy: str
    symbol: str
    venue: str | None = None
    id: str | None = Field(None, pattern=r"^[A-Za-z0-9_.~-]{1,64}$")
    budget: Decimal = Field(Decimal(10_000), gt=0)
    mode: Mode = Mode.PAPER
    policy: Policy = Policy.REVIEW
    parameters: dict[str, float] = Field(default_factory=dict)


class ConfigFile(_Section):
    """The whole file; every section may be left out."""

    strategies: tuple[Path, ...] = ()
    risk: RiskSection = RiskSection()
    llm: LlmSection = LlmSection()
    instruments: dict[str, InstrumentSection] = Field(default_factory=dict)
    instances: tuple[InstanceSection, ...] = ()


def parse_config(document: Mapping[str, Any], path: Path | None) -> ConfigFile:
    """Validate the parsed TOML; raises InvalidInput naming the first wrong field and what it should be."""
    try:
        config = ConfigFile.model_validate(document)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        field = ".".join(str(part) for part in first["loc"])
        raise InvalidInput(
            f"{path or 'tradeloop.toml'}: {field}: {first['msg']}.", field=field, remedy="See docs/settings.md."
        ) from error
    if path is None:
        return config
    return config.model_copy(update={"strategies": tuple(path.parent / plugin for plugin in config.strategies)})
