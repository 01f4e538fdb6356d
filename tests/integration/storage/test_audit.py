"""The audit chain: whole while nobody touches it, broken at the row that was touched."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import text

from storage.stores import Stores
from tests.support.rows import NOON

pytestmark = pytest.mark.integration


def append(stores: Stores, count: int) -> None:
    for number in range(count):
        with stores.begin() as tx:
            tx.audit.append(
                "anna", "approve", f"p{number}", {"rate": 1e22, "zero": -0.0, "at": NOON, "이름": ["é"]}, NOON
            )


def test_threads_that_append_at_once_make_one_whole_chain(db: Stores) -> None:
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda _: append(db, 10), range(4)))
    with db.begin() as tx:
        assert tx.audit.verify() == (True, None)
        newest = tx.audit.list(limit=2)
    assert [row.id for row in newest] == [40, 39]
    assert newest[0].previous_hash == newest[1].hash


@pytest.mark.parametrize(
    ("attack", "first_bad"),
    [
        ("UPDATE audit_log SET actor = 'bob' WHERE id = 3", 3),
        ("UPDATE audit_log SET detail = '{}' WHERE id = 1", 1),
        ("UPDATE audit_log SET at = at + interval '1 microsecond' WHERE id = 5", 5),
        ("DELETE FROM audit_log WHERE id = 2", 2),
        ("DELETE FROM audit_log WHERE id = 1", 1),
        ("UPDATE audit_log SET id = CASE id WHEN 2 THEN 90 ELSE 91 END WHERE id IN (2, 3)", 2),
    ],
)
def test_tampering_is_found_at_its_first_row(db: Stores, attack: str, first_bad: int) -> None:
    append(db, 5)
    with db.begin() as tx:
        assert tx.audit.verify() == (True, None)
        tx.connection.execute(text(attack))
        assert tx.audit.verify() == (False, first_bad)


def test_an_empty_log_is_whole(db: Stores) -> None:
    with db.begin() as tx:
        assert tx.audit.verify() == (True, None)
