"""The engine that speaks to Postgres: psycopg, UTC, time limits, and errors in our own words."""

import psycopg
from sqlalchemy import Engine, create_engine, event
from sqlalchemy.engine import URL, ExceptionContext, make_url
from sqlalchemy.exc import ArgumentError

from core.errors import InvalidInput, TradeloopError, Unavailable
from storage.documents import dumps

CONNECT_SECONDS = 5
STATEMENT_MS = 60_000
LOCK_MS = 10_000
IDLE_TRANSACTION_MS = 300_000


def sqlalchemy_url(database_url: str) -> URL:
    """`database_url` for psycopg; raises InvalidInput unless it names a Postgres."""
    try:
        url = make_url(database_url)
    except ArgumentError:
        url = None
    if url is None or url.get_backend_name() not in ("postgresql", "postgres"):
        raise InvalidInput(
            "The database URL is not one of Postgres.",
            field="database_url",
            remedy="Write postgresql://USER:PASSWORD@HOST:PORT/NAME.",
        )
    return url.set(drivername="postgresql+psycopg")


def create(database_url: str, *, pool_size: int = 6, statement_ms: int = STATEMENT_MS) -> Engine:
    """An engine; it connects when it is first used. At most `pool_size` + 4 connections are open at a time."""
    limits = f"-c statement_timeout={statement_ms} -c lock_timeout={LOCK_MS}"
    session = f"-c timezone=UTC {limits} -c idle_in_transaction_session_timeout={IDLE_TRANSACTION_MS}"
    engine = create_engine(
        sqlalchemy_url(database_url),
        pool_size=pool_size,
        max_overflow=4,
        pool_timeout=CONNECT_SECONDS,
        pool_pre_ping=True,
        json_serializer=dumps,
        connect_args={"options": session, "connect_timeout": CONNECT_SECONDS, "application_name": "tradeloop"},
    )
    event.listen(engine, "handle_error", _translate)
    return engine


def in_our_words(error: BaseException | None) -> TradeloopError | None:
    """What a driver's error is for us: a lost or busy database is Unavailable, a value that it cannot hold (a NUL in a
    text, half a surrogate pair, a number out of range) InvalidInput; None for a mistake of our own."""
    match error:
        case TradeloopError():
            return error
        case psycopg.OperationalError():
            return Unavailable(f"Postgres did not answer: {str(error).strip()}.", remedy="Try again.")
        case psycopg.DataError() | UnicodeEncodeError():
            return InvalidInput(f"A value cannot be stored: {str(error).splitlines()[0]}.", remedy="Send another one.")
    return None


def _translate(context: ExceptionContext) -> TradeloopError | None:
    if not isinstance(context.original_exception, Exception):
        return None  # somebody asked this process to stop
    if context.is_disconnect:
        return Unavailable("The connection to Postgres was lost.", remedy="Try again.")
    return in_our_words(context.original_exception)
