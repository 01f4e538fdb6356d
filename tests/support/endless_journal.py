"""A program that journals one batch after the other until it is killed: `python -m tests.support.endless_journal URL`.

It goes on where the stored state stands, as a trader does.
"""

import itertools
import sys

from storage.journal_writer import JournalWriter
from storage.stores import Stores
from tests.support.rows import batch, instance


def main(database_url: str) -> None:
    stores = Stores(database_url, "unix:///nowhere/redis.sock")
    with stores.begin() as tx:
        state = tx.journal.state(instance().id)
    writer = JournalWriter(stores, limit=5_000)
    sys.stdout.write("writing\n")
    sys.stdout.flush()
    for seq in itertools.count(state.summary["position"] + 1 if state else 1):
        writer.submit(batch(seq))


if __name__ == "__main__":
    main(sys.argv[1])
