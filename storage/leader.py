"""One leader among the workers of a database: a Postgres advisory lock on a connection of its own."""

from sqlalchemy import Connection, text

from core.errors import Unavailable
from storage import database
from storage.locks import AdvisoryLock


class Leadership:
    """Held as long as its connection lives; a leader that dies frees it at once. Needs a direct session."""

    def __init__(self, database_url: str) -> None:
        self._engine = database.create(database_url, pool_size=1)
        self._connection: Connection | None = None

    def held(self) -> bool:
        """Whether this process leads now; takes the lead where nobody has it."""
        try:
            return self._still_held() if self._connection is not None else self._taken()
        except Unavailable:
            self._let_go()
            return False

    def close(self) -> None:
        """Give the lead up."""
        self._let_go()
        self._engine.dispose()

    def _taken(self) -> bool:
        connection = self._engine.connect().execution_options(isolation_level="AUTOCOMMIT")
        if connection.execute(text("SELECT pg_try_advisory_lock(:key)"), {"key": AdvisoryLock.LEADERSHIP}).scalar_one():
            self._connection = connection
            return True
        connection.close()
        return False

    def _still_held(self) -> bool:
        if self._connection is not None:
            self._connection.execute(text("SELECT 1"))
        return self._connection is not None

    def _let_go(self) -> None:
        if self._connection is not None:
            self._connection.invalidate()
            self._connection.close()
            self._connection = None
