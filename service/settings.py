"""Settings: `tradeloop.toml` and the environment, parsed once, strictly and loudly. Nothing else reads either."""

import os
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from core.errors import InvalidInput, UnknownName
from service.config_file import ConfigFile, parse_config

Language = Literal["ko", "en"]
Provider = Literal["deepseek", "openai", "anthropic", "none"]
PROVIDERS: Mapping[str, Provider] = {
    "deepseek": "deepseek",
    "openai": "openai",
    "anthropic": "anthropic",
    "none": "none",
}

#: Every environment variable that Tradeloop reads, with its help. Secrets may also come from NAME_FILE.
VARIABLES: Mapping[str, str] = {
    "TRADELOOP_HOME": "Folder of the embedded servers' data, reports and logs (default .tradeloop)",
    "TRADELOOP_CONFIG": "Path of tradeloop.toml (default: in the current folder, then in the home)",
    "TRADELOOP_DATABASE_URL": "External Postgres, postgresql+psycopg://… (absent: embedded) [secret]",
    "TRADELOOP_REDIS_URL": "External Redis, redis://… (absent: embedded) [secret]",
    "DEEPSEEK_API_KEY": "Key of DeepSeek; without any key the reviews are written from the facts alone [secret]",
    "TRADELOOP_LLM_PROVIDER": "deepseek, openai, anthropic or none (default: deepseek with a key, else none)",
    "TRADELOOP_LLM_BASE_URL": "Base URL of the model's API",
    "TRADELOOP_LLM_MODEL": "Model name (default for deepseek: deepseek-flash)",
    "TRADELOOP_LLM_API_KEY": "Key of the openai or anthropic provider [secret]",
    "TRADELOOP_SLACK_WEBHOOK_URL": "Slack incoming webhook for reports and alerts [secret]",
    "TRADELOOP_TIMEZONE": "Time zone of days and jobs (default Asia/Seoul)",
    "TRADELOOP_LANG": "ko or en (default: ko in Asia/Seoul, else en)",
    "TRADELOOP_DASHBOARD_PASSWORD": "Password of the dashboard (absent: a one-time login is printed) [secret]",
    "TRADELOOP_HOST": "Address the API binds to (default 127.0.0.1)",
}
SECRETS = tuple(name for name, text in VARIABLES.items() if text.endswith("[secret]"))


@dataclass(frozen=True, slots=True)
class LlmSettings:
    """Which model writes the reviews; `api_key` None means that none does."""

    provider: Provider
    model: str | None
    base_url: str | None
    api_key: str | None = field(repr=False)
    daily_cap_usd: Decimal = Decimal(1)
    monthly_cap_usd: Decimal = Decimal(20)
    job_cap_usd: Decimal = Decimal("0.25")


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything a process needs to know; values only, no connections."""

    home: Path
    database_url: str | None = field(repr=False)
    redis_url: str | None = field(repr=False)
    llm: LlmSettings
    slack_webhook_url: str | None = field(repr=False)
    zone: ZoneInfo
    language: Language
    dashboard_password: str | None = field(repr=False)
    host: str
    config: ConfigFile
    config_path: Path | None
    warnings: tuple[str, ...] = ()

    @property
    def secrets(self) -> tuple[str, ...]:
        """Every secret value that is set, for redaction: of a URL also its password alone."""
        urls = (self.database_url, self.redis_url)
        values = (
            *urls,
            *(urlsplit(url).password for url in urls if url),
            self.llm.api_key,
            self.slack_webhook_url,
            self.dashboard_password,
        )
        return tuple(value for value in values if value)


def load_settings(home: Path | None = None, environment: Mapping[str, str] | None = None) -> Settings:
    """Read the environment and tradeloop.toml. Raises InvalidInput or UnknownName naming the variable or field."""
    variables = _Environment(os.environ if environment is None else environment)
    where = (home or Path(variables.get("TRADELOOP_HOME") or ".tradeloop")).absolute()
    path = _config_path(variables.get("TRADELOOP_CONFIG"), where)
    zone = _zone(variables.get("TRADELOOP_TIMEZONE") or "Asia/Seoul")
    config = parse_config(tomllib.loads(path.read_text()) if path else {}, path)
    return Settings(
        home=where,
        database_url=variables.get("TRADELOOP_DATABASE_URL"),
        redis_url=variables.get("TRADELOOP_REDIS_URL"),
        llm=_llm(variables, config),
        slack_webhook_url=variables.get("TRADELOOP_SLACK_WEBHOOK_URL"),
        zone=zone,
        language=_language(variables.get("TRADELOOP_LANG"), zone),
        dashboard_password=variables.get("TRADELOOP_DASHBOARD_PASSWORD"),
        host=variables.get("TRADELOOP_HOST") or "127.0.0.1",
        config=config,
        config_path=path,
        warnings=tuple(variables.unknown()),
    )


class _Environment:
    def __init__(self, variables: Mapping[str, str]) -> None:
        self._variables = variables

    def unknown(self) -> Iterator[str]:
        """A warning for each TRADELOOP_ variable that nothing reads: most often a misspelt one."""
        known = {*VARIABLES, *(f"{name}_FILE" for name in SECRETS)}
        for name in sorted(self._variables):
            if name.startswith("TRADELOOP_") and name not in known:
                yield str(UnknownName.among("environment variable", name, known))

    def get(self, name: str) -> str | None:
        """The value of `name`, or the content of the file that NAME_FILE points to; empty counts as absent."""
        value = self._variables.get(name, "").strip()
        file = self._variables.get(f"{name}_FILE", "").strip() if name in SECRETS else ""
        if value and file:
            raise InvalidInput(f"Both {name} and {name}_FILE are set.", field=name, remedy="Keep one of them.")
        if file:
            try:
                value = Path(file).read_text().strip()
            except OSError as error:
                raise InvalidInput(f"{name}_FILE cannot be read: {error.strerror}.", field=f"{name}_FILE") from error
        return value or None


def _config_path(named: str | None, home: Path) -> Path | None:
    if named:
        if not Path(named).is_file():
            raise InvalidInput(f"TRADELOOP_CONFIG names no file: {named}.", field="TRADELOOP_CONFIG")
        return Path(named).absolute()
    candidates = (Path("tradeloop.toml").absolute(), home / "tradeloop.toml")
    return next((path for path in candidates if path.is_file()), None)


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise InvalidInput(
            f"Unknown time zone {name!r}.", field="TRADELOOP_TIMEZONE", remedy="Use an IANA name such as Asia/Seoul."
        ) from error


def _language(named: str | None, zone: ZoneInfo) -> Language:
    if named is None:
        return "ko" if zone.key == "Asia/Seoul" else "en"
    if named == "ko":
        return "ko"
    if named == "en":
        return "en"
    raise InvalidInput(f"TRADELOOP_LANG is {named!r}.", field="TRADELOOP_LANG", remedy="Use ko or en.")


def _llm(variables: _Environment, config: ConfigFile) -> LlmSettings:
    deepseek_key = variables.get("DEEPSEEK_API_KEY")
    named = variables.get("TRADELOOP_LLM_PROVIDER") or ("deepseek" if deepseek_key else "none")
    if named not in PROVIDERS:
        raise UnknownName.among("TRADELOOP_LLM_PROVIDER", named, PROVIDERS)
    provider = PROVIDERS[named]
    key = deepseek_key if provider == "deepseek" else variables.get("TRADELOOP_LLM_API_KEY")
    model = variables.get("TRADELOOP_LLM_MODEL") or ("deepseek-flash" if provider == "deepseek" else None)
    if provider in ("openai", "anthropic") and not model:
        raise InvalidInput("The model has no name.", field="TRADELOOP_LLM_MODEL", remedy="Set TRADELOOP_LLM_MODEL.")
    caps = config.llm
    return LlmSettings(
        provider=provider,
        model=model,
        base_url=variables.get("TRADELOOP_LLM_BASE_URL"),
        api_key=None if provider == "none" else key,
        daily_cap_usd=caps.daily_cap_usd,
        monthly_cap_usd=caps.monthly_cap_usd,
        job_cap_usd=caps.job_cap_usd,
    )
