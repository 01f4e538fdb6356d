"""An API application for tests, and a client that carries a key."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from api.app import create_app
from api.config import ApiConfig
from core.clock import Clock
from core.parameters import Declaration
from core.trading import StrategyInstance
from execution.safety import KillSwitch
from feedback.approval import Approvals
from storage.journal_batch import JournalBatch
from storage.stores import Stores
from strategies import registry

#: Stores that nobody answers for: enough for what is refused before anything is read.
UNREACHABLE = Stores("postgresql://nobody@127.0.0.1:1/none", "redis://127.0.0.1:1")

#: What a runner says of itself (execution.runner.InstanceRunner.summary).
SUMMARY = {
    "equity": 10_012.5,
    "budget": 10_000.0,
    "quantity": -0.25,
    "entry_price": 64_000.0,
    "stop": 64_640.0,
    "target": None,
    "open_quotes": 2,
    "version": 1,
    "entries_allowed": True,
}

FIVE = ("latest_analysis", "suggested_adjustments", "pattern_alerts", "risk_warnings", "performance_prediction")


def declaration_of(instance: StrategyInstance) -> Declaration:
    return registry.get(instance.strategy).declaration


def config(home: Path, **changes: Any) -> ApiConfig:
    usual = ApiConfig(
        secret_key="k" * 32, reports_dir=home / "reports", logins_dir=home / "logins", version="0.1.0", language="en"
    )
    return replace(usual, **changes)


def application(stores: Stores, clock: Clock, home: Path, **changes: Any) -> Flask:
    """An application as `service` builds it, over `stores` and a home in `home`."""
    return create_app(
        config=config(home, **changes),
        stores=stores,
        clock=clock,
        approvals=Approvals(stores, clock, declaration_of),
        kill_switch=KillSwitch(home / "kill-switch.json"),
    )


def spoken(made: JournalBatch) -> JournalBatch:
    """The batch with states as a runner writes them."""
    return replace(made, states=[replace(state, summary=SUMMARY) for state in made.states])


@dataclass(frozen=True)
class Caller:
    """A client with one key."""

    client: FlaskClient
    key: str | None = None

    def get(self, path: str, **options: Any) -> TestResponse:
        return self.call("GET", path, **options)

    def post(self, path: str, body: Any = None, **options: Any) -> TestResponse:
        return self.call("POST", path, json=body, **options)

    def call(self, method: str, path: str, headers: Mapping[str, str] | None = None, **options: Any) -> TestResponse:
        carried = {"Authorization": f"Bearer {self.key}"} if self.key else {}
        return self.client.open(path, method=method, headers={**carried, **(headers or {})}, **options)
