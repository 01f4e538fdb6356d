"""What every route can reach: the stores, the clock and the ports that one application was built with."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import cast

from flask import Flask, current_app

from api.auth.one_time import OneTimeLogins
from api.auth.passwords import Passwords
from api.config import ApiConfig
from api.remembered import Remembered
from core.clock import Clock
from execution.safety import KillSwitch
from feedback.approval import Approvals
from storage.stores import Stores

EXTENSION = "tradeloop"


@dataclass(frozen=True, slots=True)
class ApiContext:
    """The parts of one application."""

    config: ApiConfig
    stores: Stores
    clock: Clock
    approvals: Approvals
    kill_switch: KillSwitch
    passwords: Passwords
    logins: OneTimeLogins
    insights: Remembered = field(default_factory=Remembered)

    def now(self) -> datetime:
        return self.clock.now()


def attach(app: Flask, context: ApiContext) -> None:
    app.extensions[EXTENSION] = context


def here() -> ApiContext:
    """The context of the application that answers the current request."""
    return cast(ApiContext, current_app.extensions[EXTENSION])
