"""Transactions from the outside: how they end."""

import signal

import pytest
from sqlalchemy import text

from core.errors import Unavailable
from storage.stores import Stores

pytestmark = pytest.mark.integration


def test_a_process_that_is_asked_to_stop_in_the_middle_of_a_statement_stops(db: Stores) -> None:
    """It is not told that the connection was lost, which it would survive."""

    def leave(*_: object) -> None:
        raise SystemExit(0)

    before = signal.signal(signal.SIGALRM, leave)
    signal.setitimer(signal.ITIMER_REAL, 0.3)
    with pytest.raises(SystemExit), db.begin() as tx:
        tx.connection.execute(text("SELECT pg_sleep(5)"))
    signal.signal(signal.SIGALRM, before)


def test_a_connection_that_is_cut_is_unavailable_and_the_next_one_works(db: Stores) -> None:
    with pytest.raises(Unavailable), db.begin() as tx:
        tx.connection.execute(text("SELECT pg_terminate_backend(pg_backend_pid())"))
    with db.begin() as tx:
        assert tx.connection.execute(text("SELECT 1")).scalar_one() == 1
