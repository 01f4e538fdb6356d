"""Batches that are written together."""

from storage.journal_batch import JournalBatch, merged
from tests.support.rows import batch, decision, renamed, state


def test_merging_keeps_every_row_in_order_and_the_last_state_of_each_instance() -> None:
    other = renamed(batch(1), "other")
    together = merged([batch(1, 2), other, batch(3)])
    assert [row.seq for row in together.decisions] == [1, 2, 1, 3]
    assert [(row.instance_id, row.seq) for row in together.trades][2] == ("other", 1)
    assert list(together.states) == [state(3), *other.states]


def test_a_batch_is_as_long_as_the_rows_it_writes() -> None:
    assert len(batch(1, 2)) == 9
    assert len(JournalBatch(decisions=[decision(1)])) == 1
    assert len(merged([])) == 0
