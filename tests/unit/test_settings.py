"""Settings are parsed strictly, and every example, table and compose file agrees with them."""

import re
from decimal import Decimal
from pathlib import Path

import pytest
import yaml

from core.errors import InvalidInput, UnknownName
from core.trading import Policy
from service.cli import COMMANDS
from service.settings import SECRETS, VARIABLES, load_settings

ROOT = Path(__file__).parents[2]


def test_defaults_are_seoul_korean_and_loopback(tmp_path: Path) -> None:
    settings = load_settings(tmp_path, {})
    assert (settings.zone.key, settings.language, settings.host) == ("Asia/Seoul", "ko", "127.0.0.1")
    assert settings.llm.provider == "none"
    assert settings.llm.api_key is None


def test_language_is_english_outside_seoul_unless_said(tmp_path: Path) -> None:
    assert load_settings(tmp_path, {"TRADELOOP_TIMEZONE": "Europe/Berlin"}).language == "en"
    both = {"TRADELOOP_TIMEZONE": "Europe/Berlin", "TRADELOOP_LANG": "ko"}
    assert load_settings(tmp_path, both).language == "ko"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("TRADELOOP_LANG", "fr"),
        ("TRADELOOP_TIMEZONE", "Mars/Olympus"),
        ("TRADELOOP_LLM_PROVIDER", "deepsek"),
        ("TRADELOOP_CONFIG", "/nowhere/tradeloop.toml"),
    ],
)
def test_a_bad_value_names_its_variable(tmp_path: Path, name: str, value: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        load_settings(tmp_path, {name: value})
    assert name in (caught.value.field or "") or name in str(caught.value)


def test_a_misspelt_variable_is_warned_about_with_a_suggestion(tmp_path: Path) -> None:
    settings = load_settings(tmp_path, {"TRADELOOP_LANGUAGE": "ko"})
    assert settings.warnings == ("Unknown environment variable 'TRADELOOP_LANGUAGE'. Did you mean 'TRADELOOP_LANG'?",)


def test_a_secret_may_come_from_a_file_but_not_twice(tmp_path: Path) -> None:
    file = tmp_path / "key"
    file.write_text("sk-from-file\n")
    assert load_settings(tmp_path, {"DEEPSEEK_API_KEY_FILE": str(file)}).llm.api_key == "sk-from-file"
    with pytest.raises(InvalidInput, match="Both"):
        load_settings(tmp_path, {"DEEPSEEK_API_KEY_FILE": str(file), "DEEPSEEK_API_KEY": "sk-other"})


def test_secrets_do_not_show_in_the_representation(tmp_path: Path) -> None:
    environment = {name: f"canary-{name}" for name in SECRETS} | {"TRADELOOP_LLM_PROVIDER": "deepseek"}
    assert "canary-" not in repr(load_settings(tmp_path, environment))


def test_the_file_is_read_from_the_home_and_checked(tmp_path: Path) -> None:
    file = tmp_path / "tradeloop.toml"
    file.write_text(
        'strategies = ["mine.py"]\n[[instances]]\nstrategy = "mine"\nsymbol = "BTCUSDT"\npolicy = "observe"\n'
    )
    settings = load_settings(tmp_path, {})
    assert settings.config.strategies == (tmp_path / "mine.py",)
    assert settings.config.instances[0].policy is Policy.OBSERVE
    assert settings.config.instances[0].budget == Decimal(10_000)
    file.write_text("[risk]\nmax_daily_los = 0.1\n")
    with pytest.raises(InvalidInput, match=r"risk\.max_daily_los"):
        load_settings(tmp_path, {})


def test_the_environment_example_lists_every_variable() -> None:
    listed = set(re.findall(r"^([A-Z_]+)=", (ROOT / ".env.example").read_text(), re.MULTILINE))
    assert listed == set(VARIABLES)


def test_the_settings_page_lists_every_variable() -> None:
    page = (ROOT / "docs/settings.md").read_text()
    assert not [name for name in VARIABLES if f"`{name}`" not in page]


def test_compose_calls_commands_and_settings_that_exist() -> None:
    compose = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
    services = compose["services"]
    assert set(services) == {"postgres", "redis", "migrate", "trader", "worker", "api"}
    known = {*VARIABLES, *(f"{name}_FILE" for name in SECRETS)}
    for name in ("migrate", "trader", "worker", "api"):
        assert services[name]["command"][:2] == ["tradeloop", name]
        assert name in COMMANDS
        assert set(services[name]["environment"]) <= known
    assert services["api"]["ports"] == ["127.0.0.1:8000:8000"]
    for name in ("postgres", "redis", "trader", "worker", "api"):
        assert services[name]["healthcheck"]["test"]


def test_compose_holds_no_secret_of_its_own() -> None:
    compose = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
    assert all(set(secret) == {"file"} for secret in compose["secrets"].values())
    for service in compose["services"].values():
        for name, value in service.get("environment", {}).items():
            assert "PASSWORD" not in name or value.startswith("/run/secrets/")


def test_an_unknown_provider_is_suggested(tmp_path: Path) -> None:
    with pytest.raises(UnknownName, match="Did you mean 'deepseek'"):
        load_settings(tmp_path, {"TRADELOOP_LLM_PROVIDER": "deepsek"})
