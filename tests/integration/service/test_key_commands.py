"""Keys by the command line: made, listed, rotated with an overlap, revoked; every act in the audit log."""

import json
import logging
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import structlog
from click.testing import CliRunner

from service.commands import keys, kill_switch
from storage.stores import Stores

pytestmark = pytest.mark.integration

Run = Callable[..., Any]


@pytest.fixture
def run(database_url: str, redis_url: str, tmp_path: Path) -> Iterator[Run]:
    """Runs a command with --home and --json and returns its document."""
    environment = {"TRADELOOP_DATABASE_URL": database_url, "TRADELOOP_REDIS_URL": redis_url}

    def call(command: Any, *words: str, as_json: bool = True) -> Any:
        options = ["--home", str(tmp_path / "home"), *(["--json"] if as_json else [])]
        result = CliRunner(env=environment).invoke(command, [*words, *options], catch_exceptions=False)
        assert result.exit_code == 0, result.output
        return json.loads(result.stdout) if as_json else result.stdout

    handlers = logging.getLogger().handlers
    yield call
    structlog.reset_defaults()
    logging.getLogger().handlers = handlers


def test_a_key_is_rotated_with_an_overlap_and_the_list_shows_it(run: Run, database_url: str, redis_url: str) -> None:
    made = run(keys.command, "create", "--scope", "approve", "--name", "bot")
    new = run(keys.command, "rotate", made["id"], "--overlap-hours", "1")
    assert (new["replaces"], new["scopes"], new["key"] == made["key"]) == (made["id"], ["approve", "read"], False)
    listed = {row["id"]: row for row in run(keys.command, "list")}
    assert (listed[made["id"]]["status"], listed[made["id"]]["expires_at"] is None) == ("in force", False)
    assert (listed[new["id"]]["expires_at"], listed[new["id"]]["last_used_at"]) == (None, None)
    run(keys.command, "revoke", made["id"], as_json=False)
    shown = run(keys.command, "list", as_json=False)
    assert [line.split()[2] for line in shown.splitlines()] == ["revoked", "in"]
    assert made["key"] not in shown
    stores = Stores(database_url, redis_url)
    with stores.begin() as tx:
        assert [row.action for row in reversed(tx.audit.list())] == ["keys.create", "keys.rotate", "keys.revoke"]
        assert made["key"] not in str(tx.audit.list())
    stores.close()


def test_the_kill_switch_of_the_command_line_is_recorded_where_postgres_answers(
    run: Run, database_url: str, redis_url: str
) -> None:
    assert run(kill_switch.command, "on", "--reason", "smoke")["engaged"] is True
    assert run(kill_switch.command, "off")["engaged"] is False
    stores = Stores(database_url, redis_url)
    with stores.begin() as tx:
        rows = tx.audit.list()
        assert tx.audit.verify() == (True, None)
    stores.close()
    assert [(row.action, row.detail.get("reason")) for row in reversed(rows[:2])] == [
        ("kill_switch.activate", "smoke"),
        ("kill_switch.deactivate", None),
    ]
