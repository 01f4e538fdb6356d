"""The journal: bars and everything that instances did. Partitioned by month on the column that reviews ask by.

Rows are named by (instance, seq): the sequence continues over restarts, so that writing a row again changes nothing.
The partition column is part of the key, as Postgres demands.
"""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Date,
    Double,
    Index,
    Integer,
    LargeBinary,
    SmallInteger,
    Table,
    Text,
    text,
)

from storage.schema.base import document, metadata, moment, money

bars = Table(
    "bars",
    metadata,
    Column("venue", Text, primary_key=True),
    Column("symbol", Text, primary_key=True),
    Column("bar_ms", Integer, primary_key=True),
    moment("opened_at", primary_key=True),
    Column("open", Double, nullable=False),
    Column("high", Double, nullable=False),
    Column("low", Double, nullable=False),
    Column("close", Double, nullable=False),
    Column("volume", Double, nullable=False),
    Column("funding_rate", Double),
    Column("simulated", Boolean, nullable=False, server_default="false"),
    Index("ix_bars_funding", "venue", "symbol", "opened_at", postgresql_where=text("funding_rate IS NOT NULL")),
    postgresql_partition_by="RANGE (opened_at)",
)

market_context = Table(
    "market_context",
    metadata,
    Column("source", Text, primary_key=True),
    Column("name", Text, primary_key=True),
    moment("as_of", primary_key=True),
    Column("value", Double),
    document("detail", nullable=True),
    moment("received_at"),
)

decisions = Table(
    "decisions",
    metadata,
    Column("instance_id", Text, primary_key=True),
    Column("seq", BigInteger, primary_key=True),
    moment("at", primary_key=True),
    Column("kind", SmallInteger, nullable=False),
    Column("side", SmallInteger, nullable=False),
    Column("strength", Double, nullable=False),
    Column("fate", SmallInteger, nullable=False),
    Column("reason", SmallInteger, nullable=False),
    money("price"),
    Column("version", Integer, nullable=False),
    document("context"),
    Index(None, "at"),
    postgresql_partition_by="RANGE (at)",
)

orders = Table(
    "orders",
    metadata,
    Column("instance_id", Text, primary_key=True),
    Column("seq", BigInteger, primary_key=True),
    moment("at", primary_key=True),
    Column("side", SmallInteger, nullable=False),
    Column("kind", Text, nullable=False),
    money("quantity"),
    money("price", nullable=True),
    Column("status", Text, nullable=False),
    Column("decision_seq", BigInteger),
    Column("version", Integer, nullable=False),
    Index(None, "at"),
    postgresql_partition_by="RANGE (at)",
)

fills = Table(
    "fills",
    metadata,
    Column("instance_id", Text, primary_key=True),
    Column("seq", BigInteger, primary_key=True),
    moment("at", primary_key=True),
    Column("side", SmallInteger, nullable=False),
    money("quantity"),
    money("price"),
    money("fee"),
    money("slippage"),
    Column("maker", Boolean, nullable=False),
    Column("order_seq", BigInteger, nullable=False),
    Column("version", Integer, nullable=False),
    Index(None, "at"),
    postgresql_partition_by="RANGE (at)",
)

trades = Table(
    "trades",
    metadata,
    Column("instance_id", Text, primary_key=True),
    Column("seq", BigInteger, primary_key=True),
    moment("closed_at", primary_key=True),
    Column("strategy", Text, nullable=False),
    Column("venue", Text, nullable=False),
    Column("symbol", Text, nullable=False),
    Column("side", SmallInteger, nullable=False),
    money("quantity"),
    moment("opened_at"),
    money("entry_price"),
    money("exit_price"),
    money("gross_pnl"),
    money("fees"),
    money("funding"),
    money("slippage"),
    money("pnl"),
    Column("mae", Double, nullable=False),
    Column("mfe", Double, nullable=False),
    Column("bars_held", Integer, nullable=False),
    Column("exit_reason", SmallInteger, nullable=False),
    Column("strength", Double, nullable=False),
    Column("regime", Text, nullable=False),
    Column("decision_seq", BigInteger),
    Column("entry_version", Integer, nullable=False),
    Column("exit_version", Integer, nullable=False),
    document("entry_context"),
    document("exit_context"),
    document("execution"),
    Column("source", Text, nullable=False),
    Column("client_trade_id", Text),
    Index("ix_trades_closed_at_covering", "closed_at", postgresql_include=["strategy", "instance_id", "regime", "pnl"]),
    Index(None, "instance_id", "closed_at"),
    Index(
        "ix_trades_client_trade_id",
        "instance_id",
        "client_trade_id",
        postgresql_where=text("client_trade_id IS NOT NULL"),
    ),
    postgresql_partition_by="RANGE (closed_at)",
)

equity = Table(
    "equity",
    metadata,
    Column("instance_id", Text, primary_key=True),
    Column("twin", Text, primary_key=True, server_default="journal"),
    Column("day", Date, primary_key=True),
    money("net_pnl"),
    money("fees"),
    money("funding"),
    Column("trades", Integer, nullable=False),
    money("closing_equity"),
    Column("max_drawdown", Double),
)

runner_states = Table(
    "runner_states",
    metadata,
    Column("instance_id", Text, primary_key=True),
    moment("bar_at"),
    Column("version", Integer, nullable=False),
    document("summary"),
    Column("state", LargeBinary, nullable=False),
    moment("updated_at"),
)
