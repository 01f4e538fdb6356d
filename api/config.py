"""What the API is told when it is built. It never reads the environment."""

from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Literal
from zoneinfo import ZoneInfo

Language = Literal["ko", "en"]
LOOPBACK_HOSTS = ("127.0.0.1", "localhost", "::1")


@dataclass(frozen=True, slots=True)
class ApiConfig:
    """Values for one API process.

    `secret_key` signs sessions and must be equal in all API processes of a home; `password_hash` is an argon2id hash
    (see api.auth.passwords). `trusted_hosts` are the host names, without port, that a request may name; empty trusts
    any. `feed` and `simulated` say what the numbers come from, wherever they are shown.
    """

    secret_key: str = field(repr=False)
    reports_dir: Path
    logins_dir: Path
    version: str
    feed: str = "simulated"
    simulated: bool = True
    language: Language = "ko"
    timezone: ZoneInfo = field(default_factory=lambda: ZoneInfo("Asia/Seoul"))
    password_hash: str | None = field(default=None, repr=False)
    trusted_hosts: tuple[str, ...] = LOOPBACK_HOSTS
    https: bool = False
    session_lifetime: timedelta = timedelta(hours=12)
    max_body_bytes: int = 256 * 1024
    reads_per_minute: int = 300_000
    writes_per_minute: int = 12_000
    read_only: bool = False
