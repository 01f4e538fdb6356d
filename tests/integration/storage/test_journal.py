"""The journal: complete, idempotent, and never apart from the state."""

import math
from dataclasses import fields, replace
from typing import Any

import pytest
from sqlalchemy import Table, func, select

from core.errors import BadData, NotFound
from storage.journal_batch import JournalBatch
from storage.repositories.journal import LastSeqs
from storage.schema import decisions, fills, orders, trades
from storage.stores import Stores
from tests.support.rows import batch, decision, fill, instance, order, renamed, state, trade

pytestmark = pytest.mark.integration
ID = instance().id


def write(stores: Stores, made: JournalBatch, *, durable: bool = True) -> None:
    with stores.begin(durable=durable) as tx:
        tx.journal.write(made)


def counts(stores: Stores) -> list[int]:
    with stores.begin() as tx:
        tables = (decisions, orders, fills, trades)
        return [tx.connection.scalar(select(func.count()).select_from(table)) or 0 for table in tables]


@pytest.mark.parametrize(
    ("table", "row"), [(decisions, decision(1)), (orders, order(1)), (fills, fill(1)), (trades, trade(1))]
)
def test_every_field_comes_back_as_it_went_in(seeded: Stores, table: Table, row: Any) -> None:
    write(seeded, batch(1))
    with seeded.begin() as tx:
        stored = tx.connection.execute(select(table)).one()
    for field in fields(row):
        assert getattr(stored, field.name) == getattr(row, field.name), field.name


def test_trades_carry_the_market_of_their_instance(seeded: Stores) -> None:
    write(seeded, batch(1))
    with seeded.begin() as tx:
        row = tx.connection.execute(select(trades.c.strategy, trades.c.venue, trades.c.symbol)).one()
    assert tuple(row) == ("momentum_scalping", "binance_usdm", "BTCUSDT")
    with pytest.raises(NotFound, match="nobody"):
        write(seeded, renamed(batch(2), "nobody"))


@pytest.mark.parametrize("rows", [3, 600])
def test_writing_again_changes_nothing(seeded: Stores, rows: int) -> None:
    write(seeded, batch(*range(1, rows + 1)), durable=False)
    write(seeded, batch(*range(1, rows + 2)))
    assert counts(seeded) == [rows + 1] * 4


def test_an_instance_goes_on_where_its_state_and_numbers_stand(seeded: Stores) -> None:
    with seeded.begin() as tx:
        assert tx.journal.state(ID) is None
        assert tx.journal.last_seqs(ID) == LastSeqs(0, 0, 0, 0)
    write(seeded, batch(1, 2))
    write(seeded, JournalBatch(decisions=[decision(3)], states=[state(3)]))
    with seeded.begin() as tx:
        assert tx.journal.state(ID) == state(3)
        assert tx.journal.last_seqs(ID) == LastSeqs(3, 2, 2, 2)


def test_a_nan_in_a_context_is_refused_and_nothing_of_the_batch_stays(seeded: Stores) -> None:
    spoilt = replace(trade(2), entry_context={"rsi": math.nan})
    with pytest.raises(BadData):
        write(seeded, JournalBatch(decisions=[decision(1)], trades=[spoilt], states=[state(1)]))
    assert counts(seeded) == [0, 0, 0, 0]
    with seeded.begin() as tx:
        assert tx.journal.state(ID) is None
