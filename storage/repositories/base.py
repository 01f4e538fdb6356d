"""What all repositories share: the connection of their transaction."""

from collections.abc import Sequence
from typing import Any, TypeVar

from sqlalchemy import Connection, Executable, Row

Record = TypeVar("Record")


def built(kind: type[Record], row: Row[Any]) -> Record:
    """The dataclass whose fields are named like the columns of `row`."""
    return kind(**row._mapping)


class Repository:
    """Reads and writes one noun inside the transaction of `connection`."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def _all(self, statement: Executable) -> Sequence[Row[Any]]:
        return self._connection.execute(statement).all()

    def _first(self, statement: Executable) -> Row[Any] | None:
        return self._connection.execute(statement).first()

    def _changes(self, statement: Executable) -> bool:
        """Whether the statement changed a row."""
        return self._connection.execute(statement, execution_options={"preserve_rowcount": True}).rowcount > 0
